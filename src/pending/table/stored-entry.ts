/** One entry of the table as an object: made when somebody looks, and good until the entry is gone. */
import type { EntryItems } from '../entry-items.js';
import type { Standing } from '../queue-event.js';
import { flag } from './columns.js';
import type { EntryTable } from './entry-table.js';

const most = 0xffff_ffff;

/** An entry as it is held. */
export class StoredEntry {
  readonly #table: EntryTable;
  readonly row: number;

  constructor(table: EntryTable, row: number) {
    this.#table = table;
    this.row = row;
  }

  get id(): string {
    return this.#table.id(this.row);
  }

  /** Changes when it is adopted. */
  get owner(): string {
    return this.#table.owner(this.row);
  }

  /** To be looked at: changes go through the table. */
  get items(): EntryItems {
    return this.#table.items(this.row);
  }

  /** Epoch ms. */
  get firstAt(): number {
    return this.#table.columns.firstAt[this.row]!;
  }

  get isDead(): boolean {
    return (this.#table.columns.flags[this.row]! & flag.dead) !== 0;
  }

  get isEscalated(): boolean {
    return (this.#table.columns.flags[this.row]! & flag.escalated) !== 0;
  }

  /** Epoch ms. */
  get notBeforeAt(): number {
    return this.#table.columns.notBeforeAt[this.row]!;
  }

  /** Monotonic instant at which the wait for `notBeforeAt` is over in any case. */
  get dueAtMono(): number {
    return this.#table.columns.dueAtMono[this.row]!;
  }

  set dueAtMono(value: number) {
    this.#table.columns.dueAtMono[this.row] = value;
  }

  /** Monotonic instant until which the entry is leased, where it was claimed and not released since. */
  get leaseUntil(): number | undefined {
    const until = this.#table.columns.leaseUntil[this.row]!;
    return Number.isNaN(until) ? undefined : until;
  }

  set leaseUntil(value: number | undefined) {
    this.#table.columns.leaseUntil[this.row] = value ?? Number.NaN;
  }

  /** The name of the claim that has it, if one does. */
  get claim(): number | undefined {
    return this.leaseUntil === undefined ? undefined : this.#table.columns.claims[this.row]!;
  }

  /** Leases it to a further claim. */
  claimUntil(monotonicMs: number): void {
    this.#table.columns.claims[this.row]!++;
    this.leaseUntil = monotonicMs;
  }

  /** What its items are counted for. */
  get bytes(): number {
    return this.#table.columns.bytes[this.row]!;
  }

  set bytes(value: number) {
    this.#table.columns.bytes[this.row] = value;
  }

  /** A copy. */
  get standing(): Standing {
    const { attempts, failures, flags } = this.#table.columns;
    return {
      attempts: attempts[this.row]!,
      failures: failures[this.row]!,
      notBeforeAt: this.notBeforeAt,
      dead: this.isDead,
      ...(this.isEscalated ? { escalated: true } : {}),
      ...((flags[this.row]! & flag.adopted) === 0 ? {} : { owner: this.owner }),
    };
  }

  /** All but the owner, who changes by adoption. */
  set standing({ attempts, failures, notBeforeAt, dead, escalated = false }: Standing) {
    const { columns } = this.#table;
    columns.attempts[this.row] = Math.min(attempts, most);
    columns.failures[this.row] = Math.min(failures, most);
    columns.notBeforeAt[this.row] = notBeforeAt;
    columns.flags[this.row] = (columns.flags[this.row]! & (flag.adopted | flag.taken)) | (dead ? flag.dead : 0) | (escalated ? flag.escalated : 0);
  }
}
