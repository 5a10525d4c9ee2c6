/** Anchors of a program as columns: a hundred thousand of them are a megabyte, and objects only for those that match. */

import type { AnchorIndex } from '../../pattern/anchors/quick-anchors.js';

/** Where an anchor stands. */
export interface AnchorPlace {
  /** Number of the body. */
  readonly body: number;
  /** Index of the node in the body. */
  readonly node: number;
  /** From the beginning of the node. */
  readonly offset: number;
  /** The lane that finds it; `noLane` where it is tried at known places or everywhere. */
  readonly lane: number;
}

/** Lane of an anchor that no lane finds. */
export const noLane = 255;

/** A growing table, in ascending order of bodies, behind the anchors of an index. A body has its anchors in one of the two. */
export class AnchorTable {
  #bodies = new Uint32Array(64);
  #nodes = new Uint16Array(64);
  #offsets = new Uint16Array(64);
  #lanes = new Uint8Array(64);
  #count = 0;
  #index: AnchorIndex | undefined;
  /** Anchors of the index. */
  #before = 0;

  get count(): number {
    return this.#before + this.#count;
  }

  /** Numbers from 0 on become those of the index; to be called before anything is added. */
  begin(index: AnchorIndex): void {
    this.#index = index;
    this.#before = index.count;
  }

  /** @returns the number of the anchor. */
  add({ body, node, offset, lane }: AnchorPlace): number {
    if (this.#count === this.#bodies.length) {
      this.#resize(2 * this.#count);
    }
    this.#bodies[this.#count] = body;
    this.#nodes[this.#count] = node;
    this.#offsets[this.#count] = offset;
    this.#lanes[this.#count] = lane;
    return this.#before + this.#count++;
  }

  at(anchor: number): AnchorPlace {
    if (anchor < this.#before) {
      return this.#index!.at(anchor);
    }
    const i = anchor - this.#before;
    return { body: this.#bodies[i]!, node: this.#nodes[i]!, offset: this.#offsets[i]!, lane: this.#lanes[i]! };
  }

  /** The anchors of a body: [from, to). */
  ofBody(body: number): { readonly from: number; readonly to: number } {
    const from = this.#firstFrom(body);
    const to = this.#firstFrom(body + 1);
    return from === to && this.#index !== undefined ? this.#index.ofBody(body) : { from: this.#before + from, to: this.#before + to };
  }

  /** Makes room for so many anchors in all. */
  reserve(anchors: number): void {
    if (anchors > this.#bodies.length) {
      this.#resize(anchors);
    }
  }

  /** Lets go of room that was not needed. */
  trim(): void {
    if (this.#count < this.#bodies.length) {
      this.#resize(this.#count);
    }
  }

  #resize(length: number): void {
    const [bodies, nodes, offsets, lanes] = [this.#bodies, this.#nodes, this.#offsets, this.#lanes];
    this.#bodies = new Uint32Array(length);
    this.#nodes = new Uint16Array(length);
    this.#offsets = new Uint16Array(length);
    this.#lanes = new Uint8Array(length);
    this.#bodies.set(bodies.subarray(0, this.#count));
    this.#nodes.set(nodes.subarray(0, this.#count));
    this.#offsets.set(offsets.subarray(0, this.#count));
    this.#lanes.set(lanes.subarray(0, this.#count));
  }

  #firstFrom(body: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#bodies[middle]! < body) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
