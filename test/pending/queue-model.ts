/**
 * The pending queue as one would first write it: a list of plain objects, walked from end to end at every step. The
 * oracle of the property tests of both queues.
 */
import { toUtf8 } from '../../src/base/bytes.js';
import type { Pending } from '../../src/base/check-result.js';
import type { Json } from '../../src/base/seams.js';
import type { ClaimOptions, NewPending, PendingCounts, PendingEntry, ReleaseOptions } from '../../src/pending/pending-queue.js';
import { itemOverheadBytes } from '../../src/pending/queue-state.js';
import { packSubject } from '../../src/pending/subject-record.js';
import type { FakeClock } from '../../src/testing/doubles/fake-clock.js';

interface ModelItem {
  id: string;
  subject: NewPending;
  at: number;
  intent?: Json;
  begunBy?: number | undefined;
  outcome?: Json;
}

interface ModelEntry {
  id: string;
  owner: string;
  escalated: boolean;
  items: ModelItem[];
  attempts: number;
  failures: number;
  notBeforeAt: number;
  waitOverMono: number;
  dead: boolean;
  leaseUntil: number | undefined;
  /** The claim that has it, and the last one that had, since the process began. */
  claim?: number | undefined;
  lastClaim?: number | undefined;
}

export interface ModelOptions {
  readonly clock: FakeClock;
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly ids: () => string;
  readonly durability: 'process' | 'disk';
}

const day = 86_400_000;

export class QueueModel {
  entries: ModelEntry[] = [];
  readonly #options: ModelOptions;

  constructor(options: ModelOptions) {
    this.#options = options;
  }

  enqueue(subjects: readonly NewPending[]): Pending[] {
    return subjects.map((subject) => this.#enqueueOne(subject));
  }

  #enqueueOne(subject: NewPending): Pending {
    const { clock, ids, maxBytes, maxEntries, durability } = this.#options;
    const entry = this.entries.find((one) => one.owner === subject.owner && one.items[0]?.subject.kind === subject.kind && one.items[0].subject.key === subject.key);
    const { locator } = subject.subject;
    const twin = entry?.items.find(
      (item) => locator !== undefined && item.subject.subject.locator?.scheme === locator.scheme && item.subject.subject.locator.ref === locator.ref && item.intent === undefined && item.outcome === undefined,
    );
    if (entry !== undefined && twin !== undefined) {
      this.#revive(entry);
      return { kind: 'queued', id: entry.id, durability };
    }
    if ((entry === undefined && this.entries.length >= maxEntries) || this.bytes() + costOf(subject) > maxBytes) {
      return { kind: 'refused', code: 'pending-full' };
    }
    const target = entry ?? { id: ids(), owner: subject.owner, escalated: false, items: [], attempts: 0, failures: 0, notBeforeAt: clock.now(), waitOverMono: clock.monotonicMs(), dead: false, leaseUntil: undefined };
    if (entry === undefined) {
      this.entries.push(target);
    }
    target.items.push({ id: ids(), subject, at: clock.now() });
    this.#revive(target);
    return { kind: 'queued', id: target.id, durability };
  }

