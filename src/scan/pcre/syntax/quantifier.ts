/** Repeats: `*`, `+`, `?`, `{n,m}`, and whether they are greedy, lazy or possessive. */
import type { ExpressionNode } from './node.js';
import type { PatternReader } from './reader.js';
import { isDecimal } from './reader.js';

/** How often, and in which order of preference. */
export interface Quantifier {
  readonly min: number;
  readonly max: number;
  readonly mode: 'greedy' | 'lazy' | 'possessive';
}

const greatest = 65_535;
const signs: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['*', [0, Number.POSITIVE_INFINITY]],
  ['+', [1, Number.POSITIVE_INFINITY]],
  ['?', [0, 1]],
]);

/** Takes a quantifier where one stands here; a brace that is none is left as text. */
export function readQuantifier(reader: PatternReader, ungreedy: boolean): Quantifier | undefined {
  const range = signs.get(reader.peek()) ?? undefined;
  if (range !== undefined) {
    reader.next();
  }
  const [min, max] = range ?? readBraces(reader) ?? [];
  if (min === undefined || max === undefined) {
    return undefined;
  }
  if (reader.takes('+')) {
    return { min, max, mode: 'possessive' };
  }
  return { min, max, mode: reader.takes('?') === ungreedy ? 'greedy' : 'lazy' };
}

/** The node repeated. */
export function repeatOf(body: ExpressionNode, { min, max, mode }: Quantifier): ExpressionNode {
  if (body.kind === 'look') {
    return repeatedLook(body, { min, max, mode });
  }
  if (min === 1 && max === 1 && mode !== 'possessive') {
    return body;
  }
  const repeat: ExpressionNode = { kind: 'repeat', body, min, max, lazy: mode === 'lazy' };
  return mode === 'possessive' ? { kind: 'atomic', body: repeat } : repeat;
}

/** A look takes no bytes: once is as good as often. */
function repeatedLook(body: ExpressionNode, { min, max, mode }: Quantifier): ExpressionNode {
  if (max === 0) {
    return { kind: 'empty' };
  }
  return min > 0 ? body : repeatOf({ kind: 'sequence', items: [body] }, { min: 0, max: 1, mode });
}

function readBraces(reader: PatternReader): readonly [number, number] | undefined {
  const mark = reader.at;
  if (!reader.takes('{')) {
    return undefined;
  }
  const low = reader.takeWhile(isDecimal);
  const open = reader.takes(',');
  const high = open ? reader.takeWhile(isDecimal) : low;
  if (low === '' || !reader.takes('}')) {
    reader.at = mark;
    return undefined;
  }
  const min = Number(low);
  const max = high === '' ? Number.POSITIVE_INFINITY : Number(high);
  if (min > greatest || (max > greatest && high !== '') || max < min) {
    throw reader.fault(`the repeat {${low},${high}} is out of range`);
  }
  return [min, max];
}
