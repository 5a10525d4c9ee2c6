/**
 * Literals as signatures have them: half from programs, a fifth from scripts and texts, the rest random (packed and
 * encrypted code looks like that). They come from other files than the haystack, and what stands in ordinary files too
 * is drawn again, as those who write signatures test them.
 */
import type { Random } from '../../src/base/seams.js';
import { occurringIn } from './window-table.js';

/** What literals are drawn from. */
export interface LiteralPools {
  readonly program: Buffer;
  readonly script: Buffer;
  readonly text: Buffer;
  /** Ordinary content: a literal that occurs in it is no good. */
  readonly ordinary: Buffer;
}

const minBytes = 8;
const maxBytes = 64;
/** Runs of zeros and the like are no signatures. */
const minDistinct = 6;

/** `count` different literals of 8 to 64 bytes. */
export function drawLiterals(pools: LiteralPools, count: number, random: Random): Buffer[] {
  const drawn = new Map<string, Buffer>();
  for (let round = 0; drawn.size < count && round < 100; round++) {
    const candidates = Array.from({ length: count - drawn.size }, () => drawOne(pools, random));
    const occurs = occurringIn(pools.ordinary, candidates);
    candidates.forEach((candidate, i) => {
      if (occurs[i] === false && new Set(candidate).size >= minDistinct) {
        drawn.set(candidate.toString('latin1'), candidate);
      }
    });
  }
  return [...drawn.values()];
}

function drawOne({ program, script, text }: LiteralPools, random: Random): Buffer {
  const length = minBytes + Math.floor(random() * (maxBytes - minBytes + 1));
  const choice = random();
  if (choice >= 0.7) {
    return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
  }
  const pool = choice < 0.5 ? program : choice < 0.6 ? script : text;
  const at = Math.floor(random() * (pool.length - length));
  return Buffer.from(pool.subarray(at, at + length));
}
