/**
 * Step 4: one sleep of the clock for everything that waits for an instant. A sleep of its own for each hold, attempt and
 * time limit costs 20 µs, nearly all of them for being called off. Nothing sleeps while nothing waits.
 *
 * A binary heap by instant, in which each wait knows its place, so that it is taken out without a search.
 */
import { notNeeded } from './turns.js';
import type { Clock } from '../../base/seams.js';

/** Somebody who waits for an instant. */
export interface AlarmWait {
  /** Monotonic ms. */
  readonly atMs: number;
  /** Of two for the same instant the earlier set one comes first. */
  readonly turn: number;
  /** Called once, unless the wait was called off. It must not throw. */
  readonly ring: () => void;
  /** Where it stands in the heap; -1 when it is over. */
  place: number;
}

/** Waits for instants. */
export class Alarm {
  readonly #clock: Clock;
  readonly #isBackground: boolean;
  readonly #heap: AlarmWait[] = [];
  #turns = 0;
  #sleep: { readonly untilMs: number; readonly over: AbortController } | undefined;

  /** Background waits keep no process alive. */
  constructor(clock: Clock, options: { readonly background: boolean }) {
    this.#clock = clock;
    this.#isBackground = options.background;
  }

  /** Rings at the instant, never before it, and never before this call has returned. */
  set(atMs: number, ring: () => void): AlarmWait {
    const wait: AlarmWait = { atMs, turn: this.#turns++, ring, place: this.#heap.length };
    this.#heap.push(wait);
    this.#up(wait);
    this.#plan();
    return wait;
  }

  /** Calls a wait off; one that is over is none. */
  clear(wait: AlarmWait): void {
    if (wait.place >= 0) {
      this.#remove(wait);
      this.#plan();
    }
  }

  /** Sleeps until the first instant, at the latest: a sleep that ends too early costs less than one more to be called off. */
  #plan(): void {
    const first = this.#heap[0];
    if (first !== undefined && this.#sleep !== undefined && this.#sleep.untilMs <= first.atMs) {
      return;
    }
    this.#sleep?.over.abort(notNeeded);
    this.#sleep = undefined;
    if (first === undefined) {
      return;
    }
    const sleep = { untilMs: first.atMs, over: new AbortController() };
    this.#sleep = sleep;
    const ms = Math.max(0, first.atMs - this.#clock.monotonicMs());
    this.#clock.sleep(ms, sleep.over.signal, { background: this.#isBackground }).then(
      () => this.#wake(sleep),
      () => undefined,
    );
  }

  #wake(sleep: object): void {
    if (this.#sleep !== sleep) {
      return;
    }
    const nowMs = this.#clock.monotonicMs();
    for (let first = this.#heap[0]; first !== undefined && first.atMs <= nowMs; first = this.#heap[0]) {
      this.#remove(first);
      first.ring();
    }
    if (this.#sleep === sleep) {
      this.#sleep = undefined;
    }
    this.#plan();
  }

  #remove(wait: AlarmWait): void {
    const { place } = wait;
    const last = this.#heap.pop()!;
    wait.place = -1;
    if (last !== wait) {
      last.place = place;
      this.#heap[place] = last;
      this.#up(last);
      this.#down(last);
    }
  }

  #up(wait: AlarmWait): void {
    while (wait.place > 0) {
      const parent = this.#heap[(wait.place - 1) >> 1]!;
      if (isBefore(parent, wait)) {
        return;
      }
      this.#swap(parent, wait);
    }
  }

  #down(wait: AlarmWait): void {
    for (;;) {
      const left = this.#heap[2 * wait.place + 1];
      const right = this.#heap[2 * wait.place + 2];
      const child = left !== undefined && right !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || isBefore(wait, child)) {
        return;
      }
      this.#swap(wait, child);
    }
  }

  #swap(parent: AlarmWait, child: AlarmWait): void {
    [parent.place, child.place] = [child.place, parent.place];
    this.#heap[parent.place] = parent;
    this.#heap[child.place] = child;
  }
}

function isBefore(a: AlarmWait, b: AlarmWait): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.turn < b.turn);
}
