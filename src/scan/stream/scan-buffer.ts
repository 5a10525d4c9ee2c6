/** The stretch of the stream that a scan has in memory: what verification may look back at, and what came after it. */

/** A window that slides over a stream; its capacity is all the memory that a scan of any size needs. */
export class ScanBuffer {
  #bytes = new Uint8Array(0);
  readonly #capacity: number;
  #origin: number;
  #length = 0;

  /** `origin` is the position of the first byte that will come. */
  constructor(options: { readonly capacity: number; readonly origin: number }) {
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

  /** Small contents get little: twice what there was, up to the capacity. */
  #grow(wanted: number): void {
    const size = Math.min(this.#capacity, Math.max(wanted, 2 * this.#bytes.length));
    if (size > this.#bytes.length) {
      const larger = new Uint8Array(size);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
  }
}
