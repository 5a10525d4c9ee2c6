/**
 * A clock that stands still until it is told to move: the only clock of the unit tests. Waits resolve in the order of
 * their instants while `advance` passes over them.
 */
import { abortedError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';

interface Sleeper {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

/** A `Clock` whose time is moved by the test. */
export class FakeClock implements Clock {
  #wallOffset: number;
  #monotonic = 0;
  #order = 0;
  #sleepers: Sleeper[] = [];

  constructor(startAt = 1_700_000_000_000) {
    this.#wallOffset = startAt;
  }

  now(): number {
    return this.#wallOffset + this.#monotonic;
  }

  monotonicMs(): number {
    return this.#monotonic;
  }

  /** Waits that are open now. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** The monotonic instant of the next wait, if there is one. */
  get nextAt(): number | undefined {
    return this.#sleepers[0]?.at;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(abortedError(signal));
        return;
      }
      const onAbort = (): void => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
        reject(abortedError(signal));
      };
      const sleeper: Sleeper = {
        at: this.#monotonic + Math.max(0, ms),
        order: this.#order++,
        wake: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#sleepers.push(sleeper);
      this.#sleepers.sort((a, b) => a.at - b.at || a.order - b.order);
    });
  }

  /** Moves both clocks on by `ms`, waking what falls due on the way and letting its consequences run. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settle();
    for (let next = this.#sleepers[0]; next !== undefined && next.at <= end; next = this.#sleepers[0]) {
      this.#sleepers.shift();
      this.#monotonic = Math.max(this.#monotonic, next.at);
      next.wake();
      await settle();
    }
    this.#monotonic = end;
    await settle();
  }

  /** Sets the wall clock only, as a person or a time server does. */
  jumpWall(ms: number): void {
    this.#wallOffset += ms;
  }

  /**
   * Advances from wait to wait until the promise settles.
   * @throws Error when nothing is waiting any more and the promise still has not settled.
   */
  async run<T>(promise: Promise<T>, options: { readonly maxMs?: number } = {}): Promise<T> {
    let settled = false;
    const mark = (): void => {
      settled = true;
    };
    promise.then(mark, mark);
    const end = this.#monotonic + (options.maxMs ?? 86_400_000);
    let idle = 0;
    while (!settled) {
      await settle();
      const next = this.#sleepers[0];
      if (next === undefined) {
        if (settled) {
          break;
        }
        // Work that really leaves the process (a file, a digest, a module that is loaded) settles in a later turn.
        if (++idle > 50_000) {
          throw new Error('FakeClock.run: nothing is waiting on the clock and the promise has not settled');
        }
        continue;
      }
      idle = 0;
      if (next.at > end) {
        throw new Error(`FakeClock.run: not settled within ${options.maxMs ?? 86_400_000} ms of fake time`);
      }
      if (!settled) {
        await this.advance(next.at - this.#monotonic);
      }
    }
    return promise;
  }
}

/** Lets everything run that is due in this and the next turns of the event loop. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    await new Promise<void>((resolve) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        channel.port1.close();
        resolve();
      };
      channel.port2.postMessage(null);
    });
  }
}
