/** The work that an engine does by itself, under parts that hang, clocks that jump and callers that go away. */
import { describe, expect, it } from 'vitest';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { contentEntry } from '../support/feed.js';
import { createWorld, type World, type WorldOptions } from '../support/world.js';

const feed = { hashes: [contentEntry('Listed', 'content a')] };

async function flagged(options: WorldOptions = {}): Promise<World> {
  const world = await createWorld({ feed, without: ['filter'], ...options });
  world.mood = 'down';
  await world.clock.run(world.engine.check(world.write('/a', 'content a')));
  world.mood = 'up';
  // Long enough for a server that was away to be asked again.
  await world.clock.advance(70_000);
  return world;
}

describe('background work', () => {
  it.each([
    ['a location probe that hangs', { location: { locate: () => new Promise<never>(() => undefined) } }],
    ['a location probe that throws', { location: { locate: () => Promise.reject(new Error('no route')) } }],
  ])('drains in spite of %s', async (_, parts) => {
    const world = await flagged({ parts });
    await world.clock.run(world.engine.maintain());
    expect(world.applied).toHaveLength(1);
  });

  it('goes on when the wall clock is put back by a year', async () => {
    const world = await createWorld({ feed, without: ['filter'], config: { background: 'timers' } });
    world.mood = 'down';
    await world.clock.run(world.engine.check(world.write('/a', 'content a')));
    await world.clock.advance(10_000);
    world.clock.jumpWall(-365 * 86_400_000);
    await world.clock.advance(600_000);
    world.mood = 'up';
    await world.clock.advance(600_000);
    expect(world.applied).toHaveLength(1);
    await world.engine.close();
    expect(world.clock.sleeping).toBe(0);
  });

  it('is not repeated at every answer for what no answer can settle', async () => {
    const world = await flagged({ config: { background: 'timers' } });
    await world.clock.advance(120_000);
    expect(world.applied).toHaveLength(1);
    // From here on the patterns are expired: what is flagged stays, whoever answers.
    world.clock.jumpWall(40 * 86_400_000);
    await world.clock.run(world.engine.check(world.write('/x', 'harmless x')));
    await world.clock.advance(60_000);
    const before = world.engine.stats()['bytes'] ?? 0;
    for (let n = 0; n < 50; n++) {
      await world.clock.run(world.engine.check(world.write('/n', `other ${n}`), { pending: false }));
      await world.clock.advance(20);
    }
    const looks = ((world.engine.stats()['bytes'] ?? 0) - before - 50 * 8) / 10;
    expect(looks).toBeLessThan(5);
    await world.engine.close();
  });
});

describe('maintain', () => {
  it('ends at its deadline and at its abort, whatever a part does', async () => {
    const queue = { ...createMemoryQueue({ clock: new FakeClock() }), claim: () => new Promise<never>(() => undefined) };
    const world = await flagged({ parts: { queue } });
    const caller = new AbortController();
    const aborted = expect(world.engine.maintain({ signal: caller.signal })).rejects.toMatchObject({ code: 'aborted' });
    await world.clock.run(world.engine.maintain({ deadlineMs: 100 }));
    caller.abort();
    await aborted;
  });

  it('of one caller does not end with the abort of another', async () => {
    const world = await flagged();
    const caller = new AbortController();
    const first = expect(world.engine.maintain({ signal: caller.signal })).rejects.toMatchObject({ code: 'aborted' });
    const second = world.engine.maintain();
    caller.abort();
    await first;
    await world.clock.run(second);
    expect(world.applied).toHaveLength(1);
  });

  it('after the end of the engine says so', async () => {
    const world = await flagged();
    await world.engine.close();
    await expect(world.engine.maintain()).rejects.toMatchObject({ code: 'closed' });
  });
});
