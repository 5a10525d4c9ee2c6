/** The store that is damaged: some hundred slots and pages, each told by its number. */
import { join } from 'node:path';
import type { CacheSlot } from '../../../src/cache/verdict-cache.js';
import { openCaches } from '../../../src/node/caches/open-caches.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';

/** Slots, and as many pages. */
export const records = 300;

/** Where the undamaged store lies. */
export function dirOf(work: string): string {
  return join(work, 'clean');
}

/** What is kept under `key NUMBER`. */
export function contentsOf(number: number): { readonly slot: CacheSlot; readonly page: Uint8Array } {
  const random = createSeededRandom(number + 1);
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(random() * 256));
  const hash = bytes(32);
  const slot: CacheSlot = [
    {
      answer: { asked: hash.slice(0, 4), records: [{ hash, disposition: 'malicious', threats: [{ name: `T-${number}`, type: 'trojan' }] }], ttlMs: 60_000, generation: number },
      from: 'server', strength: 4, receivedAt: 1_700_000_000_000 + number, receivedMonotonicMs: number, process: 'p', ttlMs: 60_000,
    },
  ];
  return { slot, page: bytes(200 + (number % 7) * 900) };
}

/** Makes the store and closes it in order. */
export async function fillStore(work: string): Promise<void> {
  const caches = await openCaches({ dir: dirOf(work) });
  // In many transactions, so that there are free pages as well.
  for (let from = 0; from < records; from += 50) {
    const numbers = Array.from({ length: 50 }, (_, i) => from + i);
    await caches.verdicts.put(numbers.map((number) => [`key ${number}`, contentsOf(number).slot] as const));
    await caches.scans.put(numbers.map((number) => [`key ${number}`, contentsOf(number).page] as const));
  }
  await caches.close();
}
