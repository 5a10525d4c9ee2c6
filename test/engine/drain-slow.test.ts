/** A drain before a server that takes its time: whoever drains is told of everything that was begun, and waits for nothing that hangs. */
import { describe, expect, it } from 'vitest';
import { createInProcessTransport } from '../../src/preset/http/in-process-transport.js';
import { createHandler } from '../../src/server/handler.js';
import { createMemoryStore } from '../../src/server/memory-store.js';
import type { Transport } from '../../src/query/transport.js';
import { toArray } from '../../src/testing/assertions.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { contentEntry, crypto, serverPattern } from '../support/feed.js';
import { createWorld, type World } from '../support/world.js';

const names = ['a', 'b', 'c', 'd', 'e'];

/** Five flagged files, and a server that is back and answers after so long. */
async function flagged(answerMs: number, actions: NonNullable<Parameters<typeof createWorld>[0]>['parts'] = {}): Promise<{ readonly world: World; readonly clock: FakeClock }> {
  const clock = new FakeClock();
  const feed = { hashes: names.map((name) => contentEntry(name, `content ${name}`)) };
  const store = createMemoryStore(await serverPattern(feed, { generation: 1 }), { crypto });
  const inner = createInProcessTransport(createHandler({ store, crypto, clock }), { clock });
  let isUp = false;
  const transport: Transport = {
    schemes: { 'in-process': 'secure' },
    send: async (body, how) => {
      if (!isUp) {
        return { kind: 'failed', retry: true, detail: 'connection refused' };
      }
      await clock.sleep(answerMs, how.signal);
      return inner.send(body, how);
    },
  };
  const world = await createWorld({ feed, parts: { clock, transport, ...actions } });
  for (const name of names) {
    await clock.run(world.engine.check(world.write(`/${name}`, `content ${name}`)));
  }
  isUp = true;
  await clock.advance(600_000);
  return { world, clock };
}

describe('a drain', () => {
  it.each([100, 1500, 2900])('yields every result of a server that answers after %i ms', async (answerMs) => {
    const { world, clock } = await flagged(answerMs);
    const results = await clock.run(toArray(world.engine.pending.drain()));
    expect(results.map((result) => result.verdict.threats[0]?.name).sort()).toEqual(names);
    expect(await world.engine.pending.counts()).toEqual({ due: 0, claimed: 0, dead: 0, orphaned: 0 });
  });

  it('ends all the same when a remedy hangs, and tells of the others', async () => {
    const { world, clock } = await flagged(100, {
      actions: {
        idempotent: true,
        apply: (result) => (result.subject.label === '/c' ? new Promise(() => undefined) : Promise.resolve({ kind: 'done' })),
      },
    });
    const begun = clock.monotonicMs();
    const results = await clock.run(toArray(world.engine.pending.drain()));
    expect(results.map((result) => result.subject.label).sort()).toEqual(['/a', '/b', '/d', '/e']);
    expect(clock.monotonicMs() - begun).toBeLessThan(60_000);
  });
});
