/**
 * Step 4: who waits for what. An item is one hash that is in question; callers who ask for the same one wait for the
 * same item instead of asking again. Callers of different groups never share one (`coalesce: 'call'`).
 *
 * Items are told apart by prefix when only prefixes are asked, else by full hash.
 */
import { judgeAnswer } from '../decide/answers.js';
import type { Answer, Fingerprint, FingerprintKind, HashAlgorithm } from '../../base/fingerprint.js';
import type { AskOutcome } from '../query-client.js';

/** Why nobody answered, from the least telling to the most. */
const reasons = ['unreachable', 'throttled', 'bad-answer', 'server-behind'] as const;
/** Why nobody answered. */
export type UnansweredReason = (typeof reasons)[number];

/** One caller who waits for one fingerprint. */
export interface Waiter {
  readonly fingerprint: Fingerprint;
  readonly minGeneration: number | undefined;
  /** Monotonic ms. */
  readonly holdEndsAtMs: number;
  readonly settle: (outcome: AskOutcome) => void;
  isBehind: boolean;
  fallback: { readonly answer: Answer; readonly from: string } | undefined;
}

/** How a caller stopped waiting: a question may go on after a hold, not after an abort. */
export type Departure = 'hold' | 'abort';

/** One hash in question. */
export interface Item {
  readonly kind: FingerprintKind;
  readonly algorithm: HashAlgorithm;
  readonly group: symbol | undefined;
  readonly key: string;
  /** Asked for its rating alone, of sources that rate. */
  readonly rating: boolean;
  /** The full hash of whoever asked first: with items told apart by prefix, others may have another one. */
  readonly hash: Uint8Array;
  readonly waiters: Set<Waiter>;
  /** Servers that have said all they can say about it. */
  readonly spent: Set<string>;
  attempts: number;
  reason: UnansweredReason;
  /** Whoever works on the item now is told that a caller joined or left. */
  onChange: (change: 'joined' | Departure) => void;
}

/** The items in question, by group and key. */
export interface Items {
  find(group: symbol | undefined, key: string): Item | undefined;
  add(item: Item): void;
  remove(item: Item): void;
}

/** No items yet. */
export function createItems(): Items {
  const groups = new Map<symbol | undefined, Map<string, Item>>();
  return {
    find: (group, key) => groups.get(group)?.get(key),
    add: (item) => {
      let items = groups.get(item.group);
      if (items === undefined) {
        items = new Map();
        groups.set(item.group, items);
      }
      items.set(item.key, item);
    },
    remove: (item) => {
      const items = groups.get(item.group);
      if (items?.get(item.key) === item) {
        items.delete(item.key);
      }
      if (items?.size === 0) {
        groups.delete(item.group);
      }
    },
  };
}

/** An item that nobody waits for yet. */
export function createItem(fingerprint: Fingerprint, key: string, of: Pick<Item, 'group' | 'rating'>): Item {
  return {
    kind: fingerprint.kind,
    algorithm: fingerprint.algorithm,
    group: of.group,
    rating: of.rating,
    key,
    hash: fingerprint.hash,
    waiters: new Set(),
    spent: new Set(),
    attempts: 0,
    reason: 'unreachable',
    onChange: () => undefined,
  };
}

/** A caller who has heard nothing yet. */
export function createWaiter(
  fingerprint: Fingerprint,
  more: Pick<Waiter, 'minGeneration' | 'holdEndsAtMs' | 'settle'>,
): Waiter {
  return { ...more, fingerprint, isBehind: false, fallback: undefined };
}

/** Notes why an item was not answered, unless something more telling is known. */
export function blame(item: Item, reason: UnansweredReason): void {
  if (reasons.indexOf(reason) > reasons.indexOf(item.reason)) {
    item.reason = reason;
  }
}

/** Settles every caller whom the answer settles. True when nobody is left who waits for more. */
export function giveAnswer(item: Item, answer: Answer, from: string): boolean {
  for (const waiter of item.waiters) {
    const worth = judgeAnswer(answer, waiter.fingerprint, waiter.minGeneration);
    if (worth === 'settles') {
      item.waiters.delete(waiter);
      waiter.settle({ kind: 'answered', answer, from });
      continue;
    }
    waiter.isBehind = true;
    if (worth === 'find' && (answer.generation ?? 0) > (waiter.fallback?.answer.generation ?? -1)) {
      waiter.fallback = { answer, from };
    }
  }
  return item.waiters.size === 0;
}

/** Ends the waiting of one caller, or of all, without an answer. */
export function giveUp(item: Item, waiters: Iterable<Waiter> = item.waiters): void {
  for (const waiter of waiters) {
    item.waiters.delete(waiter);
    waiter.settle({
      kind: 'unanswered',
      reason: waiter.isBehind ? 'server-behind' : item.reason,
      ...(waiter.fallback === undefined ? {} : { fallback: waiter.fallback }),
      attempts: item.attempts,
    });
  }
}
