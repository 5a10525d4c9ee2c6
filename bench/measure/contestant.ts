/**
 * One engine in a definition. It stays in the contest as long as its answers are right: every pass is checked, the
 * timed ones too, and the first wrong answer takes all its times away.
 */
import type { BenchContext, Definition, Engine, Running } from '../definition.js';
import { Unavailable } from '../definition.js';
import type { EngineResult } from './result.js';

/** Time of one pass, ms. */
export interface PassTime {
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** Why an engine is out. */
export type Out = Extract<EngineResult, { kind: 'wrong' | 'skipped' | 'failed' }>;

/** An engine and where it stands. */
export interface Contestant {
  readonly name: string;
  readonly version: string | undefined;
  readonly setUpMs: number;
  readonly memoryBytes: number;
  readonly out: Out | undefined;
  /** One pass over `amount`, or undefined when the engine is out, by this pass or before. */
  pass(amount: number): Promise<PassTime | undefined>;
  drop(reason: string): void;
  close(): Promise<void>;
}

/** Sets the engine up. What goes wrong takes it out; nothing is thrown. */
export async function enter<Input>(
  engine: Engine<Input>,
  by: { readonly definition: Definition<Input>; readonly input: Input; readonly context: BenchContext },
): Promise<Contestant> {
  const expected = (amount: number): string =>
    engine.expected === undefined ? by.definition.expected(by.input, amount) : engine.expected(by.input, amount);
  const before = await memoryNow();
  const startedAt = performance.now();
  try {
    const running = await engine.start(by.input, by.context);
    const setUpMs = performance.now() - startedAt;
    return new Entrant(engine, { running, expected, setUpMs, memoryBytes: Math.max(0, (await memoryNow()) - before) });
  } catch (error) {
    return new Entrant(engine, { running: undefined, expected, setUpMs: 0, memoryBytes: 0, error });
  }
}

interface EntrantParts {
  readonly running: Running | undefined;
  readonly expected: (amount: number) => string;
  readonly setUpMs: number;
  readonly memoryBytes: number;
  readonly error?: unknown;
}

class Entrant implements Contestant {
  readonly name: string;
  readonly version: string | undefined;
  readonly setUpMs: number;
  readonly memoryBytes: number;
  readonly #running: Running | undefined;
  readonly #expected: (amount: number) => string;
  #out: Out | undefined;

  constructor(engine: { readonly name: string; readonly version?: string | undefined }, parts: EntrantParts) {
    this.name = engine.name;
    this.version = engine.version;
    this.setUpMs = parts.setUpMs;
    this.memoryBytes = parts.memoryBytes;
    this.#running = parts.running;
    this.#expected = parts.expected;
    this.#out = parts.running === undefined ? this.#outBy(parts.error) : undefined;
  }

  get out(): Out | undefined {
    return this.#out;
  }

  async pass(amount: number): Promise<PassTime | undefined> {
    const running = this.#running;
    if (running === undefined || this.#out !== undefined) {
      return undefined;
    }
    try {
      const time = await timed(running, amount);
      const [expected, got] = [this.#expected(amount), await running.answer()];
      if (got !== expected) {
        this.#out = { engine: this.name, kind: 'wrong', expected, got, amount };
        return undefined;
      }
      return time;
    } catch (error) {
      this.#out = this.#outBy(error);
      return undefined;
    }
  }

  drop(reason: string): void {
    this.#out ??= { engine: this.name, kind: 'skipped', reason };
  }

  async close(): Promise<void> {
    try {
      await this.#running?.close?.();
    } catch (error) {
      this.#out ??= this.#outBy(error);
    }
  }

  #outBy(error: unknown): Out {
    const reason = error instanceof Error ? error.message : String(error);
    return { engine: this.name, kind: error instanceof Unavailable ? 'skipped' : 'failed', reason };
  }
}

async function timed(running: Running, amount: number): Promise<PassTime> {
  await running.ready?.(amount);
  const cpu = process.cpuUsage();
  const wall = performance.now();
  const work = running.run(amount);
  if (work instanceof Promise) {
    await work;
  }
  const wallMs = performance.now() - wall;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1_000 };
}

/**
 * Of live objects only, where the process lets the collector be called. The memory of dead buffers is given back some
 * time after a collection and counted in full by the next one.
 */
async function memoryNow(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
