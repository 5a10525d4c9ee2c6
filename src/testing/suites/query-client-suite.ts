/** What every `QueryClient` promises: it asks politely, and says honestly when nobody answered. */
import { registerSuite } from '../runner.js';
import type { TestRunner } from '../runner.js';
import { askingTests } from './query/asking-tests.js';
import { failingTests } from './query/failing-tests.js';
import { openQueryFixture } from './query/fixture.js';
import type { QueryClientSuiteOptions, QueryFixture } from './query/fixture.js';
import { lifeTests } from './query/life-tests.js';

/** Registers the conformance suite of the query client. It runs on a `FakeClock` and takes no real time. */
export function describeQueryClient(runner: TestRunner, options: QueryClientSuiteOptions): void {
  registerSuite<QueryFixture>(runner, {
    title: `QueryClient: ${options.name}`,
    tests: { ...askingTests, ...failingTests, ...lifeTests },
    skip: options.skip,
    open: () => openQueryFixture(options),
    close: (fixture) => fixture.disposeAll(),
  });
}
