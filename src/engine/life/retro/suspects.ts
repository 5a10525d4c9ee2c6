/**
 * What is to be judged out of turn: contents that an answer named, and those on which nobody could give a word. The
 * latter are asked about again later, each on its own, so that one that nobody can tell keeps nothing else waiting.
 */

/** When to judge, and how often it was tried in vain. */
interface Suspect {
  /** Monotonic ms. */
  readonly atMs: number;
  readonly failures: number;
}

const maxSuspects = 10_000;
const firstRetryMs = 60_000;
const longestRetryMs = 3_600_000;

/** Keys of suspects; bounded. */
export class Suspects {
  readonly #suspects = new Map<string, Suspect>();

  get size(): number {
    return this.#suspects.size;
  }

  /** To be judged at once. False when there is no room. */
  add(key: string): boolean {
    return this.#put(key, { atMs: Number.NEGATIVE_INFINITY, failures: 0 });
  }

  /** To be judged again later: each time after twice as long, an hour at most. False when there is no room. */
  defer(key: string, before: ReadonlyMap<string, Suspect>, nowMs: number): boolean {
    const failures = (before.get(key)?.failures ?? 0) + 1;
    return this.#put(key, { atMs: nowMs + Math.min(firstRetryMs * 2 ** Math.min(failures - 1, 10), longestRetryMs), failures });
  }

  /** Keys that are due, so many at most, and in how many ms further ones are (Infinity: there are none). */
  due(nowMs: number, limit: number): { readonly keys: readonly string[]; readonly nextInMs: number } {
    const keys: string[] = [];
    let nextAtMs = Number.POSITIVE_INFINITY;
    for (const [key, { atMs }] of this.#suspects) {
      if (atMs <= nowMs && keys.length < limit) {
        keys.push(key);
      } else {
        nextAtMs = Math.min(nextAtMs, atMs);
      }
    }
    return { keys, nextInMs: Math.max(0, nextAtMs - nowMs) };
  }

  /** Takes those of these keys that are suspects: they are judged now. What is added meanwhile is a new suspicion. */
  take(keys: readonly string[]): ReadonlyMap<string, Suspect> {
    const taken = new Map<string, Suspect>();
    for (const key of keys) {
      const suspect = this.#suspects.get(key);
      if (suspect !== undefined) {
        taken.set(key, suspect);
        this.#suspects.delete(key);
      }
    }
    return taken;
  }

  /** Puts back what could not be judged. */
  restore(taken: ReadonlyMap<string, Suspect>): void {
    taken.forEach((suspect, key) => this.#suspects.has(key) || this.#suspects.set(key, suspect));
  }

  #put(key: string, suspect: Suspect): boolean {
    if (this.#suspects.size >= maxSuspects && !this.#suspects.has(key)) {
      return false;
    }
    this.#suspects.set(key, suspect);
    return true;
  }
}
