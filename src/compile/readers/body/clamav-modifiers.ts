/**
 * The modifiers `::i` and `::w` of logical signatures (docs.clamav.net, "Subsignature Modifiers"), settled while a body is
 * read, so that nothing behind the reader has to know of them. As observed of clamscan 1.4.6: `i` is for whole letters,
 * not for nibbles; `w` puts a zero behind every byte in two characters, in alternatives too, and leaves gaps as they are.
 */
import type { MaskedBytes, SignatureNode } from '../../../pattern/signature.js';

/** The mask of a letter in either case: all but the bit in which the cases differ. */
const eitherCase = 0xdf;

/** A node whose letters match in either case: upper-case letters under the mask df. */
export function caseless(node: SignatureNode): SignatureNode {
  switch (node.kind) {
    case 'bytes':
      return { kind: 'bytes', ...caselessBytes(node) };
    case 'alternatives':
      return { ...node, options: node.options.map(caselessBytes) };
    case 'gap':
    case 'class':
      return node;
  }
}

/** The text of a body with a zero byte behind every byte. */
export function widened(text: string): string {
  return text.replaceAll(/\{[^{}]*\}|\[[^[\]]*\]|\([BLW]\)|[0-9A-Fa-f?]{2}/g, (piece) => (/^[{[(]/.test(piece) ? piece : `${piece}00`));
}

function caselessBytes({ value, mask }: MaskedBytes): MaskedBytes {
  const isLetter = value.map((byte, i) => (mask[i] === 0xff && isAsciiLetter(byte) ? 1 : 0));
  return {
    value: value.map((byte, i) => (isLetter[i] === 1 ? byte & eitherCase : byte)),
    mask: mask.map((byte, i) => (isLetter[i] === 1 ? eitherCase : byte)),
  };
}

function isAsciiLetter(byte: number): boolean {
  const upper = byte & eitherCase;
  return upper >= 0x41 && upper <= 0x5a;
}
