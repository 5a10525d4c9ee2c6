/** Anchors that came with a pattern, as columns: what a search is built from, without an object for each. */

import { checkWordBytes } from './choose-anchors.js';
import type { QuickAnchors } from './quick-anchors.js';

/** One anchor, while it is being added or visited. */
export interface StoredAnchor {
  readonly body: number;
  /** Index of the node in the body, and from the beginning of its run to the anchor. */
  readonly node: number;
  readonly offset: number;
  readonly lane: number;
  /** Where its bytes lie in the section `signatures`, and from there to its check bytes. */
  readonly bytesAt: number;
  readonly distance: number;
  readonly checkBytes: number;
  /** True when a letter of it, or of its check bytes, may be in either case. */
  readonly isCaseless: boolean;
  /** False for an anchor of a later segment. */
  readonly isFirst: boolean;
}

/** The anchors of a store, and the bodies that have none. */
export class StoredAnchors {
  /** The section `signatures`. */
  readonly bytes: Uint8Array;
  /** Bodies that were asked about. */
  bodies = 0;
  /** Bodies that are settled on load, ascending. */
  unsettled: readonly number[] | Uint32Array = [];
  /** Bytes of the longest segment that has anchors here. */
  longestSegment = 0;
  /** Anchors that are rows already; those here are of signatures that a scout left to the walk. */
  quick: QuickAnchors | undefined;
  #count = 0;
  #bodies: Uint32Array;
  #nodes: Uint16Array;
  #offsets: Uint16Array;
  #bytesAt: Uint32Array;
  #kinds: Uint8Array;
  #distances: Int8Array;
  readonly #read: { -readonly [K in keyof StoredAnchor]: StoredAnchor[K] } = {
    body: 0, node: 0, offset: 0, lane: 0, bytesAt: 0, distance: 0, checkBytes: 4, isCaseless: false, isFirst: false,
  };

  /** `expected` anchors have room from the beginning. */
  constructor(bytes: Uint8Array, expected: number) {
    const room = Math.max(16, expected);
    this.bytes = bytes;
    this.#bodies = new Uint32Array(room);
    this.#nodes = new Uint16Array(room);
    this.#offsets = new Uint16Array(room);
    this.#bytesAt = new Uint32Array(room);
    this.#kinds = new Uint8Array(room);
    this.#distances = new Int8Array(room);
  }

  get count(): number {
    return this.#count;
  }

  add(anchor: StoredAnchor): void {
    const i = this.#count++;
    if (i === this.#bodies.length) {
      this.#grow(2 * i);
    }
    this.#bodies[i] = anchor.body;
    this.#nodes[i] = anchor.node;
    this.#offsets[i] = anchor.offset;
    this.#bytesAt[i] = anchor.bytesAt;
    this.#kinds[i] = 16 * (anchor.checkBytes / checkWordBytes - 1) + anchor.lane * 4 + (anchor.isCaseless ? 2 : 0) + (anchor.isFirst ? 1 : 0);
    this.#distances[i] = anchor.distance;
  }

  /** The anchor of this index. The object is the same each time: a hundred thousand would be garbage at once. */
  at(index: number): StoredAnchor {
    const kind = this.#kinds[index]!;
    const read = this.#read;
    read.body = this.#bodies[index]!;
    read.node = this.#nodes[index]!;
    read.offset = this.#offsets[index]!;
    read.bytesAt = this.#bytesAt[index]!;
    read.lane = (kind >> 2) & 3;
    read.checkBytes = checkWordBytes * ((kind >> 4) + 1);
    read.distance = this.#distances[index]!;
    read.isCaseless = (kind & 2) !== 0;
    read.isFirst = (kind & 1) !== 0;
    return read;
  }

  #grow(length: number): void {
    this.#bodies = grown(this.#bodies, new Uint32Array(length));
    this.#nodes = grown(this.#nodes, new Uint16Array(length));
    this.#offsets = grown(this.#offsets, new Uint16Array(length));
    this.#bytesAt = grown(this.#bytesAt, new Uint32Array(length));
    this.#kinds = grown(this.#kinds, new Uint8Array(length));
    this.#distances = grown(this.#distances, new Int8Array(length));
  }
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
