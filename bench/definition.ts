/**
 * What a bench is: data. An input made from a seeded recipe, what must come out of it, the engines that are measured
 * on it, and the one among them that all others are measured against (the baseline). How it is measured stands in
 * `measure/`, the same for all of them.
 */
import type { HostEngine } from './host-engine.js';

/** `quick` is for trying things out and for tests: tiny inputs, and times that mean nothing. */
export type Size = 'full' | 'quick';

/** What a definition is given. */
export interface BenchContext {
  readonly size: Size;
  /** Folder where the haystack is kept between runs. */
  readonly dataDir: string;
  /** An empty folder on a real disk, removed after the definition. */
  readonly scratchDir: string;
  /** Script of the worker with the loopback servers. */
  readonly workerScript: string;
  /** Script of the command-line program, of the same sources. */
  readonly program: string;
}

/** An engine with its tables built, ready for timed passes. */
export interface Running {
  /** Untimed, before each pass. */
  ready?(amount: number): void | Promise<void>;
  /** Timed. Does the first `amount` units of the input. */
  run(amount: number): void | Promise<void>;
  /** Untimed: what the last pass found, in the words of `expected`. */
  answer(): string | Promise<string>;
  close?(): void | Promise<void>;
}

/** One way to do the work of a definition. */
export interface Engine<Input> {
  readonly name: string;
  /** Version, when it comes from a package. */
  readonly version?: string | undefined;
  /**
   * Builds whatever the passes need.
   * @throws Unavailable when it cannot take part, with the reason.
   */
  start(input: Input, context: BenchContext): Running | Promise<Running>;
  /** Where its answer is other than the definition's: a bare exchange of bytes knows no verdicts. */
  expected?(input: Input, amount: number): string;
}

/** How amounts are written: a unit is `per` single amounts. */
export interface Unit {
  readonly name: string;
  readonly per: number;
}

/** Which amounts a pass may have. */
export interface Amounts {
  /** Small, only to estimate by: never measured. */
  readonly probe: number;
  /** Ascending. An engine is measured on the largest that it does within the time of a pass. */
  readonly steps: readonly number[];
}

/** One bench. */
export interface Definition<Input> {
  readonly name: string;
  readonly title: (input: Input) => string;
  readonly unit: Unit;
  /** `cpu` for pure work (a machine may be shared), `wall` where waiting is part of it. */
  readonly clock: 'cpu' | 'wall';
  /** Name of an engine. */
  readonly baseline: string;
  /** One paragraph: what is compared, in whose favour, and what to expect. */
  readonly analysis: string;
  readonly engines: readonly Engine<Input>[];
  prepare(context: BenchContext): Input | Promise<Input>;
  amounts(input: Input): Amounts;
  /** What a right engine answers about the first `amount` units, made independently of all engines. */
  expected(input: Input, amount: number): string;
  /** A host's own part as an engine; undefined when it brings none for this definition. */
  host(module: HostEngine): Engine<Input> | undefined;
  /** Keys held by the tables: memory is then given per key. */
  keys?(input: Input): number;
  dispose?(input: Input): void | Promise<void>;
}

/** An engine that cannot take part, and why: it is listed as skipped. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** A `Running` whose passes give something out that is turned into an answer only when it is asked for. */
export function running<Output>(parts: {
  readonly ready?: (amount: number) => void | Promise<void>;
  readonly run: (amount: number) => Output | Promise<Output>;
  readonly answer: (output: Output) => string | Promise<string>;
  readonly close?: () => void | Promise<void>;
}): Running {
  let last: { readonly output: Output } | undefined;
  const keep = (output: Output): void => {
    last = { output };
  };
  return {
    ready: (amount) => parts.ready?.(amount),
    run(amount) {
      const output = parts.run(amount);
      if (output instanceof Promise) {
        return output.then(keep);
      }
      keep(output);
    },
    answer() {
      if (last === undefined) {
        throw new Error('no pass has run');
      }
      return parts.answer(last.output);
    },
    close: () => parts.close?.(),
  };
}
