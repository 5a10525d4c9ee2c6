/**
 * The text view: lower case, runs of white space as one space, control and non-ASCII bytes left out. It is made in blocks
 * as clamscan makes it: when the block cannot surely hold another 4 KiB of input, a new one begins, and a run of white
 * space that goes on across that border gives a second space.
 */
import type { NormalisedSink, Normaliser } from '../../../src/scan/content/normalise.js';

const INPUT_STEP = 4096;
const BLOCK = 131_072;
const SPACE = 0x20;

/** What a byte becomes: 0 nothing. */
const BECOMES: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === SPACE || (byte >= 0x09 && byte <= 0x0d)) {
    return SPACE;
  }
  const isUpper = byte >= 0x41 && byte <= 0x5a;
  return byte < SPACE || byte > 0x7f ? 0 : byte + (isUpper ? 0x20 : 0);
});

/** Makes the text view of one content. */
export class PlainTextNormaliser implements Normaliser {
  readonly #sink: NormalisedSink;
  readonly #block: Uint8Array = new Uint8Array(BLOCK);
  #filled = 0;
  #sinceStep = 0;
  #inSpace = false;

  constructor(sink: NormalisedSink) {
    this.#sink = sink;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#sinceStep === 0 && BLOCK - this.#filled < INPUT_STEP) {
        this.#flush();
      }
      const end = Math.min(chunk.length, at + INPUT_STEP - this.#sinceStep);
      this.#fill(chunk, at, end);
      this.#sinceStep = (this.#sinceStep + end - at) % INPUT_STEP;
      at = end;
    }
  }

  finish(): void {
    this.#flush();
  }

  #fill(chunk: Uint8Array, from: number, to: number): void {
    const block = this.#block;
    let filled = this.#filled;
    let inSpace = this.#inSpace;
    for (let at = from; at < to; at++) {
      const becomes = BECOMES[chunk[at] ?? 0] ?? 0;
      if (becomes === 0 || (becomes === SPACE && inSpace)) {
        continue;
      }
      block[filled++] = becomes;
      inSpace = becomes === SPACE;
    }
    this.#filled = filled;
    this.#inSpace = inSpace;
  }

  #flush(): void {
    if (this.#filled > 0) {
      this.#sink('text', this.#block.subarray(0, this.#filled));
    }
    this.#filled = 0;
    this.#inSpace = false;
  }
}
