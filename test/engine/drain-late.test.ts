/** Checks of a drain that come back after their time: by then the entry is in other hands, and they must not act any more. */
import { describe, expect, it } from 'vitest';
import type { ActionOutcome, CheckResult } from '../../src/base/check-result.js';
import { bytesSubject, type Subject } from '../../src/base/subject.js';
import { toUtf8 } from '../../src/base/bytes.js';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import type { PendingQueue } from '../../src/pending/pending-queue.js';
import { toArray } from '../../src/testing/assertions.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { contentEntry } from '../support/feed.js';
import { createWorld, type World } from '../support/world.js';

interface Late {
  readonly world: World;
  /** Keys that the handler was called with. */
  readonly calls: string[];
  /** Lets the opener that hangs come back: the file is gone. */
  readonly comeBack: () => void;
}

/** One flagged file whose first opening never ends by itself, before a server that is back. */
async function late(): Promise<Late> {
  const calls: string[] = [];
  let comeBack: () => void = () => undefined;
  const hanging = new Promise<undefined>((resolve) => {
    comeBack = () => resolve(undefined);
  });
  let opened = 0;
  const world = await createWorld({
    feed: { hashes: [contentEntry('Listed.a', 'content a')] },
    without: ['filter'],
    parts: {
      openers: {
        file: (locator): Promise<Subject | undefined> =>
          opened++ === 0 ? hanging : Promise.resolve(bytesSubject(toUtf8('content a'), { label: locator.ref, locator })),
      },
      actions: {
        idempotent: false,
        apply: async (_: CheckResult, { key }): Promise<ActionOutcome> => {
          calls.push(key);
          return { kind: 'done' };
        },
      },
    },
  });
  world.mood = 'down';
  await world.clock.run(world.engine.check(world.write('/a', 'content a')));
  world.mood = 'up';
  return { world, calls, comeBack };
}

describe('a check of a drain that comes back too late', () => {
  it('carries no remedy out that another drain has carried out since its own was called off', async () => {
    const { world, calls, comeBack } = await late();
    const off = new AbortController();
    const first = toArray(world.engine.pending.drain({ signal: off.signal }));
    await world.clock.advance(2_000);
    off.abort();
    await world.clock.run(first.catch(() => undefined));
    const results = await world.clock.run(toArray(world.engine.pending.drain()));
    expect(results.map((result) => result.outcome)).toEqual([{ kind: 'done' }]);
    comeBack();
    await world.clock.advance(60_000);
    expect(calls).toHaveLength(1);
  });

  it('carries none out that another drain has carried out since its time was up', async () => {
    const { world, calls, comeBack } = await late();
    const first = toArray(world.engine.pending.drain());
    await world.clock.advance(400_000);
    await first;
    const results = await world.clock.run(toArray(world.engine.pending.drain()));
    expect(results.map((result) => result.outcome)).toEqual([{ kind: 'done' }]);
    comeBack();
    await world.clock.advance(60_000);
    expect(calls).toHaveLength(1);
  });

  /** One flagged file, whose first remedy hangs and whose second one is not needed yet. */
  async function withTwoRemedies(): Promise<{ readonly world: World; readonly queue: PendingQueue; readonly calls: string[]; readonly end: (outcome: ActionOutcome) => void }> {
    const calls: string[] = [];
    let end: (outcome: ActionOutcome) => void = () => undefined;
    const hanging = new Promise<ActionOutcome>((resolve) => {
      end = resolve;
    });
    const clock = new FakeClock();
    const queue = createMemoryQueue({ clock });
    const world = await createWorld({
      feed: { hashes: [contentEntry('Listed.a', 'content a')] },
      without: ['filter'],
      parts: {
        ...{ clock, queue },
        policy: ({ verdict }) => (verdict.disposition === 'malicious' ? { access: 'block', remedy: 'quarantine', second: 'delete' } : { access: 'allow', remedy: 'none' }),
        actions: {
          idempotent: false,
          apply: ({ decision }: CheckResult): Promise<ActionOutcome> => {
            calls.push(decision.remedy);
            return hanging;
          },
        },
      },
    });
    world.mood = 'down';
    await clock.run(world.engine.check(world.write('/a', 'content a')));
    world.mood = 'up';
    return { world: Object.assign(world, { clock }), queue, calls, end };
  }

  it('carries its second remedy out when the first one ends after the time, unable: nobody else has had the entry', async () => {
    const { world, calls, end } = await withTwoRemedies();
    const first = toArray(world.engine.pending.drain());
    await world.clock.advance(400_000);
    await first;
    expect(await world.clock.run(toArray(world.engine.pending.drain()))).toEqual([]);
    end({ kind: 'unable', detail: 'in use' });
    await world.clock.advance(60_000);
    expect(calls).toEqual(['quarantine', 'delete']);
    expect(await toArray(world.engine.pending.list())).toEqual([]);
  });

  it('carries no second remedy out when its entry was taken from it before the first one ended, unable', async () => {
    const { world, queue, calls, end } = await withTwoRemedies();
    const first = toArray(world.engine.pending.drain());
    await world.clock.advance(400_000);
    await first;
    const [entry] = await toArray(queue.list());
    await queue.release(entry?.id ?? '', { notBeforeAt: world.clock.now() });
    end({ kind: 'unable', detail: 'in use' });
    await world.clock.advance(60_000);
    expect(calls).toEqual(['quarantine']);
    const [result] = await world.clock.run(toArray(world.engine.pending.drain()));
    expect(result?.outcome?.kind).toBe('uncertain');
    expect(calls).toEqual(['quarantine']);
  });
});
