import { describe, expect, it } from 'vitest';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { describePendingQueue } from '../../src/testing/suites/queue-suite.js';
import { fileAt } from './subjects.js';

describePendingQueue({ describe, it }, { name: 'memory', create: (context) => createMemoryQueue(context) });

describe('createMemoryQueue', () => {
  it('refuses bounds that are no positive integers, as the mistake of the caller that they are', () => {
    const clock = new FakeClock();
    expect(() => createMemoryQueue({ clock, maxEntries: 0 })).toThrow(RangeError);
    expect(() => createMemoryQueue({ clock, maxBytes: 1.5 })).toThrow(RangeError);
  });

  it('does not give the ids of an earlier run out again', async () => {
    const clock = new FakeClock();
    const [first] = await createMemoryQueue({ clock }).enqueue([fileAt('a')]);
    await clock.advance(1);
    const [second] = await createMemoryQueue({ clock }).enqueue([fileAt('a')]);
    expect(first).not.toEqual(second);
  });

  it('takes ids from the host', async () => {
    let count = 0;
    const queue = createMemoryQueue({ clock: new FakeClock(), ids: () => `id-${count++}` });
    expect(await queue.enqueue([fileAt('a')])).toEqual([{ kind: 'queued', id: 'id-0', durability: 'process' }]);
    expect((await queue.find('id-0'))?.items.map((item) => item.id)).toEqual(['id-1']);
  });
});
