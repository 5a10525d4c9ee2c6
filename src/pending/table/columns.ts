/** Numbers of entries in columns: some eighty bytes an entry, where an object of them would take three hundred. */

/** One row an entry; rows of entries that are gone are used again. */
export interface Columns {
  /** Where its texts are. */
  readonly texts: Float64Array;
  /** Instant of its first item (epoch ms). */
  readonly firstAt: Float64Array;
  readonly notBeforeAt: Float64Array;
  readonly dueAtMono: Float64Array;
  /** NaN: not leased. */
  readonly leaseUntil: Float64Array;
  /** Claims so far: the number of the last one is its name. */
  readonly claims: Uint32Array;
  /** Counts upward: smaller is older. */
  readonly order: Float64Array;
  readonly bytes: Uint32Array;
  readonly attempts: Uint32Array;
  readonly failures: Uint32Array;
  /** `flag` below. */
  readonly flags: Uint8Array;
  /** Number of its lane. */
  readonly lane: Int32Array;
  readonly idHash: Uint32Array;
  readonly identityHash: Uint32Array;
  /** Neighbours within the lane; -1 where there is none. */
  readonly next: Int32Array;
  readonly previous: Int32Array;
}

/** `taken`: there is an entry in the row. */
export const flag = { dead: 1, escalated: 2, adopted: 4, taken: 8 } as const;

/** Columns of so many rows, with the rows of `old` as they were. */
export function makeColumns(rows: number, old?: Columns): Columns {
  const wide = (from?: Float64Array): Float64Array => filled(new Float64Array(rows), from);
  const count = (from?: Uint32Array): Uint32Array => filled(new Uint32Array(rows), from);
  const link = (from?: Int32Array): Int32Array => filled(new Int32Array(rows), from);
  return {
    texts: wide(old?.texts),
    firstAt: wide(old?.firstAt),
    notBeforeAt: wide(old?.notBeforeAt),
    dueAtMono: wide(old?.dueAtMono),
    leaseUntil: wide(old?.leaseUntil),
    claims: count(old?.claims),
    order: wide(old?.order),
    bytes: count(old?.bytes),
    attempts: count(old?.attempts),
    failures: count(old?.failures),
    flags: filled(new Uint8Array(rows), old?.flags),
    lane: link(old?.lane),
    idHash: count(old?.idHash),
    identityHash: count(old?.identityHash),
    next: link(old?.next),
    previous: link(old?.previous),
  };
}

function filled<T extends Float64Array | Uint32Array | Int32Array | Uint8Array>(column: T, from: T | undefined): T {
  if (from !== undefined) {
    column.set(from);
  }
  return column;
}

/** Rows in an order, linked to their neighbours; the links are two columns. */
export interface RowList {
  head: number;
  tail: number;
}

/** The columns that link a list. */
export interface Links {
  readonly next: Int32Array;
  readonly previous: Int32Array;
}

export function append(list: RowList, row: number, { next, previous }: Links): void {
  next[row] = -1;
  previous[row] = list.tail;
  if (list.tail === -1) {
    list.head = row;
  } else {
    next[list.tail] = row;
  }
  list.tail = row;
}

export function unlink(list: RowList, row: number, { next, previous }: Links): void {
  const [before, after] = [previous[row]!, next[row]!];
  if (before === -1) {
    list.head = after;
  } else {
    next[before] = after;
  }
  if (after === -1) {
    list.tail = before;
  } else {
    previous[after] = before;
  }
}
