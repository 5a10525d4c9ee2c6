/** What cache engines are given: answers to be kept, and look-ups of which half are hits. */
import type { Answer, Fingerprint } from '../../src/base/fingerprint.js';
import { fingerprintKey, hashPrefix } from '../../src/base/fingerprint.js';
import type { CacheSlot } from '../../src/cache/verdict-cache.js';
import type { Probes } from './hashes.js';
import { seededHashes, seededProbes } from './hashes.js';

/** What is kept, and what is looked up. */
export interface CacheInput {
  /** Kept: one answer each, whose generation is its index and one. */
  readonly kept: readonly CacheItem[];
  /** Looked up; the listed ones are kept. */
  readonly probes: Probes;
  /** Keys of the probes. */
  readonly probeKeys: readonly string[];
}

/** One answer to be kept. */
export interface CacheItem {
  readonly fingerprint: Fingerprint;
  readonly answer: Answer;
  readonly key: string;
  readonly slot: CacheSlot;
}

/** `count` answers and twice as many look-ups. */
export function cacheInput(count: number): CacheInput {
  const hashes = seededHashes(11, count);
  const kept = hashes.map((hash, i) => itemOf({ kind: 'file', algorithm: 'sha256', hash }, i));
  const probes = seededProbes(12, { listed: hashes, count: 2 * count, listedShare: 0.5 });
  return { kept, probes, probeKeys: probes.fingerprints.map(keyOf) };
}

/** How gets and sets answer. */
export function cacheAnswer({ hits, sum }: { readonly hits: number; readonly sum: number }): string {
  return `${hits} kept (sum of generations ${sum})`;
}

/** The slot's key in every store. */
export function keyOf({ kind, algorithm, hash }: Fingerprint): string {
  return fingerprintKey(kind, algorithm, hashPrefix(hash));
}

/** Of all slots that are there: how many, and the sum of their generations. */
export function sumOf(slots: readonly (CacheSlot | undefined)[]): { hits: number; sum: number } {
  const kept = slots.filter((slot) => slot !== undefined);
  return { hits: kept.length, sum: kept.reduce((sum, slot) => sum + generationOf(slot), 0) };
}

/** The number by which a slot is known here. */
export function generationOf(slot: CacheSlot): number {
  return slot[0]?.answer.generation ?? 0;
}

/** As it is after an answer: one record, received now, good for an hour. */
function itemOf(fingerprint: Fingerprint, index: number): CacheItem {
  const { hash } = fingerprint;
  const record = { hash, disposition: 'malicious', threats: [{ name: 'Bench.Kept', type: 'trojan' }] } as const;
  const answer = { asked: hashPrefix(hash), records: [record], ttlMs: 3_600_000, generation: index + 1 };
  const received = { from: 'bench', strength: 4, receivedAt: Date.now(), receivedMonotonicMs: performance.now(), process: 'bench', ttlMs: answer.ttlMs };
  return { fingerprint, answer, key: keyOf(fingerprint), slot: [{ answer, ...received }] };
}
