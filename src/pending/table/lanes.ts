/**
 * Who waits behind whom, as lists of rows. The entries of one owner stand in lanes (`pending/lanes.ts`); within a lane
 * the oldest comes first, and the lanes take turns.
 */
import { append, unlink, type Links, type RowList } from './columns.js';

/** One lane of one owner. */
export interface Lane extends RowList {
  readonly owner: string;
  readonly name: string;
  /** In the column of lanes. */
  readonly number: number;
  /** Order of the newest that was put here. */
  newest: number;
  /** Something older was put behind something younger. */
  isMixed: boolean;
}

/** Columns that lanes work on, as they are now: tables grow. */
export interface LaneColumns extends Links {
  readonly order: Float64Array;
  readonly lane: Int32Array;
}

/** The lanes of all owners. */
export class RowLanes {
  readonly #columns: () => LaneColumns;
  /** By owner and name. The one whose turn is next comes first. */
  readonly #byOwner = new Map<string, Map<string, Lane>>();
  readonly #byNumber: (Lane | undefined)[] = [];
  readonly #unused: number[] = [];

  constructor(columns: () => LaneColumns) {
    this.#columns = columns;
  }

  /** The lane in which a row stands. */
  of(row: number): Lane {
    return this.#byNumber[this.#columns().lane[row]!]!;
  }

  add(row: number, owner: string, name: string): void {
    const lane = this.#laneOf(owner, name);
    const columns = this.#columns();
    const order = columns.order[row]!;
    append(lane, row, columns);
    columns.lane[row] = lane.number;
    lane.isMixed ||= order < lane.newest;
    lane.newest = Math.max(lane.newest, order);
  }

  delete(row: number): void {
    const lane = this.of(row);
    unlink(lane, row, this.#columns());
    if (lane.head === -1) {
      const lanes = this.#byOwner.get(lane.owner);
      lanes?.delete(lane.name);
      if (lanes?.size === 0) {
        this.#byOwner.delete(lane.owner);
      }
      this.#byNumber[lane.number] = undefined;
      this.#unused.push(lane.number);
    }
  }

  /** So many rows of the owner that may be taken, one of each lane in turn. The next call begins where this one ended. */
  take(owner: string, limit: number, may: (row: number) => boolean): number[] {
    const taken: number[] = [];
    const lanes = this.#byOwner.get(owner) ?? new Map<string, Lane>();
    const cursors = new Map<Lane, number>();
    // A lane that gave one goes to the end, and this very loop comes by it again.
    for (const [name, lane] of lanes) {
      if (taken.length >= limit) {
        break;
      }
      const row = this.#nextOf(cursors.get(lane) ?? this.#inOrder(lane), may);
      if (row !== -1) {
        taken.push(row);
        cursors.set(lane, this.#columns().next[row]!);
        lanes.delete(name);
        lanes.set(name, lane);
      }
    }
    return taken;
  }

  #nextOf(from: number, may: (row: number) => boolean): number {
    const { next } = this.#columns();
    let row = from;
    while (row !== -1 && !may(row)) {
      row = next[row]!;
    }
    return row;
  }

  /** The first of a lane, the oldest. */
  #inOrder(lane: Lane): number {
    if (lane.isMixed) {
      const columns = this.#columns();
      const rows: number[] = [];
      for (let row = lane.head; row !== -1; row = columns.next[row]!) {
        rows.push(row);
      }
      rows.sort((a, b) => columns.order[a]! - columns.order[b]!);
      lane.head = -1;
      lane.tail = -1;
      rows.forEach((row) => append(lane, row, columns));
      lane.isMixed = false;
    }
    return lane.head;
  }

  #laneOf(owner: string, name: string): Lane {
    const lanes = this.#byOwner.get(owner) ?? new Map<string, Lane>();
    this.#byOwner.set(owner, lanes);
    const there = lanes.get(name);
    if (there !== undefined) {
      return there;
    }
    const number = this.#unused.pop() ?? this.#byNumber.length;
    const lane: Lane = { owner, name, number, head: -1, tail: -1, newest: -1, isMixed: false };
    lanes.set(name, lane);
    this.#byNumber[number] = lane;
    return lane;
  }
}
