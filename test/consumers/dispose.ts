/** `Symbol.asyncDispose` in the words of any library version: the engine is its own disposable. */
import { createEngine, type Engine } from 'vedette';

export async function disposed(): Promise<void> {
  const engine = createEngine({});
  await engine[Symbol.asyncDispose]();
}

export class Wrapped implements Pick<Engine, 'close'> {
  readonly #engine: Engine = createEngine({});
  close(): Promise<void> {
    return this.#engine.close();
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
