/**
 * One pass of a program over a stream. The stream is cut into cells at fixed positions; a cell is searched once all
 * bytes that verification may want are there. Work and its order depend on positions only, never on the chunks.
 *
 *   bytes -> buffer -> cell -> candidate positions (search/) -> verification (verify/) -> hit, or one link of a chain
 */
import type { PlacedAnchor, Program } from '../program.js';
import { ScanBuffer } from './scan-buffer.js';
import type { Tuning } from './tuning.js';
import type { PlacedStretch, Verifier } from '../verify/verifier.js';
import type { WorkBudget } from './work-budget.js';

/** What a pass is told. */
export interface StreamScanOptions {
  readonly program: Program;
  readonly tuning: Tuning;
  readonly budget: WorkBudget;
  readonly verifier: Verifier;
  /** Position of the first byte that will come. */
  readonly startAt: number;
  /** Bytes that will come, where that is known. */
  readonly expected: number | undefined;
  /** Anchors to be tried at every one of a few positions, sorted by `lo`, none of them before `startAt`. */
  readonly placed: readonly PlacedAnchor[];
}

/** How many cells the buffer holds, so that what is kept is not moved for every one. */
const cellsAtOnce = 4;

/** A pass over a stream. */
export class StreamScan {
  readonly #options: StreamScanOptions;
  readonly #verifier: Verifier;
  readonly #buffer: ScanBuffer;
  /** Position from which on cells have not been searched. */
  #next: number;
  /** Index of the next anchor in `placed`. */
  #nextPlaced = 0;

  constructor(options: StreamScanOptions) {
    const { program, tuning, startAt } = options;
    this.#options = options;
    this.#verifier = options.verifier;
    const capacity = program.lookBehind + cellsAtOnce * tuning.cellBytes + program.lookAhead;
    this.#buffer = new ScanBuffer({ capacity, origin: startAt, expected: options.expected });
    this.#next = startAt;
  }

  /** True when more bytes cannot change the outcome. */
  get over(): boolean {
    return this.#verifier.over || this.#options.program.anchors.length === 0;
  }

  /** The next bytes of the stream. */
  push(chunk: Uint8Array): void {
    const { tuning, program } = this.#options;
    for (let at = 0; at < chunk.length && !this.over; ) {
      at += this.#buffer.fill(at === 0 ? chunk : chunk.subarray(at));
      while (this.#next + tuning.cellBytes + program.lookAhead <= this.#buffer.endPosition && !this.over) {
        this.#searchCell(this.#next + tuning.cellBytes);
      }
      if (at < chunk.length) {
        this.#buffer.dropBefore(this.#next - program.lookBehind);
      }
    }
  }

  /** No more bytes will come: searches what is left. */
  finish(): void {
    while (this.#next < this.#buffer.endPosition && !this.over) {
      this.#searchCell(Math.min(this.#next + this.#options.tuning.cellBytes, this.#buffer.endPosition));
    }
  }

  #searchCell(to: number): void {
    const { origin, bytes, end } = this.#buffer;
    const { budget, program } = this.#options;
    const { anchors, search } = program;
    const stretch: PlacedStretch = { bytes, end, origin, from: this.#next };
    budget.reach(to);
    this.#tryPlaced(to, stretch);
    const { positions, count } = search.search({ bytes, from: this.#next - origin, to: to - origin });
    for (let i = 0; i < count && !this.#verifier.over; i++) {
      const index = positions[i]!;
      search.anchorsAt(bytes, index, (anchor) => this.#verifier.try(anchors[anchor]!, index, stretch));
    }
    this.#next = to;
  }

  /** Bodies without a good anchor that begin in the cell or a little after it, at places known beforehand. */
  #tryPlaced(to: number, stretch: PlacedStretch): void {
    const { placed } = this.#options;
    for (let one = placed[this.#nextPlaced]; one !== undefined; one = placed[++this.#nextPlaced]) {
      if (one.lo >= to || this.#verifier.over) {
        return;
      }
      for (let position = Math.max(one.lo, stretch.origin); position <= one.hi; position++) {
        this.#verifier.try(one.anchor, position - stretch.origin, stretch);
      }
    }
  }
}
