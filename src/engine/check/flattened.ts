/**
 * The elements of arrays that come one after the other. An async generator would take a tenth of the time of a whole
 * check per element; here an element that is there costs one resolved promise.
 */

/** A generator over the elements. Ends, throws and returns as `portions` does, at once when it is `over`. */
export function flattened<T>(portions: AsyncGenerator<readonly T[], void, undefined>, isOver: () => boolean): AsyncGenerator<T, void, undefined> {
  return new Flattened(portions, isOver);
}

class Flattened<T> implements AsyncGenerator<T, void, undefined> {
  readonly #portions: AsyncGenerator<readonly T[], void, undefined>;
  readonly #isOver: () => boolean;
  #portion: readonly T[] = [];
  #at = 0;
  /** Calls that came while the next portion is being waited for, answered in their order. */
  #waiting: Promise<unknown> | undefined;

  constructor(portions: AsyncGenerator<readonly T[], void, undefined>, isOver: () => boolean) {
    this.#portions = portions;
    this.#isOver = isOver;
  }

  next(): Promise<IteratorResult<T, void>> {
    if (this.#waiting === undefined && this.#at < this.#portion.length && !this.#isOver()) {
      return Promise.resolve({ done: false, value: this.#portion[this.#at++]! });
    }
    return this.#inTurn(() => this.#nextOfAll());
  }

  return(): Promise<IteratorResult<T, void>> {
    this.#drop();
    return this.#inTurn(async () => {
      this.#drop();
      await this.#portions.return();
      return { done: true, value: undefined };
    });
  }

  throw(error: unknown): Promise<IteratorResult<T, void>> {
    this.#drop();
    return this.#inTurn(async () => {
      await this.#portions.throw(error);
      return { done: true, value: undefined };
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #drop(): void {
    this.#portion = [];
    this.#at = 0;
  }

  async #nextOfAll(): Promise<IteratorResult<T, void>> {
    while (this.#at >= this.#portion.length || this.#isOver()) {
      const next = await this.#portions.next();
      if (next.done === true) {
        this.#drop();
        return { done: true, value: undefined };
      }
      this.#portion = next.value;
      this.#at = 0;
    }
    return { done: false, value: this.#portion[this.#at++]! };
  }

  #inTurn<R>(work: () => Promise<R>): Promise<R> {
    const turn = (this.#waiting ?? Promise.resolve()).then(work, work);
    this.#waiting = turn;
    const leave = (): void => {
      if (this.#waiting === turn) {
        this.#waiting = undefined;
      }
    };
    turn.then(leave, leave);
    return turn;
  }
}
