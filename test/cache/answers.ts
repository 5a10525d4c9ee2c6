/** Short ways to say a fingerprint, an answer and an entry in the tests of this room. */
import type { Answer, AnswerRecord, Fingerprint } from '../../src/base/fingerprint.js';
import type { Disposition } from '../../src/base/verdict.js';
import type { CacheEntry } from '../../src/cache/verdict-cache.js';

/** A SHA-256-sized hash: the first four bytes say `prefix`, the last says `tail`. */
export function hashOf(prefix: number, tail = 0): Uint8Array {
  const hash = new Uint8Array(32);
  new DataView(hash.buffer).setUint32(0, prefix);
  hash[31] = tail;
  return hash;
}

export function fileOf(prefix: number, tail = 0, size?: number): Fingerprint {
  return { kind: 'file', algorithm: 'sha256', hash: hashOf(prefix, tail), ...(size === undefined ? {} : { size }) };
}

export function prefixOf(prefix: number): Uint8Array {
  return hashOf(prefix).slice(0, 4);
}

export function recordOf(hash: Uint8Array, disposition: Disposition = 'malicious', size?: number): AnswerRecord {
  const threats = disposition === 'malicious' ? [{ name: 'Test.Thing', type: 'trojan' }] : [];
  return { hash, disposition, threats, ...(size === undefined ? {} : { size }) };
}

export interface AnswerFacts {
  readonly asked?: Uint8Array;
  readonly records?: readonly AnswerRecord[];
  readonly ttlMs?: number;
  readonly generation?: number | undefined;
}

/** An answer under prefix 1 that lists nothing, of no generation, good for a minute. */
export function answerOf(facts: AnswerFacts = {}): Answer {
  const { asked = prefixOf(1), records = [], ttlMs = 60_000, generation } = facts;
  return { asked, records, ttlMs, ...(generation === undefined ? {} : { generation }) };
}

export const start = 1_700_000_000_000;

/** An entry received at `start` and monotonic 0 by process `p` from a source of strength 4. */
export function entryOf(facts: AnswerFacts & Partial<Omit<CacheEntry, 'answer'>> = {}): CacheEntry {
  return {
    answer: answerOf(facts),
    from: facts.from ?? 'signed',
    strength: facts.strength ?? 4,
    receivedAt: facts.receivedAt ?? start,
    receivedMonotonicMs: facts.receivedMonotonicMs ?? 0,
    process: facts.process ?? 'p',
    ttlMs: facts.ttlMs ?? 60_000,
  };
}
