/**
 * Texts with `*` for any characters, matched in linear time: between its ends each piece is taken where it first
 * occurs, for taking it later never helps the pieces after it. JavaScript's own expressions have no bound on hostile
 * input.
 */

/** The literal pieces of a pattern, in order: `a*b` has two, `*a` an empty one and `a`. */
export function piecesOf(pattern: string): readonly string[] {
  return pattern.split('*');
}

/** Whether the whole text is one that the pattern describes. */
export function matchesWhole(pieces: readonly string[], text: string): boolean {
  const [first = ''] = pieces;
  const last = pieces.at(-1) ?? '';
  if (pieces.length === 1) {
    return text === first;
  }
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) {
    return false;
  }
  return occursInOrder(pieces.slice(1, -1), text.slice(first.length, text.length - last.length));
}

/** Whether the pattern describes some part of the text. */
export function occursInOrder(pieces: readonly string[], text: string): boolean {
  let at = 0;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found < 0) {
      return false;
    }
    at = found + piece.length;
  }
  return true;
}
