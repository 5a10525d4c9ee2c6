/**
 * The quick haystack: 256 KiB of seeded text and bytes with 120 literals, the same on every machine. For tests; what
 * stands for packed files is random too, since zlib's output changes with its version.
 */
import { seededBytes, seededText } from '../../src/testing/workloads.js';
import { assemble } from './assemble.js';
import { blockBytes, type Haystack } from './haystack.js';

/** Takes some 50 ms. */
export function quickHaystack(): Haystack {
  const size = 24 * blockBytes;
  const bytes = (seed: number): Buffer => Buffer.from(seededBytes(seed, size));
  const text = (seed: number): Buffer => Buffer.from(seededText(seed, size));
  return assemble({
    contents: { program: bytes(1), script: text(2), text: text(3), gzip: bytes(4), random: bytes(6) },
    files: {},
    pools: { program: bytes(7), script: text(8), text: text(9), ordinary: Buffer.alloc(0) },
    literals: 120,
    planted: 60,
    seed: 10,
  });
}
