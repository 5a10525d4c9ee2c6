/** The stretch of the stream that a scan has in memory: what verification may look back at, and what came after it. */

const noBytes: Uint8Array = new Uint8Array(0);

/** Buffers that are kept: views of a content are searched side by side. */
const maxSpare = 4;
/** Buffers are made for contents of this size at least, so that the next one finds room in them. */
const leastBytes = 8192;

/**
 * The memory of passes that have ended, for the next ones: making and clearing it anew was a tenth of the scan of a small
 * file.
 */
export class SpareBuffers {
  readonly #buffers: Uint8Array[] = [];

  /** At least so many bytes. What they hold is of no meaning. */
  take(count: number): Uint8Array {
    const last = this.#buffers.pop();
    return last === undefined || last.length < count ? new Uint8Array(count) : last;
  }

  /** Whoever gives them away does not use them any more. */
  give(bytes: Uint8Array): void {
    if (bytes.length > 0 && this.#buffers.length < maxSpare) {
      this.#buffers.push(bytes);
    }
  }
}

/** A window that slides over a stream; its capacity is all the memory that a scan of any size needs. */
export class ScanBuffer {
  #bytes: Uint8Array = noBytes;
  readonly #spare: SpareBuffers;
  readonly #capacity: number;
  #origin: number;
  #length = 0;

  /** `origin` is the position of the first byte that will come. `spare` is of buffers of the same capacity. */
  constructor(options: { readonly capacity: number; readonly origin: number; readonly spare: SpareBuffers }) {
    this.#spare = options.spare;
    this.#capacity = options.capacity;
    this.#origin = options.origin;
  }

  /** Indices below `end` are bytes of the subject. Valid until the next call. */
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
    if (this.#length + chunk.length > this.#bytes.length) {
      this.#grow(this.#length + chunk.length);
    }
    const count = Math.min(chunk.length, this.#bytes.length - this.#length);
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

  /** Lets go of everything: the next byte will be the one at this position. */
  restartAt(position: number): void {
    this.#origin = position;
    this.#length = 0;
  }

  /** Lets go of its memory: no more bytes will come, and none is looked at again. */
  release(): void {
    this.#spare.give(this.#bytes);
    this.#bytes = noBytes;
    this.restartAt(this.endPosition);
  }

  /** Small contents get little: 8 KiB, then twice what there was, up to the capacity. */
  #grow(wanted: number): void {
    const size = Math.min(this.#capacity, Math.max(leastBytes, wanted, 2 * this.#bytes.length));
    if (size > this.#bytes.length) {
      const larger = this.#spare.take(size);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
  }
}
