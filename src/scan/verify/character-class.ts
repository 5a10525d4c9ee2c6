/**
 * Character classes of bodies, as clamscan 1.4.6 takes them (docs/signature-semantics.md has the tables). At an end of a
 * part a class takes nothing: it looks at the byte beside the part, and the borders of the content count as boundaries.
 * Within a part it takes a byte, `(L)` two where a line ends with CR LF.
 */
import type { SignatureNode } from '../../pattern/signature.js';

/** A class, and on which side of its part it stands, if it does and looks there. A negated one never stands left. */
export type ClassNode = Extract<SignatureNode, { kind: 'class' }> & { readonly edge?: 'left' | 'right' };

/** Bytes of the content, in memory as far as a class may look. */
interface Bytes {
  readonly bytes: Uint8Array;
  /** The first index that is not part of the content. */
  readonly end: number;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
/** The two sides differ: a word is thought to begin after `<` or `.`, and to end before `>`, a quote or a line's end. */
const boundariesLeft: ReadonlySet<number> = new Set([...' -./<@_'].map((character) => character.charCodeAt(0)));
const boundariesRight: ReadonlySet<number> = new Set([...'\n\r "\'-/=>_'].map((character) => character.charCodeAt(0)));

/** True for ASCII letters and digits. */
export function isAlphanumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || ((byte & 0xdf) >= 0x41 && (byte & 0xdf) <= 0x5a);
}

/** True when the class holds beside a part: before its first byte at `at` (edge left), or behind its last one (edge right). */
export function holdsBeside(node: ClassNode, { bytes, end }: Bytes, at: number): boolean {
  if (node.edge === 'left' ? at === 0 : at >= end) {
    return !node.negated;
  }
  if (node.edge === 'left') {
    return isLeftOf(node, bytes[at - 1]!);
  }
  return isRightOf(node, bytes[at]!, at + 1 < end ? bytes[at + 1]! : undefined) !== node.negated;
}

/** How many bytes a class takes that begins at `at`: 1 or 2, 0 when it does not hold there. */
export function takenFrom(node: ClassNode, { bytes, end }: Bytes, at: number): number {
  if (at < 0 || at >= end) {
    return 0;
  }
  const byte = bytes[at]!;
  if (node.of === 'line-boundary' && !node.negated) {
    const isPair = byte === carriageReturn && at + 1 < end && bytes[at + 1] === lineFeed;
    return byte === lineFeed ? 1 : isPair ? 2 : 0;
  }
  return isWithin(node, byte) !== node.negated ? 1 : 0;
}

function isLeftOf({ of }: ClassNode, byte: number): boolean {
  switch (of) {
    case 'word-boundary':
      return boundariesLeft.has(byte);
    case 'line-boundary':
      return byte === lineFeed;
    case 'non-alphanumeric':
      return !isAlphanumeric(byte);
  }
}

function isRightOf({ of }: ClassNode, byte: number, next: number | undefined): boolean {
  switch (of) {
    case 'word-boundary':
      return boundariesRight.has(byte);
    case 'line-boundary':
      return byte === lineFeed || (byte === carriageReturn && next === lineFeed);
    case 'non-alphanumeric':
      return !isAlphanumeric(byte);
  }
}

function isWithin({ of }: ClassNode, byte: number): boolean {
  switch (of) {
    case 'word-boundary':
      return boundariesLeft.has(byte) || boundariesRight.has(byte);
    case 'line-boundary':
      return byte === lineFeed;
    case 'non-alphanumeric':
      return !isAlphanumeric(byte);
  }
}
