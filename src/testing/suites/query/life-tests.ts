/** Promises of the client over time: who is left alone, who is tried again, and what closing means. */
import { assertEqual, assertRejects, assertTrue, outcomeOf, show } from '../../assertions.js';
import { settle } from '../../doubles/fake-clock.js';
import type { SuiteTests } from '../../runner.js';
import { answered, file, unanswered } from './fixture.js';
import type { QueryFixture } from './fixture.js';

/** Registered by `describeQueryClient`. */
export const lifeTests: SuiteTests<QueryFixture> = {
  'it names its servers with their state': async ({ make, source }) => {
    const client = await make([source({ id: 'one' }), source({ id: 'two' })]);
    assertEqual('servers', client.servers().map((one) => [one.id, one.state]), [['one', 'closed'], ['two', 'closed']]);
  },
  'a server that keeps failing is left alone, and the others serve': async ({ make, ask, source }) => {
    const bad = source({ id: 'bad' });
    bad.mode = { kind: 'down' };
    const client = await make([bad, source({ id: 'good' })]);
    for (let i = 0; i < 10; i++) {
      assertEqual('from', answered((await ask(client, [file(i)]))[0]).from, 'good');
    }
    assertTrue('it is not closed', client.servers().find((one) => one.id === 'bad')?.state !== 'closed');
    const asked = bad.questions.length;
    await ask(client, [file(50)]);
    assertEqual('further questions to it', bad.questions.length - asked, 0);
  },
  'a server that is back is found by a probe and used again': async ({ make, ask, source, clock }) => {
    const server = source();
    server.mode = { kind: 'down' };
    const client = await make([server]);
    for (let i = 0; i < 6; i++) {
      unanswered((await ask(client, [file(i)]))[0]);
    }
    assertEqual('probe while down', await clock.run(client.probe({ signal: new AbortController().signal })), false);
    server.mode = { kind: 'up' };
    await clock.advance(Math.max(0, client.nextProbeAt() - clock.now()) + 1);
    assertEqual('probe while up', await clock.run(client.probe({ signal: new AbortController().signal })), true);
    answered((await ask(client, [file(1)]))[0]);
  },
  'a probe asks about nothing that anybody wanted to know': async ({ make, ask, source, clock }) => {
    const server = source();
    server.mode = { kind: 'down' };
    const client = await make([server]);
    await ask(client, [file(1)]);
    server.mode = { kind: 'up' };
    await clock.advance(Math.max(0, client.nextProbeAt() - clock.now()) + 1);
    await clock.run(client.probe({ signal: new AbortController().signal }));
    assertTrue('hashes of the probe are prefixes', server.questions.every((one) => one.hashes.every((hash) => hash.length === 4)));
  },
  'an abort ends a probe at once': async ({ make, ask, source, clock }) => {
    const server = source();
    server.mode = { kind: 'down' };
    const client = await make([server]);
    await ask(client, [file(1)]);
    server.mode = { kind: 'hang' };
    await clock.advance(Math.max(0, client.nextProbeAt() - clock.now()) + 1);
    const controller = new AbortController();
    const probe = outcomeOf(() => client.probe({ signal: controller.signal }));
    await settle();
    const start = clock.monotonicMs();
    controller.abort();
    const ended = await clock.run(probe);
    assertTrue(`probe: ${show(ended)}`, ended.kind === 'rejected' || !ended.value);
    assertEqual('fake time after the abort', clock.monotonicMs() - start, 0);
  },
  'when the network has changed, servers that were left alone are asked again': async ({ make, ask, source }) => {
    const server = source();
    server.mode = { kind: 'down' };
    const client = await make([server]);
    for (let i = 0; i < 6; i++) {
      await ask(client, [file(i)]);
    }
    server.mode = { kind: 'up' };
    client.reset();
    assertEqual('state', client.servers()[0]?.state, 'closed');
    answered((await ask(client, [file(1)]))[0]);
  },
  'when the network has changed, a pause that a server asked for stays': async ({ make, ask, source }) => {
    const server = source();
    server.mode = { kind: 'wait', waitMs: 600_000 };
    const client = await make([server]);
    await ask(client, [file(1)]);
    const asked = server.questions.length;
    server.mode = { kind: 'up' };
    client.reset();
    assertEqual('reason', unanswered((await ask(client, [file(2)]))[0]).reason, 'throttled');
    assertEqual('further questions', server.questions.length - asked, 0);
  },
  'closing ends what is under way with closed, and refuses what comes after': async ({ make, source, clock }) => {
    const server = source();
    server.mode = { kind: 'hang' };
    const client = await make([server]);
    const asked = assertRejects('ask under way', () => client.ask([file(1)], {}), 'closed');
    await settle();
    await clock.run(client.close());
    await clock.run(asked);
    await assertRejects('ask afterwards', () => clock.run(client.ask([file(1)], {})), 'closed');
    await settle();
    assertEqual('open questions', server.open(), 0);
  },
};
