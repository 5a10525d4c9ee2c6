/**
 * What a scout has made of signatures that are beyond doubt: rows of their anchors, and an index from which the place of
 * an anchor is read again when it matches. A scout is compiled code that goes ahead of `SignatureWalk`.
 */
import { QuickCursor } from '../bytes/quick-cursor.js';

/** Where the walk over signatures stands: number of the signature, offsets in the sections, nodes passed over since. */
export interface ScoutPlace {
  readonly body: number;
  readonly at: number;
  readonly anchorsAt: number;
  readonly parts: number;
}

/** What a scout is told. Offsets are those of the first signature; without anchors their offset is 0. */
export interface ScoutTask {
  readonly section: Uint8Array;
  readonly anchors: Uint8Array | undefined;
  readonly at: number;
  readonly anchorsAt: number;
  readonly count: number;
  readonly classes: number;
}

/** What it found. */
export interface ScoutFinds {
  /** Words of an index: for every 16 signatures offsets in the sections, and the number of the next anchor. */
  readonly blocks: Uint32Array;
  /** Signatures without anchors, ascending. */
  readonly unsettled: Uint32Array;
  /** Per lane: rows, four words each, in memory that goes when they do, with room for more; and how many there are. */
  readonly rows: readonly { readonly words: Uint32Array; readonly count: number }[];
  /** Per lane: whether it has anchors of first segments. */
  readonly awake: readonly boolean[];
  readonly anchors: number;
  readonly longestSegment: number;
  readonly isCaseless: boolean;
}

/** One run over a section. */
export interface ScoutRun {
  /** Goes on from a place, over at most so many nodes. @returns where it stopped: at the end, or at a signature it leaves to the walk. */
  next(place: ScoutPlace, maxParts: number): ScoutPlace;
  finish(): ScoutFinds;
}

/** @returns undefined for sections that are too large for it. */
export type SignatureScout = (task: ScoutTask) => ScoutRun | undefined;

/** Where an anchor stands. */
export interface AnchorPosition {
  readonly body: number;
  readonly node: number;
  readonly offset: number;
  readonly lane: number;
}

const blockSize = 16;
const blockWords = 3;

/** Anchors that rows were made of, by number. */
export class QuickAnchors {
  readonly finds: Pick<ScoutFinds, 'rows' | 'awake' | 'anchors' | 'isCaseless'>;
  readonly index: AnchorIndex;

  constructor(finds: ScoutFinds, index: AnchorIndex) {
    this.finds = finds;
    this.index = index;
  }
}

/** Finds the places of anchors again. */
export class AnchorIndex {
  readonly count: number;
  readonly #section: Uint8Array;
  readonly #blocks: Uint32Array;
  readonly #bodies: number;
  /** Signatures that the scout left to the walk, ascending: their anchors have no numbers here. */
  readonly #left: readonly number[];

  constructor(section: Uint8Array, by: { readonly finds: Pick<ScoutFinds, 'blocks' | 'anchors'>; readonly bodies: number; readonly left: readonly number[] }) {
    this.count = by.finds.anchors;
    this.#section = section;
    this.#blocks = by.finds.blocks;
    this.#bodies = by.bodies;
    this.#left = by.left;
  }

  /** The anchor of this number, below `count`. */
  at(anchor: number): AnchorPosition {
    let block = 0;
    for (let high = this.#blocks.length / blockWords; high - block > 1; ) {
      const middle = (block + high) >>> 1;
      [block, high] = this.#firstOf(middle) <= anchor ? [middle, high] : [block, middle];
    }
    let found: AnchorPosition | undefined;
    this.#visit(block, (number, position) => {
      found = number === anchor ? position : found;
    });
    return found!;
  }

  /** The anchors of a body: [from, to). */
  ofBody(body: number): { readonly from: number; readonly to: number } {
    let from = Number.POSITIVE_INFINITY;
    let to = 0;
    if (body < this.#bodies) {
      this.#visit(Math.floor(body / blockSize), (number, position) => {
        if (position.body === body) {
          from = Math.min(from, number);
          to = number + 1;
        }
      });
    }
    return to === 0 ? { from: 0, to: 0 } : { from, to };
  }

  #firstOf(block: number): number {
    return this.#blocks[block * blockWords + 2]!;
  }

  /** The anchors of one block, in order. */
  #visit(block: number, visit: (number: number, position: AnchorPosition) => void): void {
    const cursor = new QuickCursor(this.#section);
    cursor.at = this.#blocks[block * blockWords + 1]!;
    let next = this.#firstOf(block);
    for (let body = block * blockSize; body < Math.min(this.#bodies, (block + 1) * blockSize); body++) {
      const isLeft = includes(this.#left, body);
      for (let count = cursor.varint(); count > 0; count--) {
        const head = cursor.varint();
        const position = { body, node: head >> 5, offset: cursor.varint(), lane: head & 3 };
        cursor.at++;
        if (!isLeft) {
          visit(next++, position);
        }
      }
    }
  }
}

/** True for a number of a list that ascends. */
function includes(list: readonly number[], number: number): boolean {
  let low = 0;
  for (let high = list.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if (list[middle]! < number) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return list[low] === number;
}
