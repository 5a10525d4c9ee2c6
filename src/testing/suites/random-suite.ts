/** What every `Random` promises: numbers in [0, 1) that are spread over the whole of it. */
import type { Random } from '../../base/seams.js';
import { assertTrue } from '../assertions.js';
import { createPartMaker, registerSuite } from '../runner.js';
import type { PartMaker, SuiteOptions, SuiteTests, TestRunner } from '../runner.js';

/** Options of `describeRandom`. */
export type RandomSuiteOptions = SuiteOptions<Random>;

type Fixture = PartMaker<Random, void>;

/** Registers the conformance suite of chance. Its bounds fail a fair generator less than once in 10^9 runs. */
export function describeRandom(runner: TestRunner, options: RandomSuiteOptions): void {
  registerSuite<Fixture>(runner, {
    title: `Random: ${options.name}`,
    tests,
    skip: options.skip,
    open: () => createPartMaker(options),
    close: (fixture) => fixture.disposeAll(),
  });
}

const tests: SuiteTests<Fixture> = {
  'numbers are at least 0 and less than 1': async ({ make }) => {
    for (const value of draw(await make(), 10_000)) {
      assertTrue(`number ${value}`, value >= 0 && value < 1);
    }
  },
  'every tenth of the range gets about a tenth of the numbers': async ({ make }) => {
    const counts = new Array<number>(10).fill(0);
    for (const value of draw(await make(), 10_000)) {
      const tenth = Math.floor(value * 10);
      counts[tenth] = (counts[tenth] ?? 0) + 1;
    }
    assertTrue(`counts ${counts.join()}: expected 1000 each, within 200`, counts.every((count) => Math.abs(count - 1_000) < 200));
  },
  'numbers are not repeated one after the other': async ({ make }) => {
    const values = draw(await make(), 1_000);
    assertTrue('different numbers of 1000', new Set(values).size > 990);
  },
};

function draw(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random());
}
