/** An engine by a clock that moves on with every look at it, as a fine one does: what is due must not be due a moment later for ever. */
import { expect, it } from 'vitest';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { contentEntry } from '../support/feed.js';
import { createWorld } from '../support/world.js';

class RestlessClock extends FakeClock {
  #looks = 0;

  override now(): number {
    this.#looks++;
    return super.now() + this.#looks / 1_000;
  }
}

it('drains what was flagged when a server is back', async () => {
  const clock = new RestlessClock();
  const world = await createWorld({ feed: { hashes: [contentEntry('Listed', 'content a')] }, without: ['filter'], config: { background: 'timers' }, parts: { clock } });
  world.mood = 'down';
  const { pending } = await clock.run(world.engine.check(world.write('/a', 'content a')));
  expect(pending.kind).toBe('queued');
  await clock.advance(30_000);
  world.mood = 'up';
  await clock.advance(120_000);
  expect(world.applied).toHaveLength(1);
  await world.engine.close();
});
