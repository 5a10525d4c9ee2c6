/**
 * One pass of a program over a stream. The stream is cut into cells at fixed positions; a cell is searched once all
 * bytes that verification may want are there. Work and its order depend on positions only, never on the chunks.
 *
 *   bytes -> cell -> anchors that stand in it (kernel/, search/) -> verification (verify/) -> hit, or one link of a chain
 *
 * A cell that lies in one chunk with all that is around it is searched there; others are put together in a buffer.
 */
import type { BodySink } from '../body-search.js';
import type { PlacedAnchor, Program } from '../program.js';
import type { PassMarks } from '../search/pass-marks.js';
import { visitHits } from '../search/visit-hits.js';
import { visitWoken } from '../search/woken-hits.js';
import { ScanBuffer } from './scan-buffer.js';
import type { Tuning } from './tuning.js';
import type { PlacedStretch, Verifier } from '../verify/verifier.js';
import type { WorkBudget } from './work-budget.js';

/** What a pass is told. */
export interface StreamScanOptions {
  readonly program: Program;
  readonly tuning: Tuning;
  readonly budget: WorkBudget;
  readonly sink: BodySink;
  readonly verifier: Verifier;
  readonly marks: PassMarks;
  /** Position of the first byte that will come. */
  readonly startAt: number;
  /** Anchors to be tried at every one of a few positions, sorted by `lo`, none of them before `startAt`. */
  readonly placed: readonly PlacedAnchor[];
}

/** How many cells the buffer holds, so that what is kept is not moved for every one. */
const cellsAtOnce = 2;

/** A pass over a stream. */
export class StreamScan {
  readonly #options: StreamScanOptions;
  readonly #verifier: Verifier;
  readonly #buffer: ScanBuffer;
  readonly #lookBehind: number;
  /** Bytes from the beginning of a cell on that have to be there before it is searched. */
  readonly #needed: number;
  /** Position from which on cells have not been searched. */
  #next: number;
  /** Position after the last byte that came. */
  #received: number;
  /** Index of the next anchor in `placed`. */
  #nextPlaced = 0;

  constructor(options: StreamScanOptions) {
    const { program, tuning, startAt } = options;
    const { lookBehind, lookAhead } = program.parts;
    this.#options = options;
    this.#verifier = options.verifier;
    this.#lookBehind = lookBehind;
    this.#needed = tuning.cellBytes + lookAhead;
    this.#buffer = new ScanBuffer({ capacity: lookBehind + cellsAtOnce * tuning.cellBytes + lookAhead, origin: startAt, spare: program.spare });
    this.#next = startAt;
    this.#received = startAt;
  }

  /** True when more bytes cannot change the outcome. */
  get over(): boolean {
    return this.#verifier.over || this.#options.program.parts.anchors.count === 0;
  }

  /** The next bytes of the stream. */
  push(chunk: Uint8Array): void {
    const base = this.#received;
    this.#received += chunk.length;
    for (let at = 0; at < chunk.length && !this.over; ) {
      at = this.#searchInside(chunk, base) ?? at;
      at += this.#buffer.fill(chunk.subarray(at, Math.max(at, this.#lookBehind) + cellsAtOnce * this.#needed));
      while (this.#next + this.#needed <= this.#buffer.endPosition && !this.over) {
        this.#searchCell(this.#next + this.#options.tuning.cellBytes, this.#buffered());
      }
      if (at < chunk.length) {
        this.#buffer.dropBefore(this.#next - this.#lookBehind);
      }
    }
  }

  /** No more bytes will come: searches what is left. */
  finish(): void {
    while (this.#next < this.#buffer.endPosition && !this.over) {
      this.#searchCell(Math.min(this.#next + this.#options.tuning.cellBytes, this.#buffer.endPosition), this.#buffered());
    }
    this.#options.marks.leave();
    this.#buffer.release();
  }

  /** Searches the cells that the chunk holds with all their surroundings. @returns from where on the buffer needs it. */
  #searchInside(chunk: Uint8Array, base: number): number | undefined {
    const { startAt, tuning } = this.#options;
    if (base > startAt && this.#next - this.#lookBehind < base) {
      return undefined;
    }
    const before = this.#next;
    while (this.#next + this.#needed <= base + chunk.length && !this.over) {
      this.#searchCell(this.#next + tuning.cellBytes, { bytes: chunk, end: chunk.length, origin: base, from: this.#next });
    }
    if (this.#next === before) {
      return undefined;
    }
    const kept = Math.max(base, this.#next - this.#lookBehind);
    this.#buffer.restartAt(kept);
    return kept - base;
  }

  #buffered(): PlacedStretch {
    const { bytes, end, origin } = this.#buffer;
    return { bytes, end, origin, from: this.#next };
  }

  #searchCell(to: number, stretch: PlacedStretch): void {
    const { budget, program, marks } = this.#options;
    const { search, weak } = program.parts;
    const [from, size] = [this.#next - stretch.origin, to - this.#next];
    budget.reach(to);
    this.#tryPlaced(to, stretch);
    marks.enter();
    search.load(stretch.bytes, { from, to: from + size, end: stretch.end });
    const cell = { search, weak, marks, budget, size };
    visitHits(cell, (position, anchor) => this.#try(anchor, from + position, stretch));
    for (let fresh = marks.takeFresh(); fresh.size > 0 && !this.over; fresh = marks.takeFresh()) {
      // Anchors that a match in this very cell has woken may stand in it as well.
      visitWoken(cell, { program, anchors: fresh }, (position, anchor) => this.#try(anchor, from + position, stretch));
    }
    this.#next = to;
  }

  #try(number: number, index: number, stretch: PlacedStretch): boolean {
    const { program, sink, marks } = this.#options;
    const anchor = program.anchor(number);
    if (sink.isDone(anchor.segment.body) || this.#verifier.try(anchor, index, stretch)) {
      marks.sleep(number, anchor.segment.isFirst);
    }
    return !this.#verifier.over;
  }

  /** Bodies without a good anchor that begin in the cell or a little after it, at places known beforehand. */
  #tryPlaced(to: number, stretch: PlacedStretch): void {
    const { placed, program, sink } = this.#options;
    for (let one = placed[this.#nextPlaced]; one !== undefined; one = placed[++this.#nextPlaced]) {
      if (one.lo >= to || this.#verifier.over) {
        return;
      }
      const anchor = program.anchor(one.anchor);
      for (let position = Math.max(one.lo, stretch.origin); position <= one.hi && !sink.isDone(anchor.segment.body); position++) {
        this.#verifier.try(anchor, position - stretch.origin, stretch);
      }
    }
  }
}
