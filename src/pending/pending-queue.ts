/**
 * Step 5: subjects that nobody could verify. What `enqueue` acknowledged is kept until it is settled: over crashes
 * where the queue is on disk, over every kind of failure of the check itself (DESIGN rule 3).
 */
import type { Pending } from '../base/check-result.js';
import type { Fingerprint } from '../base/fingerprint.js';
import type { Json } from '../base/seams.js';
import type { SubjectInfo } from '../base/subject.js';
import type { Reason } from '../base/verdict.js';

/** One subject to be flagged. */
export interface NewPending {
  /** Engine that flagged it: only that engine's drain claims it. */
  readonly owner: string;
  readonly kind: 'file' | 'url' | 'digest';
  /** Equal keys are one entry: the SHA-256 of the content, or of the canonical URL, in hex. */
  readonly key: string;
  /** For URLs: the text, since it cannot be had back from a hash. */
  readonly url?: string;
  /** Asked again even when the object is gone or changed. */
  readonly fingerprints: readonly Fingerprint[];
  readonly reason: Reason;
  readonly subject: SubjectInfo;
}

/** One durable item: one place where the content was seen. */
export interface PendingItem {
  /** Unique in the queue: the idempotency key of its remedy. */
  readonly id: string;
  readonly subject: SubjectInfo;
  readonly at: number;
  /** An outcome was journalled: this item needs nothing more. */
  readonly outcome?: Json;
  /** A remedy was begun; without an outcome it is not known whether it was carried out. */
  readonly intent?: Json;
}

/** One question that is still open, with every place where its subject was seen. */
export interface PendingEntry {
  readonly id: string;
  readonly owner: string;
  readonly kind: 'file' | 'url' | 'digest';
  readonly key: string;
  readonly url?: string;
  readonly fingerprints: readonly Fingerprint[];
  readonly reason: Reason;
  /** One per locator (and one per subject without a locator), oldest first, at least one. */
  readonly items: readonly PendingItem[];
  /** Claims so far that ended without settling. */
  readonly attempts: number;
  /** Epoch ms. */
  readonly firstAt: number;
  /** Not due before this instant (epoch ms). */
  readonly notBeforeAt: number;
  /** Set aside after too many attempts: kept and listed, claimed only on request. */
  readonly dead: boolean;
}

/** Options of a claim. */
export interface ClaimOptions {
  /** Entries at most. */
  readonly limit: number;
  /** A claim that is neither settled nor released within this time is void, and the entry due again. */
  readonly leaseMs: number;
  /** Also entries that are not due yet or dead: an explicit drain. */
  readonly force?: boolean;
}

/** How many entries are in which state; `orphaned` counts those of owners that are not `owner`. */
export interface PendingCounts {
  readonly due: number;
  readonly claimed: number;
  readonly dead: number;
  readonly orphaned: number;
}

/** A bounded queue with leases. Every promise that resolves has been made as durable as `durability` says. */
export interface PendingQueue {
  readonly durability: 'process' | 'disk';
  /**
   * One element per subject, in order: `queued` with the id of its entry, or `refused` when the bounds are reached.
   * A subject whose key and owner are there joins that entry; the same locator twice is one item.
   */
  enqueue(subjects: readonly NewPending[]): Promise<readonly Pending[]>;
  /** Due entries of the owner, oldest first, leased to the caller. */
  claim(owner: string, options: ClaimOptions): Promise<readonly PendingEntry[]>;
  /** Journals that a remedy for an item is about to be carried out. */
  intend(id: string, item: string, intent: Json): Promise<void>;
  /** Journals what became of an item; the entry is settled when all its items are. True when it now is. */
  settle(id: string, item: string, outcome: Json): Promise<boolean>;
  /** Gives a claim back unsettled: one attempt more, due at `notBeforeAt`, or set aside. */
  release(id: string, options: { readonly notBeforeAt: number; readonly dead?: boolean }): Promise<void>;
  /** The entry, or undefined once it is settled (or never was). */
  find(id: string): Promise<PendingEntry | undefined>;
  /** All entries, oldest first. */
  list(): AsyncIterable<PendingEntry>;
  counts(owner: string): Promise<PendingCounts>;
  close?(): Promise<void>;
}
