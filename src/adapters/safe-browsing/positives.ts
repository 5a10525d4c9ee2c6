/** Which prefixes the service has called a threat, for as long as its answer holds. Bounded; the oldest go first. */
import { toLatin1 } from '../../base/bytes.js';

const maxPositives = 10_000;

/** Positive answers by prefix. Instants are monotonic ms. */
export class Positives {
  readonly #until = new Map<string, number>();

  /** The service named a threat under this prefix, and its answer holds until then. */
  add(prefix: Uint8Array, untilMs: number): void {
    const key = toLatin1(prefix);
    this.#until.delete(key);
    this.#until.set(key, untilMs);
    if (this.#until.size > maxPositives) {
      this.#until.delete(this.#until.keys().next().value!);
    }
  }

  /** The service named none. */
  remove(prefix: Uint8Array): void {
    this.#until.delete(toLatin1(prefix));
  }

  has(prefix: Uint8Array, nowMs: number): boolean {
    const until = this.#until.get(toLatin1(prefix));
    return until !== undefined && nowMs < until;
  }
}
