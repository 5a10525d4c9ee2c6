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
  /** Generation of the agent pattern that was run over the whole content and found nothing, where that is so. */
  readonly scannedBy?: number;
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
  /** As given with the first item. */
  readonly scannedBy?: number;
  /** One per locator (and one per subject without a locator), oldest first, at least one. */
  readonly items: readonly PendingItem[];
  /** Claims so far that ended without settling. */
  readonly attempts: number;
  /** Of these, the ones that the entry itself failed, not the servers: only they may set it aside. Absent when none. */
  readonly failures?: number;
  /** Epoch ms. */
  readonly firstAt: number;
  /** Not due before this instant (epoch ms). */
  readonly notBeforeAt: number;
  /** Set aside after too many failures: kept and listed, claimed only on request. */
  readonly dead: boolean;
  /** Its host was told that it waited for too long. Absent when it was not. */
  readonly escalated?: boolean;
  /**
   * In what `claim` gives: the name of that claim, for `intend`, `settle`, `release` and `renew`. Higher than those of
   * all earlier claims of the entry. Absent from queues that know none: nobody is fenced off there.
   */
  readonly claim?: number;
}

/** Options of a claim. */
export interface ClaimOptions {
  /** Entries at most. */
  readonly limit: number;
  /** A claim that is neither settled nor released within this time is void, and the entry due again. */
  readonly leaseMs: number;
  /**
   * `due` (default): whose time has come; `waiting`: also those whose time has not come (a server is back);
   * `dead`: also those that were set aside.
   */
  readonly include?: 'due' | 'waiting' | 'dead';
  /** Only entries flagged before this instant (epoch ms) that were not escalated yet. */
  readonly overdueBefore?: number;
}

/** What a claim that did not settle its entry comes to. */
export interface ReleaseOptions {
  /** Epoch ms. */
  readonly notBeforeAt: number;
  /** Sets the entry aside. False or absent on one that was set aside: it starts over, without attempts or failures. */
  readonly dead?: boolean;
  /** The entry itself failed (its remedy, its bytes), not the servers: counted in `failures`. */
  readonly failed?: boolean;
  /** The host has been told that it waited for too long: on record from then on, once and for all. */
  readonly escalated?: boolean;
  /** Given back in the name of this claim: once it is over, nothing happens. Absent: whoever has claimed it loses it. */
  readonly claim?: number;
}

/** How many entries are in which state; `orphaned` counts those of owners that are not `owner`. */
export interface PendingCounts {
  /** Could be claimed now. */
  readonly due: number;
  /** Neither claimed nor dead, and not due yet. Absent when none. */
  readonly waiting?: number;
  /** When the first of the waiting falls due (epoch ms). Absent when none is. */
  readonly nextAt?: number;
  readonly claimed: number;
  readonly dead: number;
  readonly orphaned: number;
}

/**
 * A bounded queue with leases. Every promise that resolves has been made as durable as `durability` says.
 *
 * Whoever takes too long may have lost its entry to another claimer. So every claim has a name (a fencing token): what
 * is done by a claim that is over is refused, and harms nobody. A claim is over when the entry was claimed again, given
 * back by `release`, adopted or settled; one whose lease ran out is good until then.
 */
export interface PendingQueue {
  readonly durability: 'process' | 'disk';
  /**
   * One element per subject, in order: `queued` with the id of its entry, or `refused` when the bounds are reached.
   * A subject whose owner, kind and key are there joins that entry; the same locator twice is one item, as long as
   * nothing was begun on that item: what turns up again after a remedy is a new item with an id of its own. Every
   * sighting brings a dead entry back to life. A subject that alone is too large for a record is refused as well.
   */
  enqueue(subjects: readonly NewPending[]): Promise<readonly Pending[]>;
  /**
   * Due entries of the owner, leased to the caller: oldest first, sites in turn. URLs of one site, all digests, and all
   * files of one scheme each wait in a line of their own, so that a flood in one does not keep the others waiting.
   */
  claim(owner: string, options: ClaimOptions): Promise<readonly PendingEntry[]>;
  /**
   * Journals that a remedy for an item is about to be carried out. Nothing happens where there is no such open item.
   * @throws VedetteError `claim-lost` where a claim is given and is over, or the item is no longer open: the remedy must
   * not be carried out.
   */
  intend(id: string, item: string, intent: Json, claim?: number): Promise<void>;
  /**
   * Journals what became of an item; the entry is settled when all its items are. True when it now is, by this call.
   * The first outcome stands; what is unknown or settled already is false, not an error.
   * @throws VedetteError `claim-lost` where a claim is given and is over, or the item is no longer open. Of what it has
   * begun itself (its `intend` was the last) a claim that is over still gives the outcome: nobody else knows it.
   */
  settle(id: string, item: string, outcome: Json, claim?: number): Promise<boolean>;
  /**
   * Gives a claim back unsettled: one attempt more, due at `notBeforeAt`, or set aside. Of an entry that is not
   * claimed it changes the rest. Unknown ids are passed over.
   */
  release(id: string, options: ReleaseOptions): Promise<void>;
  /**
   * Leases a claimed entry anew, for `leaseMs` from now. False when the claim is over. Nobody waits for the disk: leases
   * end with the process. A queue without it has leases of one length.
   */
  renew?(id: string, claim: number, leaseMs: number): Promise<boolean>;
  /** The entry, or undefined once it is settled (or never was). */
  find(id: string): Promise<PendingEntry | undefined>;
  /** All entries, oldest first. */
  list(): AsyncIterable<PendingEntry>;
  counts(owner: string): Promise<PendingCounts>;
  /**
   * Makes everything that `from` flagged and nobody has claimed the entries of `to`, to be checked from the beginning:
   * ids, items and intents stay. Gives their number. A queue without it has orphans for good.
   */
  adopt?(from: string, to: string): Promise<number>;
  close?(): Promise<void>;
}
