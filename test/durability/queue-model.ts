/** The pending queue as a list: what it must say, without how. */
import type { ClaimOptions, ReleaseOptions } from '../../src/pending/pending-queue.js';
import type { TwoClocks } from '../support/two-clocks.js';

export interface ModelItem {
  readonly id: string;
  readonly place: string;
  intent?: string;
  outcome?: string;
}

export interface ModelEntry {
  readonly id: string;
  readonly owner: string;
  readonly key: string;
  readonly items: ModelItem[];
  attempts: number;
  failures: number;
  dead: boolean;
  notBeforeAt: number;
  /** Monotonic instants: when the wait is over in any case, and until when it is leased. */
  waitOver: number;
  leaseUntil: number | undefined;
}

/** In forty lines. */
export class QueueModel {
  entries: ModelEntry[] = [];
  constructor(readonly clock: TwoClocks, readonly maxEntries: number, readonly ids: () => string) {}

  enqueue(owner: string, key: string, place: string): string | undefined {
    let entry = this.entries.find((one) => one.owner === owner && one.key === key);
    const twin = entry?.items.some((one) => one.place === place && one.intent === undefined && one.outcome === undefined) === true;
    if (entry === undefined && this.entries.length >= this.maxEntries) {return undefined;}
    if (entry === undefined) {this.entries.push((entry = { id: this.ids(), owner, key, items: [], ...this.#fresh(), leaseUntil: undefined }));}
    if (!twin) {entry.items.push({ id: this.ids(), place });}
    return Object.assign(entry, entry.dead ? this.#fresh() : {}).id;
  }
  claim(owner: string, { limit, leaseMs, include = 'due' }: ClaimOptions): ModelEntry[] {
    const states = { due: ['due'], waiting: ['due', 'waiting'], dead: ['due', 'waiting', 'dead'] }[include];
    const chosen = this.entries.filter((one) => one.owner === owner && states.includes(this.stateOf(one))).slice(0, limit);
    return chosen.map((one) => Object.assign(one, this.#unclaimed(one, true), { leaseUntil: this.clock.monotonicMs() + leaseMs }));
  }
  open(id: string, item: string): ModelItem | undefined {
    return this.entries.find((one) => one.id === id)?.items.find((one) => one.id === item && one.outcome === undefined);
  }
  settle(id: string, item: string, outcome: string): boolean {
    const [before, open] = [this.entries.length, this.open(id, item)];
    if (open !== undefined) {open.outcome = outcome;}
    this.entries = this.entries.filter((one) => one.items.some((other) => other.outcome === undefined));
    return this.entries.length < before;
  }
  release(id: string, { notBeforeAt, dead = false, failed = false }: ReleaseOptions): void {
    const entry = this.entries.find((one) => one.id === id);
    if (entry !== undefined) {Object.assign(entry, this.#unclaimed(entry, failed), entry.dead && !dead ? this.#fresh() : {}, { dead }, this.#wait(notBeforeAt));}
  }
  restart(): void {
    this.entries.forEach((one) => Object.assign(one, this.#unclaimed(one, true), this.#wait(one.notBeforeAt)));
  }
  stateOf(entry: ModelEntry): 'claimed' | 'dead' | 'due' | 'waiting' {
    if ((entry.leaseUntil ?? -1) > this.clock.monotonicMs()) {return 'claimed';}
    return entry.dead ? 'dead' : this.clock.now() >= entry.notBeforeAt || this.clock.monotonicMs() >= entry.waitOver ? 'due' : 'waiting';
  }
  #fresh = () => ({ attempts: 0, failures: 0, dead: false, ...this.#wait(this.clock.now()) });
  #wait = (until: number) => ({ notBeforeAt: until, waitOver: this.clock.monotonicMs() + Math.min(Math.max(0, until - this.clock.now()), 86_400_000) });
  #unclaimed = (entry: ModelEntry, failed: boolean) =>
    entry.leaseUntil === undefined ? {} : { leaseUntil: undefined, attempts: entry.attempts + 1, failures: entry.failures + (failed ? 1 : 0) };
}
