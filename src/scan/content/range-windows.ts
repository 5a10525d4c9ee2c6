/**
 * Parts of a content, read in windows of 16 KiB of which the latest few are kept: what headers name lies close together in
 * honest files. In others it may lie anywhere, 65,000 times: after as many windows as honest files need, nothing
 * more is read than is asked for.
 */
import type { ByteRange, ReadRange } from './executable.js';

const windowBytes = 16_384;
const keptWindows = 16;
const maxWindows = 256;

interface Window {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** Ranges of one content. */
export class RangeWindows {
  readonly #size: number;
  readonly #read: ReadRange;
  /** The latest last. */
  readonly #windows: Window[] = [];
  #reads = 0;

  constructor(size: number, read: ReadRange) {
    this.#size = size;
    this.#read = read;
  }

  /** The bytes of a range, fewer where the content ends before. A rejection of `read` is passed on. */
  async get({ at, length }: ByteRange): Promise<Uint8Array> {
    const wanted = Math.min(length, Math.max(0, this.#size - at));
    const window = this.#known(at, wanted) ?? (await this.#readWindow(at, wanted));
    return window.bytes.subarray(at - window.at, at - window.at + wanted);
  }

  #known(at: number, wanted: number): Window | undefined {
    return this.#windows.findLast((window) => at >= window.at && at + wanted <= window.at + window.bytes.length);
  }

  async #readWindow(at: number, wanted: number): Promise<Window> {
    const isWide = ++this.#reads <= maxWindows;
    const window = { at, bytes: await this.#read({ at, length: isWide ? Math.max(wanted, windowBytes) : wanted }) };
    if (isWide) {
      this.#windows.splice(0, this.#windows.length - keptWindows + 1);
      this.#windows.push(window);
    }
    return window;
  }
}
