/**
 * Memory that every normaliser of a matcher writes to in turn. What is in it is handed on before a call returns, so that
 * contents that are scanned side by side may share it; memory of its own for each small text was a tenth of its scan.
 */

/** Bytes to write to during one call. */
export class Scratch {
  #bytes: Uint8Array = new Uint8Array(0);

  /** At least so many bytes. What they hold is of no meaning. */
  take(count: number): Uint8Array {
    if (this.#bytes.length < count) {
      this.#bytes = new Uint8Array(count);
    }
    return this.#bytes;
  }
}
