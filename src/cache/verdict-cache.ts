/**
 * Step 3: where answers are kept. A `VerdictCache` is a plain bounded store of slots, so that a host can put any
 * store behind it in a few lines; which answer may be used and which may replace which is decided by the pure
 * functions in `freshness.ts`, the same for every store.
 */
import type { Answer } from '../base/fingerprint.js';
import type { SteadyClock } from './steady-clock.js';

/** One answer as it is kept. JSON-like data and bytes only: structured-cloneable. */
export interface CacheEntry {
  readonly answer: Answer;
  /** Id of the source that gave it. */
  readonly from: string;
  /** DESIGN rule 5: 4 signed direct, 3 signed statement, 2 foreign over HTTPS, 1 unsigned loopback. */
  readonly strength: number;
  /** Wall-clock instant (epoch ms) at which it was received. */
  readonly receivedAt: number;
  /** Monotonic instant of receipt and the process that it belongs to: a wrong wall clock must not extend a life. */
  readonly receivedMonotonicMs: number;
  readonly process: string;
  /** How long it may be used from its receipt, jitter and cap applied. */
  readonly ttlMs: number;
}

/** All that is kept about one prefix or full hash, strongest first, at most four entries. */
export type CacheSlot = readonly CacheEntry[];

/** A bounded store of slots by key. Losing a slot is allowed at any time; giving back another slot than was put is not. */
export interface VerdictCache {
  /** One element per key, in order. */
  get(keys: readonly string[]): readonly (CacheSlot | undefined)[] | Promise<readonly (CacheSlot | undefined)[]>;
  put(slots: readonly (readonly [key: string, slot: CacheSlot])[]): void | Promise<void>;
  forget(what: 'all' | readonly string[]): void | Promise<void>;
  close?(): Promise<void>;
  /** The clock by which its entries age, where they outlive the process. */
  readonly steady?: SteadyClock | undefined;
}
