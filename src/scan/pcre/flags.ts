/**
 * The flags of a PCRE subsignature that change what the expression means. The others (`g` all matches, `r` rolling and
 * `e` encompass) say where and how often the caller is to search.
 */

/** Each is the PCRE option of the same letter in ClamAV's documentation. */
export interface ExpressionFlags {
  /** `i`: ASCII letters of both cases are equal. */
  readonly ignoreCase: boolean;
  /** `s`: the dot takes newlines too. */
  readonly dotAll: boolean;
  /** `m`: `^` and `$` hold at every line. */
  readonly multiLine: boolean;
  /** `x`: white space and comments in the pattern mean nothing. */
  readonly extended: boolean;
  /** `A`: a match begins where the search begins. */
  readonly anchored: boolean;
  /** `E`: `$` holds at the very end only, not before a final newline. */
  readonly dollarEndOnly: boolean;
  /** `U`: repeats are lazy, and greedy with `?`. */
  readonly ungreedy: boolean;
}

const letters: ReadonlyMap<string, keyof ExpressionFlags> = new Map([
  ['i', 'ignoreCase'],
  ['s', 'dotAll'],
  ['m', 'multiLine'],
  ['x', 'extended'],
  ['A', 'anchored'],
  ['E', 'dollarEndOnly'],
  ['U', 'ungreedy'],
]);

/** Reads flag letters; those that are not about the expression are returned for the caller to judge. */
export function readExpressionFlags(text: string): { readonly flags: ExpressionFlags; readonly others: string } {
  const found: Record<keyof ExpressionFlags, boolean> = {
    ignoreCase: false,
    dotAll: false,
    multiLine: false,
    extended: false,
    anchored: false,
    dollarEndOnly: false,
    ungreedy: false,
  };
  let others = '';
  for (const letter of text) {
    const name = letters.get(letter);
    if (name === undefined) {
      others += letter;
    } else {
      found[name] = true;
    }
  }
  return { flags: found, others };
}
