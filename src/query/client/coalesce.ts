/**
 * Step 4: who waits for what. An item is one hash that is in question; callers who ask for the same one wait for the
 * same item instead of asking again. Callers of different groups never share one (`coalesce: 'call'`).
 *
 * Items are told apart by prefix when only prefixes are asked, else by full hash. There may be hundreds to one call: what
 * is made for each of them is kept small, and what they have in common stands in their topic and their caller.
 */
import { toLatin1 } from '../../base/bytes.js';
import { prefixNumber } from '../../base/fingerprint.js';
import { judgeAnswer } from '../decide/answers.js';
import { Few } from './few.js';
import type { Answer, Fingerprint, FingerprintKind, HashAlgorithm } from '../../base/fingerprint.js';
import type { AskOutcome } from '../query-client.js';

/** Why nobody answered, from the least telling to the most. */
const reasons = ['unreachable', 'throttled', 'bad-answer', 'server-behind'] as const;
/** Why nobody answered. */
export type UnansweredReason = (typeof reasons)[number];

/** One call, as those who wait for it are seen. */
export interface Caller {
  readonly minGeneration: number | undefined;
  /** Monotonic ms. */
  readonly holdEndsAtMs: number;
  /** Given the outcome of each of its fingerprints, once. */
  settle(index: number, outcome: AskOutcome): void;
}

/** One caller who waits for one fingerprint. */
export class Waiter {
  readonly caller: Caller;
  /** Place among the caller's fingerprints. */
  readonly index: number;
  readonly fingerprint: Fingerprint;
  readonly item: Item;
  isBehind = false;
  fallback: { readonly answer: Answer; readonly from: string } | undefined = undefined;

  constructor(caller: Caller, index: number, of: { readonly fingerprint: Fingerprint; readonly item: Item }) {
    this.caller = caller;
    this.index = index;
    this.fingerprint = of.fingerprint;
    this.item = of.item;
  }
}

/** How a caller stopped waiting: a question may go on after a hold, not after an abort. */
export type Departure = 'hold' | 'abort';

/** Whoever works on an item now: told that a caller joined or left. */
export interface ItemWork {
  changed(item: Item, change: 'joined' | Departure): void;
}

/** What the items of one question have in common. */
export interface Topic {
  readonly group: symbol | undefined;
  readonly kind: FingerprintKind;
  readonly algorithm: HashAlgorithm;
  /** Asked for their rating alone, of sources that rate. */
  readonly rating: boolean;
  /** Those in question, by `itemKey`. */
  readonly items: Map<ItemKey, Item>;
}

/** Tells items of a topic apart. */
export type ItemKey = number | string;

/** The key of a hash: of its prefix a number, which V8 keeps without an object; else all of it. */
export function itemKey(hash: Uint8Array, byPrefix: boolean): ItemKey {
  return byPrefix ? prefixNumber(hash) | 0 : toLatin1(hash);
}

const nobody: ItemWork = { changed: () => undefined };

/** One hash in question, which nobody waits for yet. */
export class Item {
  readonly topic: Topic;
  readonly key: ItemKey;
  /** The full hash of whoever asked first: with items told apart by prefix, others may have another one. */
  readonly hash: Uint8Array;
  readonly waiters: Few<Waiter> = new Few();
  /** Servers that have said all they can say about it. */
  readonly spent: Few<string> = new Few();
  attempts = 0;
  reason: UnansweredReason = 'unreachable';
  work: ItemWork = nobody;
  /** False once nobody needs it any more. */
  isOpen = true;

  constructor(topic: Topic, key: ItemKey, hash: Uint8Array) {
    this.topic = topic;
    this.key = key;
    this.hash = hash;
  }
}

/** The items in question, by topic. */
export interface Items {
  /** The topic that there is, or one that there is from its first item on. */
  topic(of: Omit<Topic, 'items'>): Topic;
  add(item: Item): void;
  remove(item: Item): void;
}

/** No items yet. */
export function createItems(): Items {
  const groups = new Map<symbol | undefined, Topic[]>();
  return {
    topic({ group, kind, algorithm, rating }) {
      const known = groups.get(group)?.find((one) => one.kind === kind && one.algorithm === algorithm && one.rating === rating);
      return known ?? { group, kind, algorithm, rating, items: new Map() };
    },
    add(item) {
      const { topic, key } = item;
      if (topic.items.size === 0) {
        groups.set(topic.group, [...(groups.get(topic.group) ?? []), topic]);
      }
      topic.items.set(key, item);
    },
    remove(item) {
      const { topic, key } = item;
      if (topic.items.get(key) !== item) {
        return;
      }
      topic.items.delete(key);
      if (topic.items.size > 0) {
        return;
      }
      const left = groups.get(topic.group)?.filter((one) => one !== topic) ?? [];
      if (left.length === 0) {
        groups.delete(topic.group);
      } else {
        groups.set(topic.group, left);
      }
    },
  };
}

/** Notes why an item was not answered, unless something more telling is known. */
export function blame(item: Item, reason: UnansweredReason): void {
  if (reasons.indexOf(reason) > reasons.indexOf(item.reason)) {
    item.reason = reason;
  }
}

/** Settles every caller whom the answer settles. True when nobody is left who waits for more. */
export function giveAnswer(item: Item, answer: Answer, from: string): boolean {
  item.waiters.forEach((waiter) => {
    const { caller } = waiter;
    const worth = judgeAnswer(answer, waiter.fingerprint, caller.minGeneration);
    if (worth === 'settles') {
      item.waiters.delete(waiter);
      caller.settle(waiter.index, { kind: 'answered', answer, from });
      return;
    }
    waiter.isBehind = true;
    if (worth === 'find' && (answer.generation ?? 0) > (waiter.fallback?.answer.generation ?? -1)) {
      waiter.fallback = { answer, from };
    }
  });
  return item.waiters.size === 0;
}

/** Ends the waiting of all without an answer. */
export function giveUp(item: Item): void {
  item.waiters.forEach(giveUpWaiting);
}

/** Ends the waiting of one caller without an answer. */
export function giveUpWaiting(waiter: Waiter): void {
  const { item, caller, index, isBehind, fallback } = waiter;
  item.waiters.delete(waiter);
  caller.settle(index, {
    kind: 'unanswered',
    reason: isBehind ? 'server-behind' : item.reason,
    ...(fallback === undefined ? {} : { fallback }),
    attempts: item.attempts,
  });
}
