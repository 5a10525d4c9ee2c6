/** What every `PendingQueue` promises: what it acknowledged is kept, in order, once, until it is settled. */
import { registerSuite } from '../runner.js';
import type { SuiteTests, TestRunner } from '../runner.js';
import { boundsTests } from './queue/bounds-tests.js';
import { claimTests } from './queue/claim-tests.js';
import { durableTests } from './queue/durable-tests.js';
import { enqueueTests } from './queue/enqueue-tests.js';
import { fencingTests } from './queue/fencing-tests.js';
import { openQueueFixture } from './queue/fixture.js';
import type { QueueFixture, QueueSuiteOptions } from './queue/fixture.js';
import { liveRandomly } from './queue/model-test.js';
import { adoptTests, overdueTests } from './queue/overdue-tests.js';
import { settleTests } from './queue/settle-tests.js';

function modelTests(options: QueueSuiteOptions): SuiteTests<QueueFixture> {
  const { seed = 1, rounds = 5 } = options;
  const reopens = options.reopen !== undefined;
  return {
    'over any sequence of calls it holds what was acknowledged and not settled, and nothing else': async (fixture) => {
      for (let round = 0; round < rounds; round++) {
        await liveRandomly(fixture, { seed: seed * 1_000 + round, steps: 200, reopens });
      }
    },
  };
}

/** Registers the conformance suite of the pending queue; with `reopen`, the promises of durability `disk` as well. */
export function describePendingQueue(runner: TestRunner, options: QueueSuiteOptions): void {
  registerSuite<QueueFixture>(runner, {
    title: `PendingQueue: ${options.name}`,
    tests: {
      ...enqueueTests,
      ...boundsTests,
      ...claimTests,
      ...settleTests,
      ...fencingTests,
      ...overdueTests,
      ...adoptTests,
      ...(options.reopen === undefined ? {} : durableTests),
      ...modelTests(options),
    },
    skip: options.skip,
    open: () => openQueueFixture(options),
    close: (fixture) => fixture.disposeAll(),
  });
}
