/** A definition of which everything is known: count to the amount. Engines are right, wrong, slow or broken on demand. */
import type { BenchContext, Definition, Engine } from '../../bench/definition.js';
import { running } from '../../bench/definition.js';
import type { HostEngine } from '../../bench/host-engine.js';
import { planFor } from '../../bench/measure/plan.js';

export const context: BenchContext = { size: 'quick', dataDir: '', scratchDir: '', workerScript: '', program: '' };

/** Passes as short as the clock can tell, three rounds. */
export const plan = { ...planFor('quick', 3), roundMs: 0 };

/** Counts by `count`; tells the log about each pass. */
export function counter(name: string, options: { readonly count?: (amount: number, pass: number) => number; readonly log?: string[] } = {}): Engine<number> {
  const { count = (amount) => amount, log = [] } = options;
  let passes = 0;
  return {
    name,
    start: () =>
      running({
        run(amount) {
          log.push(name);
          return count(amount, passes++);
        },
        answer: (counted) => `counted to ${counted}`,
      }),
  };
}

/** Its amounts are 1, 10 and 100; its baseline is `plain`. */
export function toyDefinition(engines: readonly Engine<number>[]): Definition<number> {
  return {
    name: 'toy',
    title: () => 'counting',
    unit: { name: 'steps', per: 1 },
    clock: 'wall',
    baseline: 'plain',
    analysis: 'Nothing is learned from it.',
    engines,
    prepare: () => 100,
    amounts: (most) => ({ probe: 1, steps: [10, most] }),
    expected: (_, amount) => `counted to ${amount}`,
    host: ({ name }: HostEngine) => counter(name),
  };
}
