/** A place that turns up while its content is being checked anew: it is no part of what was claimed, and waits for nobody. */
import { expect, it } from 'vitest';
import type { ActionOutcome, CheckResult } from '../../src/base/check-result.js';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import { toArray } from '../../src/testing/assertions.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { contentEntry } from '../support/feed.js';
import { createWorld, type World } from '../support/world.js';

/** A flagged file, and a second place of its content that is flagged while the remedy for the first is carried out. */
async function sightedMeanwhile(): Promise<World> {
  const clock = new FakeClock();
  const queue = createMemoryQueue({ clock });
  let further: (() => Promise<unknown>) | undefined;
  const world = await createWorld({
    feed: { hashes: [contentEntry('Listed.a', 'content a')] },
    without: ['filter'],
    parts: {
      clock,
      queue,
      actions: {
        idempotent: true,
        apply: async (_: CheckResult): Promise<ActionOutcome> => {
          await further?.();
          further = undefined;
          return { kind: 'done' };
        },
      },
    },
  });
  world.mood = 'down';
  await clock.run(world.engine.check(world.write('/1', 'content a')));
  world.mood = 'up';
  world.write('/2', 'content a');
  further = async () => {
    const [entry] = await toArray(queue.list());
    if (entry !== undefined) {
      const { owner, kind, key, fingerprints, reason } = entry;
      await queue.enqueue([{ owner, kind, key, fingerprints, reason, subject: { label: '/2', locator: { scheme: 'file', ref: '/2' } } }]);
    }
  };
  return world;
}

it('a place that is flagged during the check of its content is given back with it, and checked by the next drain', async () => {
  const world = await sightedMeanwhile();
  const { clock, engine } = world;
  const first = await clock.run(toArray(engine.pending.drain()));
  expect(first.map((result) => result.subject.label)).toEqual(['/1']);
  const [entry] = await toArray(engine.pending.list());
  expect(entry?.items.filter((item) => item.outcome === undefined).map((item) => item.subject.label)).toEqual(['/2']);
  expect(await engine.pending.counts()).toMatchObject({ claimed: 0 });
  expect(entry?.failures).toBeUndefined();
  const second = await clock.run(toArray(engine.pending.drain()));
  expect(second.map((result) => [result.subject.label, result.outcome?.kind])).toEqual([['/2', 'done']]);
});
