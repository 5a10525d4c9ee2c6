/** Literals as signatures, and what has to be found of them in how much of a haystack. */
import { createHash } from 'node:crypto';
import type { ByteSignature } from '../../src/pattern/signature.js';

/** A signature for each literal, at any offset; named by its index. */
export function signaturesOf(literals: readonly Uint8Array[]): ByteSignature[] {
  return literals.map((value, i) => ({
    threat: { name: nameOf(i), type: 'trojan' },
    target: 0,
    offset: { kind: 'any' },
    nodes: [{ kind: 'bytes', value, mask: new Uint8Array(value.length).fill(0xff) }],
  }));
}

/** `Bench.00042`: sorted by name is sorted by index. */
export function nameOf(index: number): string {
  return `Bench.${String(index).padStart(5, '0')}`;
}

/** How a scan answers: how many signatures matched, and a digest over their names. */
export function answerOf(names: Iterable<string>): string {
  const unique = [...new Set(names)].sort();
  return `${unique.length} signatures (${createHash('sha256').update(unique.join('\n')).digest('hex').slice(0, 12)})`;
}
