/** Promises of the query client while servers do not answer: no failure is an answer, no wait outlives its time. */
import { VedetteError } from '../../../base/errors.js';
import { assertEqual, assertRejects, assertTrue, show } from '../../assertions.js';
import { settle } from '../../doubles/fake-clock.js';
import type { SuiteTests } from '../../runner.js';
import type { SourceMode } from '../../doubles/scripted-source.js';
import { answered, file, unanswered } from './fixture.js';
import type { QueryFixture } from './fixture.js';

const failures: readonly SourceMode[] = [
  { kind: 'down' },
  { kind: 'down', retry: false },
  { kind: 'down', reason: 'bad-answer' },
  { kind: 'hang' },
  { kind: 'wait', waitMs: 60_000 },
  { kind: 'wait' },
  { kind: 'throw', error: new Error('as no source should') },
  { kind: 'partial', answered: 0 },
];

/** Registered by `describeQueryClient`. */
export const failingTests: SuiteTests<QueryFixture> = {
  'when a server fails in any way, the next one answers': async ({ make, ask, source }) => {
    for (const mode of failures) {
      const first = source({ id: 'first' });
      first.mode = mode;
      const [outcome] = await ask(await make([first, source({ id: 'second' })]), [file(1)]);
      assertEqual(`after ${show(mode)}`, [answered(outcome).from, answered(outcome).answer.records.length], ['second', 1]);
    }
  },
  'when all servers fail in any way, nothing is answered, within the hold': async ({ make, ask, source, clock }) => {
    for (const mode of failures) {
      const sources = [source({ id: 'first' }), source({ id: 'second' })];
      sources.forEach((one) => (one.mode = mode));
      const start = clock.monotonicMs();
      const [outcome] = await ask(await make(sources, { holdMs: 5_000 }), [file(1)]);
      const failed = unanswered(outcome);
      const took = clock.monotonicMs() - start;
      assertTrue(`${show(mode)}: took ${took} ms of a hold of 5000`, took <= 5_000);
      assertTrue(`${show(mode)}: attempts ${failed.attempts}`, failed.attempts >= 1);
      assertEqual(`${show(mode)}: fallback`, failed.fallback, undefined);
    }
  },
  'the reason says which way it failed': async ({ make, ask, source }) => {
    const reasons: readonly (readonly [SourceMode, string])[] = [
      [{ kind: 'down' }, 'unreachable'],
      [{ kind: 'hang' }, 'unreachable'],
      [{ kind: 'down', reason: 'bad-answer', retry: false }, 'bad-answer'],
      [{ kind: 'wait', waitMs: 600_000 }, 'throttled'],
    ];
    for (const [mode, reason] of reasons) {
      const server = source();
      server.mode = mode;
      const [outcome] = await ask(await make([server]), [file(1)]);
      assertEqual(`reason after ${show(mode)}`, unanswered(outcome).reason, reason);
    }
  },
  'without any server nothing is answered': async ({ make, ask }) => {
    assertEqual('reason', unanswered((await ask(await make([]), [file(1)]))[0]).reason, 'unreachable');
  },
  'what one server leaves out is asked of the next': async ({ make, ask, source }) => {
    const first = source({ id: 'first' });
    first.mode = { kind: 'partial', answered: 1 };
    const second = source({ id: 'second' });
    const outcomes = await ask(await make([first, second]), [file(1), file(2), file(3)]);
    assertTrue('all are answered', outcomes.every((one) => one.kind === 'answered'));
    assertEqual('answered by the first', outcomes.filter((one) => answered(one).from === 'first').length, 1);
  },
  'the hold of the call is kept': async ({ make, ask, source, clock }) => {
    const server = source();
    server.mode = { kind: 'hang' };
    const client = await make([server], { holdMs: 60_000 });
    const start = clock.monotonicMs();
    unanswered((await ask(client, [file(1)], { holdMs: 1_000 }))[0]);
    assertTrue('took at most a second', clock.monotonicMs() - start <= 1_000);
  },
  'a server that asked for a pause is left alone as long': async ({ make, ask, source, clock }) => {
    const server = source();
    server.mode = { kind: 'wait', waitMs: 120_000 };
    const client = await make([server]);
    await ask(client, [file(1)]);
    const asked = server.questions.length;
    server.mode = { kind: 'up' };
    assertEqual('reason within the pause', unanswered((await ask(client, [file(2)]))[0]).reason, 'throttled');
    assertEqual('questions within the pause', server.questions.length, asked);
    await clock.advance(120_001);
    answered((await ask(client, [file(3)]))[0]);
  },
  'an abort ends the call at once with aborted, whatever it waits for': async ({ make, source, clock }) => {
    for (const mode of failures) {
      const server = source();
      server.mode = mode;
      const client = await make([server]);
      const controller = new AbortController();
      const asked = client.ask([file(1)], { signal: controller.signal });
      const outcome = asked.then(
        (all) => ({ kind: 'resolved', all }) as const,
        (error: unknown) => ({ kind: 'rejected', error }) as const,
      );
      await settle();
      const start = clock.monotonicMs();
      controller.abort();
      const ended = await clock.run(outcome);
      assertEqual(`fake time after the abort, ${show(mode)}`, clock.monotonicMs() - start, 0);
      if (ended.kind === 'rejected') {
        const { error } = ended;
        assertTrue(`${show(mode)}: expected aborted, got ${show(error)}`, VedetteError.is(error) && error.code === 'aborted');
      }
    }
  },
  'a signal that has already fired asks nothing': async ({ make, source }) => {
    const server = source();
    const client = await make([server]);
    await assertRejects('ask', () => client.ask([file(1)], { signal: AbortSignal.abort() }), 'aborted');
    assertEqual('questions', server.questions.length, 0);
  },
  'one caller’s abort does not end what another waits for': async ({ make, ask, source, clock }) => {
    const server = source();
    server.mode = { kind: 'slow', delayMs: 500 };
    const client = await make([server]);
    const controller = new AbortController();
    const aborted = assertRejects('the aborted ask', () => client.ask([file(1)], { signal: controller.signal }), 'aborted');
    const other = ask(client, [file(1)]);
    await settle();
    controller.abort();
    await aborted;
    assertEqual('the other’s records', answered((await clock.run(other))[0]).answer.records.length, 1);
  },
  'nothing stays on the wire when nobody waits any more': async ({ make, source, clock }) => {
    const server = source();
    server.mode = { kind: 'hang' };
    const client = await make([server]);
    const controller = new AbortController();
    const asked = assertRejects('ask', () => client.ask([file(1)], { signal: controller.signal }), 'aborted');
    await settle();
    controller.abort();
    await asked;
    await clock.advance(60_000);
    assertEqual('open questions', [server.open(), client.inFlight()], [0, 0]);
  },
};
