/** The two clocks of a machine, moved by hand: cheaper than a `FakeClock`, for runs of a million steps in which nobody waits. */
import type { Clock } from '../../src/base/seams.js';

export class TwoClocks implements Clock {
  #wall = 1_700_000_000_000;
  /** Time that has really passed: what no program can see. */
  truth = 0;
  #bootedAt = 0;

  now(): number {
    return this.#wall;
  }

  monotonicMs(): number {
    return this.truth - this.#bootedAt;
  }

  sleep(): Promise<void> {
    return Promise.reject(new Error('nobody waits here'));
  }

  pass(ms: number): void {
    this.#wall += ms;
    this.truth += ms;
  }

  /** Sets the wall clock only. */
  jump(ms: number): void {
    this.#wall += ms;
  }

  /** A new process: its monotonic clock has another beginning. */
  restart(): void {
    this.#bootedAt = this.truth - 17;
  }
}
