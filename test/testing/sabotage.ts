/** Runs a suite against wrong parts: a suite that does not notice is itself wrong. */
import { expect, it } from 'vitest';
import { collect, runAll } from '../../src/testing/collect.js';
import type { TestRunner } from '../../src/testing/runner.js';

/** A wrong part: what is wrong with it, and a test that has to notice. */
export interface Sabotage<Part> {
  readonly wrong: string;
  readonly part: Part;
  /** Name of a test of the suite that fails for it. */
  readonly caughtBy: string;
}

/** Names of the failed tests of the suite, without the name of the suite. */
export async function failedTests(suite: (runner: TestRunner) => void): Promise<string[]> {
  return (await runAll(collect(suite), { timeoutMs: 3_000 })).map(ownName);
}

function ownName({ name }: { readonly name: string }): string {
  return name.split(' > ').slice(1).join(' > ');
}

/** One test for each wrong part. */
export function itCatches<Part>(
  sabotages: readonly Sabotage<Part>[],
  suite: (runner: TestRunner, part: Part) => void,
): void {
  for (const { wrong, part, caughtBy } of sabotages) {
    it(`catches one that ${wrong}`, async () => {
      const test = collect((runner) => suite(runner, part)).find((one) => ownName(one) === caughtBy);
      expect(test, 'the suite has the test that is to notice').toBeDefined();
      expect((await runAll(test === undefined ? [] : [test], { timeoutMs: 700 })).map(ownName)).toEqual([caughtBy]);
    });
  }
}
