/** Random access to one view of a content, for what is told only at its end. */
import { VedetteError, throwIfAborted } from '../../../base/errors.js';
import type { Signal } from '../../../base/seams.js';
import type { ByteSource } from '../../../base/subject.js';
import type { SignatureBody } from '../../../pattern/signature.js';
import type { WorkBudget } from '../../stream/work-budget.js';
import { startsBefore } from '../../verify/match-nodes.js';
import { lengthOf, splitBody } from '../../verify/split.js';

/** Bytes of a content that expressions may be searched in: above, a scan that needs them is incomplete. */
const maxWholeBytes = 64 * 1024 * 1024;

/** Bytes beside a body that decide whether it stands there. */
const neighbourBytes = 2;

/** The bytes of a view. */
export class ViewBytes {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #options: Signal;
  #whole: Uint8Array | undefined;

  constructor(size: number, source: ByteSource, options: Signal) {
    this.size = size;
    this.#source = source;
    this.#options = options;
  }

  /** The bytes from `at`: fewer where the view ends before. @throws VedetteError `aborted`, `unsupported`, and what the source throws. */
  async read(at: number, length: number): Promise<Uint8Array> {
    if (this.#whole !== undefined) {
      return this.#whole.subarray(at, at + length);
    }
    const into = new Uint8Array(Math.max(0, Math.min(length, this.size - at)));
    let filled = 0;
    while (filled < into.length) {
      throwIfAborted(this.#options.signal);
      const part = into.subarray(filled);
      const count = await this.#source.read(at + filled, part, this.#options);
      // untrusted: a source is the host's code over somebody's bytes
      if (!Number.isInteger(count) || count < 0 || count > part.length) {
        throw new VedetteError('unsupported', `a byte source returned ${count} for a read of ${part.length} bytes`);
      }
      if (count === 0) {
        return into.subarray(0, filled);
      }
      filled += count;
    }
    return into;
  }

  /** All bytes, kept for the next caller; undefined when they are too many. */
  async whole(): Promise<Uint8Array | undefined> {
    if (this.size > maxWholeBytes) {
      return undefined;
    }
    this.#whole ??= await this.read(0, this.size);
    return this.#whole;
  }

  /** Where a body that ends at `end` begins, the earliest place of several; undefined for a body of any length. */
  async startOf(body: SignatureBody, end: number, budget: WorkBudget): Promise<number | undefined> {
    const [part, ...others] = splitBody(body.nodes, Number.MAX_SAFE_INTEGER);
    if (part === undefined || others.length > 0) {
      return undefined;
    }
    const from = Math.max(0, end - lengthOf(part.nodes).max - neighbourBytes);
    const bytes = await this.read(from, end - from + neighbourBytes);
    const starts = startsBefore(part.nodes, part.nodes.length, { position: end - from, stretch: { bytes, end: bytes.length }, budget });
    return starts.length === 0 ? undefined : from + starts[0]!;
  }
}
