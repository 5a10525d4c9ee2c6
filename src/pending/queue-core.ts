/**
 * Step 5 in memory: what is admitted, joined, due, leased and settled. Both queues are this core; the one on disk
 * writes the events of every step to its journal before it lets the answer out.
 *
 * A step decides, applies and returns at once: no step waits, so steps never see each other half done.
 */
import { assertInteger } from '../base/assert.js';
import type { Pending } from '../base/check-result.js';
import type { Clock, Json } from '../base/seams.js';
import { claimedEvents, eventsOf } from './entry-events.js';
import { readEntry } from './entry-view.js';
import { noteText, openToIntend, openToSettle } from './item-notes.js';
import type {
  ClaimOptions,
  NewPending,
  PendingCounts,
  PendingEntry,
  PendingQueue,
  ReleaseOptions,
} from './pending-queue.js';
import type { QueueEvent, Standing } from './queue-event.js';
import { costOf, identityOf, QueueState, startedOver, type StoredEntry } from './queue-state.js';
import { packSubject, placeOf } from './subject-record.js';

/** What both queues are made with. */
export interface QueueCoreOptions {
  readonly clock: Clock;
  readonly durability: PendingQueue['durability'];
  /** Entries at most (100,000). */
  readonly maxEntries?: number | undefined;
  /** Bytes of all items at most, in memory as on disk (64 MiB). */
  readonly maxBytes?: number | undefined;
  /** A new id at every call, never the same again, over restarts too. */
  readonly ids: () => string;
  /** Any 32 bits, not to be foreseen by those who send subjects: hashes begin with them (0). */
  readonly seed?: number | undefined;
}

/** The answer of a step and what has to be written before the answer may be believed. */
export interface Step<T> {
  readonly value: T;
  readonly events: readonly QueueEvent[];
}

const refused: Pending = { kind: 'refused', code: 'pending-full' };

/** The queue without its place: every method is a step. */
export class QueueCore {
  readonly #state: QueueState;
  readonly #clock: Clock;
  readonly #durability: PendingQueue['durability'];
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #ids: () => string;

