/**
 * A runner that only collects: a suite as a list of named tests that the caller runs when and where it likes. For
 * hosts without a test framework, for checks at start-up, and for testing the suites themselves against wrong parts.
 */
import { within } from './assertions.js';
import type { TestFunction, TestRunner } from './runner.js';

/** One collected test. */
export interface CollectedTest {
  /** The names of the groups around it and its own, joined by ` > `. */
  readonly name: string;
  /** True when the suite was told that it does not apply: the name says why. */
  readonly skipped: boolean;
  run(): Promise<void>;
}

/** A test that did not pass. */
export interface TestFailure {
  readonly name: string;
  readonly error: unknown;
}

/** The tests that a suite registers, none of them run yet. */
export function collect(suite: (runner: TestRunner) => void): CollectedTest[] {
  const tests: CollectedTest[] = [];
  const path: string[] = [];
  const add = (name: string, skipped: boolean, run: () => Promise<void>): void => {
    tests.push({ name: [...path, name].join(' > '), skipped, run });
  };
  const it: TestFunction = Object.assign((name: string, run: () => Promise<void>) => add(name, false, run), {
    skip: (name: string, run: () => Promise<void>) => add(name, true, run),
  });
  suite({
    it,
    describe(name, define) {
      path.push(name);
      define();
      path.pop();
    },
  });
  return tests;
}

/** Runs the tests one after another and gives back those that failed; one that takes over `timeoutMs` has failed. */
export async function runAll(
  tests: readonly CollectedTest[],
  options: { readonly timeoutMs?: number } = {},
): Promise<TestFailure[]> {
  const failures: TestFailure[] = [];
  for (const test of tests) {
    if (test.skipped) {
      continue;
    }
    try {
      await within(test.name, options.timeoutMs ?? 10_000, test.run());
    } catch (error) {
      failures.push({ name: test.name, error });
    }
  }
  return failures;
}
