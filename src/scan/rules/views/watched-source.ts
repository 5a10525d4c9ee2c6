/**
 * A source under watch: a session has seen all bytes of a content once, so that an end before the last of them means
 * that the content is another one by now. Nothing can be said about what was not there to be read again.
 */
import type { Signal } from '../../../base/seams.js';
import type { ByteSource } from '../../../base/subject.js';

/** The same bytes as its source has. */
export class WatchedSource implements ByteSource {
  readonly #source: ByteSource;
  readonly #size: number;
  #endedEarly = false;

  /** `size`: bytes that the session has seen. */
  constructor(source: ByteSource, size: number) {
    this.#source = source;
    this.#size = size;
  }

  /** True once a read of bytes that the session has seen gave none. */
  get endedEarly(): boolean {
    return this.#endedEarly;
  }

  read(at: number, into: Uint8Array, options: Signal): number | Promise<number> {
    const reading = this.#source.read(at, into, options);
    return typeof reading === 'number' ? this.#watched(reading, at, into) : reading.then((count) => this.#watched(count, at, into));
  }

  #watched(count: number, at: number, into: Uint8Array): number {
    this.#endedEarly ||= count === 0 && into.length > 0 && at < this.#size;
    return count;
  }
}
