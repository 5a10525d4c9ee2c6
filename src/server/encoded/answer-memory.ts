/**
 * Memory in which answers are written, used again when an answer was sent. Were it made anew for each, tens of megabytes a
 * second would have to be collected, and everybody would wait for that several times a second.
 */

/** Sizes that are kept: powers of two between these. Most answers fit into the least. */
const leastBytes = 32_768;
const mostBytes = 524_288;
/** What is kept of all sizes together. */
const maxKeptBytes = 4_194_304;

/** Memory of one server. */
export class AnswerMemory {
  readonly #free = new Map<number, ArrayBuffer[]>();
  readonly #lent = new WeakSet<ArrayBuffer>();
  #keptBytes = 0;

  /** At least so many bytes, with whatever stood there before. */
  take(bytes: number): Uint8Array<ArrayBuffer> {
    if (bytes > mostBytes) {
      return new Uint8Array(bytes);
    }
    const size = Math.max(leastBytes, 2 ** Math.ceil(Math.log2(bytes)));
    const kept = this.#free.get(size)?.pop();
    this.#keptBytes -= kept === undefined ? 0 : size;
    const buffer = kept ?? new ArrayBuffer(size);
    this.#lent.add(buffer);
    return new Uint8Array(buffer);
  }

  /** Takes back the memory of a view of what was taken. Nobody may look at it any more; what is not from here is left alone. */
  giveBack({ buffer }: Uint8Array): void {
    // Deleted, so that memory given back twice is never lent to two at a time.
    if (!(buffer instanceof ArrayBuffer) || !this.#lent.delete(buffer) || this.#keptBytes + buffer.byteLength > maxKeptBytes) {
      return;
    }
    const size = buffer.byteLength;
    const free = this.#free.get(size) ?? [];
    free.push(buffer);
    this.#free.set(size, free);
    this.#keptBytes += size;
  }
}
