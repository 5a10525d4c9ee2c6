/** The stretch of the stream that a scan has in memory: what verification may look back at, and what came after it. */

/** Bytes after the last one that may be read (never matched) by a loop that loads ahead. */
const slackBytes = 8;

/** A window that slides over a stream; its capacity is all the memory that a scan of any size needs. */
export class ScanBuffer {
  #bytes: Uint8Array;
  readonly #capacity: number;
  #origin = 0;
  #length = 0;

  /** `origin` is the position of the first byte that will come; `expected`, where known, saves small subjects the memory. */
  constructor(options: { readonly capacity: number; readonly origin: number; readonly expected: number | undefined }) {
    this.#capacity = options.capacity;
    this.#origin = options.origin;
    const expected = Number.isSafeInteger(options.expected) ? Math.max(0, options.expected!) : options.capacity;
    this.#bytes = new Uint8Array(Math.min(options.capacity, expected) + slackBytes);
  }

  /** Indices below `end` are bytes of the subject; `bytes` has a few more that are not. Valid until the next call. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get end(): number {
    return this.#length;
  }

  /** Position of index 0 in the subject. */
  get origin(): number {
    return this.#origin;
  }

  /** Position after the last byte that came. */
  get endPosition(): number {
    return this.#origin + this.#length;
  }

  /** Takes as much of the chunk as there is room for. @returns how many bytes that was. */
  fill(chunk: Uint8Array): number {
    if (this.#length + chunk.length > this.#bytes.length - slackBytes) {
      this.#grow();
    }
    const count = Math.min(chunk.length, this.#bytes.length - slackBytes - this.#length);
    this.#bytes.set(count === chunk.length ? chunk : chunk.subarray(0, count), this.#length);
    this.#length += count;
    return count;
  }

  /** Lets go of everything before this position. */
  dropBefore(position: number): void {
    const drop = Math.min(this.#length, Math.max(0, position - this.#origin));
    if (drop > 0) {
      this.#bytes.copyWithin(0, drop, this.#length);
      this.#origin += drop;
      this.#length -= drop;
    }
  }

  #grow(): void {
    if (this.#bytes.length < this.#capacity + slackBytes) {
      const larger = new Uint8Array(this.#capacity + slackBytes);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
  }
}