  /** @throws RangeError when a bound is no positive integer. */
  constructor(options: QueueCoreOptions) {
    this.#maxEntries = options.maxEntries ?? 100_000;
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
    assertInteger('maxEntries', this.#maxEntries, { min: 1 });
    assertInteger('maxBytes', this.#maxBytes, { min: 1 });
    this.#clock = options.clock;
    this.#durability = options.durability;
    this.#ids = options.ids;
    this.#state = new QueueState(options.clock, options.seed ?? 0);
  }

  get itemCount(): number {
    return this.#state.itemCount;
  }

  /** Texts of all items. */
  get textBytes(): number {
    return this.#state.textBytes;
  }

  enqueue(subjects: readonly NewPending[]): Step<readonly Pending[]> {
    const events: QueueEvent[] = [];
    // All of them first: where one cannot be written down this throws, and none may be in memory then and in no journal.
    const texts = subjects.map(packSubject);
    const value = subjects.map((subject, i) => this.#admit(subject, texts[i], events));
    return { value, events };
  }

  claim(owner: string, options: ClaimOptions): Step<readonly PendingEntry[]> {
    assertInteger('limit', options.limit, { min: 0 });
    assertInteger('leaseMs', options.leaseMs, { min: 1 });
    const { limit, include = 'due', overdueBefore } = options;
    const chosen = this.#state
      .take(owner, limit, (entry) => this.#claimable(entry, include) && isOverdue(entry, overdueBefore))
      .map((entry) => entry.id);
    const events = [...claimedEvents(chosen, options.leaseMs)];
    this.#apply(events);
    const value = chosen.map((id) => this.#handedOut(id)).filter((entry) => entry !== undefined);
    return { value, events };
  }

  intend(id: string, item: string, intent: Json, claim?: number): Step<void> {
    const entry = this.#state.get(id);
    if (openToIntend(entry?.items.find(item), { claim, current: entry?.claim }) === undefined) {
      return { value: undefined, events: [] };
    }
    const events: QueueEvent[] = [{ kind: 'intended', entry: id, item, intent: noteText('intent', intent), claim }];
    this.#apply(events);
    return { value: undefined, events };
  }

  settle(id: string, item: string, outcome: Json, claim?: number): Step<boolean> {
    const entry = this.#state.get(id);
    if (openToSettle(entry?.items.find(item), { claim, current: entry?.claim }) === undefined) {
      return { value: false, events: [] };
    }
    const events: QueueEvent[] = [{ kind: 'settled', entry: id, item, outcome: noteText('outcome', outcome) }];
    this.#apply(events);
    return { value: this.#state.get(id) === undefined, events };
  }

  release(id: string, options: ReleaseOptions): Step<void> {
    const entry = this.#state.get(id);
    if (entry === undefined || (options.claim !== undefined && options.claim !== entry.claim)) {
      return { value: undefined, events: [] };
    }
    const { notBeforeAt, dead = false, failed = false, escalated = false } = options;
    if (!Number.isFinite(notBeforeAt)) {
      throw new RangeError(`notBeforeAt: expected an instant in epoch ms, got ${notBeforeAt}`);
    }
    const events: QueueEvent[] = [{ kind: 'released', entry: id, notBeforeAt, dead, failed }];
    this.#apply(events);
    if (escalated && entry.standing.escalated !== true) {
      events.push(this.#restand(entry, { ...entry.standing, escalated }));
    }
    return { value: undefined, events };
  }

  renew(id: string, claim: number, leaseMs: number): Step<boolean> {
    assertInteger('leaseMs', leaseMs, { min: 1 });
    const entry = this.#state.get(id);
    if (entry === undefined || entry.claim !== claim) {
      return { value: false, events: [] };
    }
    this.#state.renew(entry, leaseMs);
    return { value: true, events: [] };
  }

  /** What somebody has claimed is left to him: he would settle it in the name of the former owner. */
  adopt(from: string, to: string): Step<number> {
    if (from === to) {
      return { value: 0, events: [] };
    }
    const free = this.#state.take(from, Number.MAX_SAFE_INTEGER, (entry) => this.#stateOf(entry) !== 'claimed');
    const events = free.map((entry) => this.#restand(entry, { ...startedOver(entry.standing, this.#clock.now()), owner: to }));
    return { value: free.length, events };
  }

  find(id: string): PendingEntry | undefined {
    const entry = this.#state.get(id);
    return entry === undefined ? undefined : readEntry(entry, this.#clock.monotonicMs());
  }

  /** Entries that are there now, oldest first, and are there still when their turn comes. */
  async *list(): AsyncGenerator<PendingEntry> {
    for (const id of [...this.#state.entries()].map((entry) => entry.id)) {
      const entry = this.find(id);
      if (entry !== undefined) {
        yield entry;
      }
    }
  }

  counts(owner: string): PendingCounts {
    const counts = { due: 0, waiting: 0, claimed: 0, dead: 0, orphaned: 0 };
    let nextAt = Number.POSITIVE_INFINITY;
    for (const entry of this.#state.inAnyOrder()) {
      const state = entry.owner === owner ? this.#stateOf(entry) : 'orphaned';
      counts[state]++;
      if (state === 'waiting') {
        nextAt = Math.min(nextAt, entry.notBeforeAt);
      }
    }
    const { waiting, ...others } = counts;
    return waiting === 0 ? others : { ...others, waiting, nextAt };
  }

  /** Replays one event of a journal; false when the text of its subject is none. */
  replay(event: QueueEvent): boolean {
    return this.#state.apply(event);
  }

  /** After the last replayed event: the claims of the former process are void, and that is an event like any other. */
  voidClaims(): Step<void> {
    const events: QueueEvent[] = [];
    for (const entry of this.#state.entries()) {
      if (entry.leaseUntil !== undefined) {
        const { id, standing } = entry;
        events.push({ kind: 'released', entry: id, notBeforeAt: standing.notBeforeAt, dead: standing.dead, failed: true });
      }
    }
    this.#apply(events);
    return { value: undefined, events };
  }

  /** Events that make this queue anew from nothing, leases included. The queue must not change meanwhile. */
  *snapshot(): IterableIterator<QueueEvent> {
    const leased: string[] = [];
    for (const entry of this.#state.entries()) {
      yield* eventsOf(entry);
      if (entry.leaseUntil !== undefined) {
        leased.push(entry.id);
      }
    }
    yield* claimedEvents(leased, 0);
  }

  /** Decides before anything is accepted: what was acknowledged is never dropped to make room. */
  #admit(subject: NewPending, text: string | undefined, events: QueueEvent[]): Pending {
    const entry = this.#state.same(subject.owner, identityOf(subject));
    const place = placeOf(subject.subject);
    if (entry !== undefined && place !== undefined && entry.items.at(place) !== undefined) {
      if (entry.isDead) {
        events.push(this.#restand(entry, startedOver(entry.standing, this.#clock.now())));
      }
      return this.#queued(entry.id);
    }
    if (entry === undefined && this.#state.entryCount >= this.#maxEntries) {
      return refused;
    }
    if (text === undefined || this.#state.bytes + costOf(text) > this.#maxBytes) {
      return refused;
    }
    const id = entry?.id ?? this.#ids();
    const event: QueueEvent = { kind: 'enqueued', entry: id, item: this.#ids(), at: this.#clock.now(), subject: text };
    events.push(event);
    this.#state.apply(event, subject);
    return this.#queued(id);
  }

  #handedOut(id: string): PendingEntry | undefined {
    const entry = this.find(id);
    const claim = this.#state.get(id)?.claim;
    return entry === undefined || claim === undefined ? entry : { ...entry, claim };
  }

  #queued(id: string): Pending {
    return { kind: 'queued', id, durability: this.#durability };
  }

  #restand(entry: StoredEntry, standing: Standing): QueueEvent {
    const event: QueueEvent = { kind: 'standing', entry: entry.id, standing };
    this.#state.apply(event);
    return event;
  }

  #apply(events: readonly QueueEvent[]): void {
    for (const event of events) {
      this.#state.apply(event);
    }
  }

  #stateOf(entry: StoredEntry): 'claimed' | 'dead' | 'due' | 'waiting' {
    const mono = this.#clock.monotonicMs();
    if (entry.leaseUntil !== undefined && mono < entry.leaseUntil) {
      return 'claimed';
    }
    if (entry.isDead) {
      return 'dead';
    }
    return this.#clock.now() >= entry.notBeforeAt || mono >= entry.dueAtMono ? 'due' : 'waiting';
  }

  #claimable(entry: StoredEntry, include: NonNullable<ClaimOptions['include']>): boolean {
    const state = this.#stateOf(entry);
    switch (state) {
      case 'due':
        return true;
      case 'waiting':
        return include !== 'due';
      case 'dead':
        return include === 'dead';
      case 'claimed':
        return false;
    }
  }
}

function isOverdue(entry: StoredEntry, before: number | undefined): boolean {
  return before === undefined || (entry.firstAt < before && !entry.isEscalated);
}
