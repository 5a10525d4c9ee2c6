/** The options that hold at a place of a pattern text; `(?i)` and its like change them up to the end of their group. */
import type { ExpressionFlags } from '../flags.js';
import type { PatternReader } from './reader.js';

/** Options in force. */
export interface Options {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly multiLine: boolean;
  readonly extended: boolean;
  /** White space in classes means nothing either. */
  readonly extendedClasses: boolean;
  readonly ungreedy: boolean;
  /** Plain parentheses do not capture. */
  readonly namedOnly: boolean;
  readonly sameNames: boolean;
  readonly dollarEndOnly: boolean;
}

/** The options with which an expression begins. */
export function optionsOf(flags: ExpressionFlags): Options {
  return { ...flags, extendedClasses: false, namedOnly: false, sameNames: false };
}

const letters: ReadonlyMap<string, readonly (keyof Options)[]> = new Map([
  ['i', ['ignoreCase']],
  ['s', ['dotAll']],
  ['m', ['multiLine']],
  ['x', ['extended']],
  ['n', ['namedOnly']],
  ['U', ['ungreedy']],
  ['J', ['sameNames']],
] as const);

/** Reads option letters up to the `)` or `:` that ends them, and takes neither. */
export function readOptions(reader: PatternReader, options: Options): Options {
  const changed: { -readonly [Name in keyof Options]: boolean } = { ...options };
  let value = true;
  const unset = reader.takes('^');
  if (unset) {
    Object.assign(changed, { ignoreCase: false, dotAll: false, multiLine: false, extended: false, extendedClasses: false, namedOnly: false });
  }
  while (reader.peek() !== ')' && reader.peek() !== ':') {
    const letter = reader.next();
    if (letter === '-' && value && !unset) {
      value = false;
      continue;
    }
    const names = letters.get(letter);
    if (names === undefined) {
      throw reader.fault(`"(?${letter}" is not a group that is supported`);
    }
    for (const name of names) {
      changed[name] = value;
    }
    if (letter === 'x') {
      changed.extendedClasses = value && reader.takes('x');
      reader.takes('x');
    }
  }
  return changed;
}