  #revive(entry: ModelEntry): void {
    const { clock } = this.#options;
    if (entry.dead) {
      Object.assign(entry, { attempts: 0, failures: 0, dead: false, notBeforeAt: clock.now(), waitOverMono: clock.monotonicMs() });
    }
  }

  /** Lanes of what could be claimed, oldest first: by the site of a URL, else by kind. */
  claimable(owner: string, { include = 'due', overdueBefore = Number.POSITIVE_INFINITY }: ClaimOptions): Map<string, string[]> {
    const states = { due: ['due'], waiting: ['due', 'waiting'], dead: ['due', 'waiting', 'dead'] }[include];
    const lanes = new Map<string, string[]>();
    for (const entry of this.entries) {
      const first = entry.items[0]!;
      const overdue = overdueBefore === Number.POSITIVE_INFINITY || (first.at < overdueBefore && !entry.escalated);
      if (entry.owner === owner && states.includes(this.#stateOf(entry)) && overdue) {
        const lane = first.subject.url === undefined ? first.subject.kind : new URL(first.subject.url).hostname;
        lanes.set(lane, [...(lanes.get(lane) ?? []), entry.id]);
      }
    }
    return lanes;
  }

  /** Leases what the queue has chosen: whose turn it was is the queue's to say. */
  claim(claims: readonly { readonly id: string; readonly claim?: number }[], leaseMs: number): PendingEntry[] {
    const chosen = claims.map(({ id, claim }) => ({ entry: this.entries.find((entry) => entry.id === id)!, claim }));
    for (const { entry, claim } of chosen) {
      if (claim === undefined || claim <= (entry.lastClaim ?? 0)) {
        throw new Error(`claim ${claim} of ${entry.id} after ${entry.lastClaim}`);
      }
      this.#endClaim(entry, true);
      Object.assign(entry, { claim, lastClaim: claim, leaseUntil: this.#options.clock.monotonicMs() + leaseMs });
    }
    return chosen.map(({ entry, claim }) => ({ ...this.#read(entry), claim: claim! }));
  }

  renew(id: string, claim: number, leaseMs: number): boolean {
    const entry = this.entries.find((one) => one.id === id);
    if (entry?.claim !== claim) {
      return false;
    }
    entry.leaseUntil = this.#options.clock.monotonicMs() + leaseMs;
    return true;
  }

  adopt(from: string, to: string): number {
    const free = this.entries.filter((entry) => from !== to && entry.owner === from && this.#stateOf(entry) !== 'claimed');
    const { clock } = this.#options;
    for (const entry of free) {
      this.#endClaim(entry, true);
      Object.assign(entry, { owner: to, attempts: 0, failures: 0, dead: false, notBeforeAt: clock.now(), waitOverMono: clock.monotonicMs() });
    }
    return free.length;
  }

  /** `claim-lost` where it is refused. */
  intend(id: string, itemId: string, intent: Json, claim?: number): 'claim-lost' | undefined {
    const item = this.#open(id, itemId);
    if (claim !== undefined && (item === undefined || !this.#has(id, claim))) {
      return 'claim-lost';
    }
    if (item !== undefined) {
      Object.assign(item, { intent, begunBy: claim });
    }
    return undefined;
  }

  settle(id: string, itemId: string, outcome: Json, claim?: number): boolean | 'claim-lost' {
    const item = this.#open(id, itemId);
    if (claim !== undefined && (item === undefined || !(this.#has(id, claim) || item.begunBy === claim))) {
      return 'claim-lost';
    }
    if (item === undefined) {
      return false;
    }
    item.outcome = outcome;
    const before = this.entries.length;
    this.entries = this.entries.filter((entry) => entry.items.some((one) => one.outcome === undefined));
    return this.entries.length < before;
  }

  release(id: string, { notBeforeAt, dead = false, failed = false, escalated = false, claim }: ReleaseOptions): void {
    const entry = this.entries.find((one) => one.id === id);
    if (entry !== undefined && (claim === undefined || this.#has(id, claim))) {
      this.#endClaim(entry, failed);
      const { clock } = this.#options;
      const waitOverMono = clock.monotonicMs() + Math.min(Math.max(0, notBeforeAt - clock.now()), day);
      const freed = entry.dead && !dead ? { attempts: 0, failures: 0 } : {};
      Object.assign(entry, { notBeforeAt, dead, waitOverMono, ...freed, escalated: entry.escalated || escalated });
    }
  }

  restart(): void {
    for (const entry of this.entries) {
      this.#endClaim(entry, true);
      entry.lastClaim = undefined;
      entry.items.forEach((item) => (item.begunBy = undefined));
      const { clock } = this.#options;
      entry.waitOverMono = clock.monotonicMs() + Math.min(Math.max(0, entry.notBeforeAt - clock.now()), day);
    }
  }

  list(): PendingEntry[] {
    return this.entries.map((entry) => this.#read(entry));
  }

  counts(owner: string): PendingCounts {
    const states = this.entries.map((entry) => (entry.owner === owner ? this.#stateOf(entry) : 'orphaned'));
    const count = (state: string): number => states.filter((one) => one === state).length;
    const waiting = this.entries.filter((_, i) => states[i] === 'waiting').map((entry) => entry.notBeforeAt);
    return {
      due: count('due'),
      claimed: count('claimed'),
      dead: count('dead'),
      orphaned: count('orphaned'),
      ...(waiting.length === 0 ? {} : { waiting: waiting.length, nextAt: Math.min(...waiting) }),
    };
  }

  bytes(): number {
    let bytes = 0;
    for (const item of this.entries.flatMap((entry) => entry.items)) {
      bytes += costOf(item.subject) + lengthOf(item.intent) + lengthOf(item.outcome);
    }
    return bytes;
  }

  #open(id: string, itemId: string): ModelItem | undefined {
    const item = this.entries.find((one) => one.id === id)?.items.find((one) => one.id === itemId);
    return item?.outcome === undefined ? item : undefined;
  }

  #stateOf(entry: ModelEntry): string {
    const { clock } = this.#options;
    if (entry.leaseUntil !== undefined && clock.monotonicMs() < entry.leaseUntil) {
      return 'claimed';
    }
    if (entry.dead) {
      return 'dead';
    }
    return clock.now() >= entry.notBeforeAt || clock.monotonicMs() >= entry.waitOverMono ? 'due' : 'waiting';
  }

  #endClaim(entry: ModelEntry, failed: boolean): void {
    if (entry.leaseUntil !== undefined) {
      entry.attempts += 1;
      entry.failures += failed ? 1 : 0;
      entry.leaseUntil = undefined;
      entry.claim = undefined;
    }
  }

  #has(id: string, claim: number): boolean {
    return this.entries.some((entry) => entry.id === id && entry.claim === claim);
  }

  #read(entry: ModelEntry): PendingEntry {
    const first = entry.items[0]!;
    const { kind, key, url, reason, scannedBy } = first.subject;
    const lapsed = entry.leaseUntil !== undefined && this.#options.clock.monotonicMs() >= entry.leaseUntil ? 1 : 0;
    const prints = entry.items.flatMap((item) => item.subject.fingerprints);
    const failures = entry.failures + lapsed;
    return {
      id: entry.id,
      owner: entry.owner,
      kind,
      key,
      ...(url === undefined ? {} : { url }),
      fingerprints: prints.filter((one, i) => prints.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) === i),
      reason,
      ...(scannedBy === undefined ? {} : { scannedBy }),
      items: entry.items.map(({ id, subject, at, intent, outcome }) => ({
        id,
        subject: subject.subject,
        at,
        ...(outcome === undefined ? {} : { outcome }),
        ...(intent === undefined ? {} : { intent }),
      })),
      attempts: entry.attempts + lapsed,
      ...(failures === 0 ? {} : { failures }),
      firstAt: first.at,
      notBeforeAt: entry.notBeforeAt,
      dead: entry.dead,
      ...(entry.escalated ? { escalated: true } : {}),
    };
  }
}

function costOf(subject: NewPending): number {
  return itemOverheadBytes + toUtf8(packSubject(subject) ?? '').length;
}

function lengthOf(note: Json | undefined): number {
  return note === undefined ? 0 : JSON.stringify(note).length;
}
