/** What every `ActionHandler` promises: an honest outcome, and with `idempotent` the effect of once per key. */
import type { ActionHandler } from '../../action/action-handler.js';
import type { ActionOutcome, CheckResult } from '../../base/check-result.js';
import { assertEqual, assertTrue, outcomeOf, show, within } from '../assertions.js';
import { createPartMaker, registerSuite } from '../runner.js';
import type { SuiteOptions, SuiteTests, TestRunner } from '../runner.js';

/** A handler with something for it to act on. */
export interface ActionHandlerFixture {
  readonly handler: ActionHandler;
  /** A malicious result with the remedy `quarantine` whose object exists now: each call a new object. */
  readonly target: () => CheckResult | Promise<CheckResult>;
  /** How often the handler had its effect since it was created, as the host sees it: files moved, messages sent. */
  readonly effects: () => number | Promise<number>;
}

/** Options of `describeActionHandler`. */
export type ActionHandlerSuiteOptions = SuiteOptions<ActionHandlerFixture>;

/** Registers the conformance suite of the action handler. The tests of the key apply to idempotent handlers only. */
export function describeActionHandler(runner: TestRunner, options: ActionHandlerSuiteOptions): void {
  const maker = createPartMaker(options);
  registerSuite<ActionHandlerFixture>(runner, {
    title: `ActionHandler: ${options.name}`,
    tests,
    skip: options.skip,
    open: () => maker.make(),
    close: () => maker.disposeAll(),
  });
}

const never = (): AbortSignal => new AbortController().signal;

const tests: SuiteTests<ActionHandlerFixture> = {
  'a remedy is carried out once and said to be done': async ({ handler, target, effects }) => {
    const outcome = await apply(handler, await target(), 'key-1');
    assertEqual('outcome', outcome.kind, 'done');
    assertEqual('effects', await effects(), 1);
  },
  'different keys are different applications': async ({ handler, target, effects }) => {
    await apply(handler, await target(), 'key-1');
    await apply(handler, await target(), 'key-2');
    assertEqual('effects', await effects(), 2);
  },
  'the same key again has the effect of once': async ({ handler, target, effects }) => {
    if (!handler.idempotent) {
      return;
    }
    const result = await target();
    await apply(handler, result, 'key-1');
    const again = await apply(handler, result, 'key-1');
    assertTrue(`second outcome: expected done or not-needed, got ${show(again)}`, again.kind === 'done' || again.kind === 'not-needed');
    assertEqual('effects', await effects(), 1);
  },
  'the same key twice at a time has the effect of once': async ({ handler, target, effects }) => {
    if (!handler.idempotent) {
      return;
    }
    const result = await target();
    // One may throw where another is at it: that is "not carried out", and is tried again.
    await Promise.all(Array.from({ length: 3 }, () => outcomeOf(() => apply(handler, result, 'key-1'))));
    const again = await apply(handler, result, 'key-1');
    assertTrue(`outcome of a further try: ${show(again)}`, again.kind === 'done' || again.kind === 'not-needed');
    assertEqual('effects', await effects(), 1);
  },
  'late and retro results are taken as well': async ({ handler, target, effects }) => {
    await apply(handler, { ...(await target()), occasion: 'late' }, 'key-late');
    await apply(handler, { ...(await target()), occasion: 'retro' }, 'key-retro');
    assertEqual('effects', await effects(), 2);
  },
  'a late find without a remedy is taken, and leaves the object alone or says what it did': async ({ handler, target }) => {
    const result: CheckResult = { ...(await target()), occasion: 'late', decision: { access: 'block', remedy: 'none' } };
    const outcome = await apply(handler, result, 'key-none');
    assertTrue(`outcome: expected one of the four kinds, got ${show(outcome)}`, outcomeKinds.includes(outcome.kind));
  },
  'what cannot be carried out is said or thrown, never said to be done': async ({ handler, target, effects }) => {
    const { locator: _, ...subject } = (await target()).subject;
    const lost: CheckResult = { ...(await target()), subject: { ...subject, locator: { scheme: 'no-such-scheme', ref: 'nowhere' } } };
    const outcome = await outcomeOf(() => apply(handler, lost, 'key-lost'));
    const claimed = outcome.kind === 'resolved' && outcome.value.kind === 'done';
    assertEqual('effects where it said done', await effects(), claimed ? 1 : 0);
  },
  'the result is left as it was': async ({ handler, target }) => {
    const result = await target();
    const before = structuredClone(result);
    await apply(handler, result, 'key-1');
    assertEqual('result', result, before);
  },
  'a signal that has already fired ends it at once, and the key can be applied later': async ({ handler, target, effects }) => {
    const result = await target();
    const aborted = await within('aborted apply', 5_000, outcomeOf(() => handler.apply(result, { key: 'key-1', signal: AbortSignal.abort() })));
    if (aborted.kind === 'rejected' || aborted.value.kind === 'unable') {
      await apply(handler, result, 'key-1');
    }
    assertEqual('effects', await effects(), 1);
  },
};

const outcomeKinds: readonly ActionOutcome['kind'][] = ['done', 'not-needed', 'unable', 'uncertain'];

async function apply(handler: ActionHandler, result: CheckResult, key: string): Promise<ActionOutcome> {
  const outcome = await within('apply', 10_000, handler.apply(result, { key, signal: never() }));
  assertTrue(`outcome: expected one of the four kinds, got ${show(outcome)}`, outcomeKinds.includes(outcome.kind));
  if (outcome.kind === 'unable' || outcome.kind === 'uncertain') {
    assertTrue('an outcome that is not done says why', outcome.detail.length > 0);
  }
  return outcome;
}
