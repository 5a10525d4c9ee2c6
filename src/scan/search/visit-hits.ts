/**
 * One loaded cell, all lanes: the anchors that stand in it, in ascending order of position. Chains rest on that order.
 * Nearly always one lane has something to say; then there is nothing to merge.
 */
import { laneCount, lanePairs } from '../kernel/abi.js';
import type { CellSearch } from '../kernel/cell-search.js';
import type { WorkBudget } from '../stream/work-budget.js';
import type { PairTable } from './pair-table.js';
import type { PassMarks } from './pass-marks.js';

/** Takes one anchor at one position in the cell; false ends the visit. */
export type VisitHit = (position: number, anchor: number) => boolean;

/** What is looked for besides the lanes of the search. */
export interface WeakAnchors {
  readonly pairs: PairTable | undefined;
  /** Anchors to be tried at every position. */
  readonly everywhere: readonly number[];
}

/** One cell. */
export interface VisitedCell {
  readonly search: CellSearch;
  readonly weak: WeakAnchors;
  readonly marks: PassMarks;
  readonly budget: WorkBudget;
  /** Bytes of the cell. */
  readonly size: number;
}

/** Positions of one kind, ascending. */
interface HitList {
  /** The next position; Infinity at the end. */
  readonly head: number;
  /** Visits what stands at the next position and goes on to the one after. */
  visit(visit: VisitHit): boolean;
}

/** Searches the loaded cell and visits what it finds. */
export function visitHits(cell: VisitedCell, visit: VisitHit): void {
  const { search, weak, marks, size } = cell;
  const lists: HitList[] = [];
  for (let lane = 0; lane < laneCount; lane++) {
    if (!search.lanes[lane]!.has || !marks.isLaneAwake(lane)) {
      continue;
    }
    const count = search.search(lane, size);
    if (lane === lanePairs) {
      lists.push(new PairList(search.pairPositions(), count, { pairs: weak.pairs!, cell }));
    } else if (count !== 0) {
      lists.push(count > 0 ? new RowList(search, lane, count) : new FloodList(cell, lane));
    }
  }
  if (weak.everywhere.length > 0) {
    lists.push(new EverywhereList(weak.everywhere, size));
  }
  visitLists(lists, visit);
}

function visitLists(lists: readonly HitList[], visit: VisitHit): void {
  const [only] = lists;
  if (lists.length === 1 && only instanceof RowList) {
    only.visitAll(visit);
    return;
  }
  for (;;) {
    let next = Number.POSITIVE_INFINITY;
    for (const list of lists) {
      next = Math.min(next, list.head);
    }
    if (next === Number.POSITIVE_INFINITY) {
      return;
    }
    for (const list of lists) {
      if (list.head === next && !list.visit(visit)) {
        return;
      }
    }
  }
}

class RowList implements HitList {
  readonly #search: CellSearch;
  readonly #hits: Uint32Array;
  readonly #end: number;
  #next = 0;

  constructor(search: CellSearch, lane: number, count: number) {
    this.#search = search;
    this.#hits = search.hits(lane);
    this.#end = 2 * count;
  }

  get head(): number {
    return this.#next < this.#end ? this.#hits[this.#next]! : Number.POSITIVE_INFINITY;
  }

  visit(visit: VisitHit): boolean {
    return this.#visitUpTo(this.head, visit);
  }

  visitAll(visit: VisitHit): boolean {
    return this.#visitUpTo(Number.POSITIVE_INFINITY, visit);
  }

  #visitUpTo(position: number, visit: VisitHit): boolean {
    const hits = this.#hits;
    for (; this.#next < this.#end && hits[this.#next]! <= position; this.#next += 2) {
      const anchor = this.#search.awakeIn(hits[this.#next + 1]!);
      if (anchor >= 0 && !visit(hits[this.#next]!, anchor)) {
        return false;
      }
    }
    return true;
  }
}

/** More hits than there is room for: the rows are walked one by one, and each one is paid for. */
class FloodList implements HitList {
  readonly #cell: VisitedCell;
  readonly #lane: number;
  readonly #positions: Int32Array;
  readonly #count: number;
  #next = -1;

  constructor(cell: VisitedCell, lane: number) {
    const { positions, count } = cell.search.candidates(lane);
    this.#cell = cell;
    this.#lane = lane;
    this.#positions = positions;
    this.#count = count;
    this.#advance();
  }

  get head(): number {
    return this.#next < this.#count ? this.#positions[this.#next]! : Number.POSITIVE_INFINITY;
  }

  visit(visit: VisitHit): boolean {
    const { search, budget } = this.#cell;
    const position = this.head;
    const { from, to } = search.rowsAt(this.#lane, position);
    for (let row = from; row < to; row++) {
      const anchor = search.compare(this.#lane, row, position);
      if ((anchor >= 0 && !visit(position, anchor)) || ((row & 7) === 0 && !budget.spend(1))) {
        return false;
      }
    }
    this.#advance();
    return true;
  }

  #advance(): void {
    for (this.#next++; this.#next < this.#count; this.#next++) {
      const position = this.#positions[this.#next]!;
      if (position >= 0 && position < this.#cell.size) {
        return;
      }
    }
  }
}

class PairList implements HitList {
  readonly #positions: Int32Array;
  readonly #count: number;
  readonly #pairs: PairTable;
  readonly #cell: VisitedCell;
  #next = 0;

  constructor(positions: Int32Array, count: number, { pairs, cell }: { readonly pairs: PairTable; readonly cell: VisitedCell }) {
    this.#positions = positions;
    this.#count = count;
    this.#pairs = pairs;
    this.#cell = cell;
  }

  get head(): number {
    return this.#next < this.#count ? this.#positions[this.#next]! : Number.POSITIVE_INFINITY;
  }

  visit(visit: VisitHit): boolean {
    const position = this.head;
    this.#next++;
    const pair = this.#cell.search.pairAt(position);
    const { starts, anchors } = this.#pairs;
    for (let row = starts[pair]!; row < starts[pair + 1]!; row++) {
      if (!visit(position, anchors[row]!)) {
        return false;
      }
    }
    return true;
  }
}

class EverywhereList implements HitList {
  readonly #anchors: readonly number[];
  readonly #size: number;
  #next = 0;

  constructor(anchors: readonly number[], size: number) {
    this.#anchors = anchors;
    this.#size = size;
  }

  get head(): number {
    return this.#next < this.#size ? this.#next : Number.POSITIVE_INFINITY;
  }

  visit(visit: VisitHit): boolean {
    const position = this.#next++;
    return this.#anchors.every((anchor) => visit(position, anchor));
  }
}
