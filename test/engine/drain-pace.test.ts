/** The pace of drains, measured by the fake clock: a returning server is not flooded, and poison delays nobody. */
import { describe, expect, it } from 'vitest';
import { toHex, toUtf8 } from '../../src/base/bytes.js';
import { bytesSubject } from '../../src/base/subject.js';
import type { Subject } from '../../src/base/subject.js';
import type { EngineConfig } from '../../src/engine/options.js';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import type { NewPending } from '../../src/pending/pending-queue.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { literal } from '../support/feed.js';
import { createWorld, type World } from '../support/world.js';
import { sha256 } from '../../src/fingerprint/digests.js';

interface Flood {
  readonly world: World;
  readonly clock: FakeClock;
  /** Monotonic instants at which files were opened again, by path. */
  readonly opened: { readonly path: string; readonly atMs: number }[];
}

/** What cannot be read has not been searched for this either. */
const feed = { signatures: [literal('Local.Marker', 'local-marker')] };

/** A queue that holds files from an outage, some of which fail for ever: by a throw, or by never answering. */
async function flood(count: number, pending: EngineConfig['pending'], poison: (index: number) => 'none' | 'throws' | 'hangs' = () => 'none'): Promise<Flood> {
  const clock = new FakeClock();
  const queue = createMemoryQueue({ clock });
  const opened: Flood['opened'] = [];
  const contentOf = (path: string): Uint8Array => toUtf8(`content of ${path}`);
  const openers = {
    file: ({ ref }: { readonly ref: string }): Promise<Subject> => {
      opened.push({ path: ref, atMs: clock.monotonicMs() });
      const kind = poison(Number(ref.slice(1)));
      return kind === 'hangs' ? new Promise(() => undefined) : kind === 'throws' ? Promise.reject(new Error('poison')) : Promise.resolve(bytesSubject(contentOf(ref)));
    },
  };
  const world = await createWorld({ feed, without: ['filter'], config: { pending }, parts: { clock, queue, openers } });
  await queue.enqueue(Array.from({ length: count }, (_, index) => fileAt(`/${index}`, contentOf(`/${index}`))));
  return { world, clock, opened };
}

function fileAt(path: string, content: Uint8Array): NewPending {
  const hash = sha256(content);
  return {
    owner: 'default',
    kind: 'file',
    key: toHex(hash),
    fingerprints: [{ kind: 'file', algorithm: 'sha256', hash, size: content.length }],
    reason: 'unreachable',
    subject: { label: path, locator: { scheme: 'file', ref: path } },
  };
}

async function drainAll(world: World, options: Parameters<World['engine']['pending']['drain']>[0] = {}): Promise<string[]> {
  const labels: string[] = [];
  for await (const result of world.engine.pending.drain(options)) {
    labels.push(result.subject.label ?? '');
  }
  return labels;
}

/** The most that were opened in any span of so many ms. */
function mostWithin(opened: Flood['opened'], ms: number): number {
  let [most, last] = [0, 0];
  opened.forEach(({ atMs }, first) => {
    while (last < opened.length && opened[last]!.atMs < atMs + ms) {
      last++;
    }
    most = Math.max(most, last - first);
  });
  return most;
}

describe('the pace of a drain', () => {
  it('that the host asks for keeps to the bucket, in every second of it', async () => {
    const { world, clock, opened } = await flood(300, { drainPerSecond: 50, drainBurst: 20 });
    await world.engine.ready();
    const begun = clock.monotonicMs();
    expect(await clock.run(drainAll(world))).toHaveLength(300);
    expect(opened).toHaveLength(300);
    expect(mostWithin(opened, 1000)).toBeLessThanOrEqual(20 + 50);
    const tookMs = clock.monotonicMs() - begun;
    expect(tookMs).toBeGreaterThanOrEqual(((300 - 20) / 50) * 1000 - 20);
    expect(tookMs).toBeLessThan(((300 - 20) / 50) * 1000 * 1.2);
  });

  it('is one for all drains of a family', async () => {
    const { world, clock, opened } = await flood(200, { drainPerSecond: 50, drainBurst: 10 });
    await clock.run(Promise.all([drainAll(world), drainAll(world), drainAll(world)]));
    expect(opened).toHaveLength(200);
    expect(mostWithin(opened, 1000)).toBeLessThanOrEqual(10 + 50);
  });

  it('of the background is the same, without holding `maintain` up', async () => {
    const { world, clock, opened } = await flood(300, { drainPerSecond: 50, drainBurst: 20 });
    for (let round = 0; round < 200 && opened.length < 300; round++) {
      const before = clock.monotonicMs();
      const { nextAt } = await clock.run(world.engine.maintain());
      expect(clock.monotonicMs() - before).toBeLessThan(50);
      await clock.advance(Math.max(0, Math.min(nextAt - clock.now(), 1000)));
    }
    expect(opened).toHaveLength(300);
    expect(mostWithin(opened, 1000)).toBeLessThanOrEqual(20 + 50);
    expect(await world.engine.pending.counts()).toMatchObject({ due: 0, claimed: 0 });
  });

  it('would be noticed if it were kept by nobody (check of this test)', async () => {
    const { world, clock, opened } = await flood(300, { drainPerSecond: 100_000, drainBurst: 100_000 });
    await clock.run(drainAll(world));
    expect(mostWithin(opened, 1000)).toBe(300);
  });
});

describe('poison', () => {
  it.each(['throws', 'hangs'] as const)('of one per cent that %s does not delay the rest', async (kind) => {
    const isPoison = (index: number): boolean => index % 100 === 0;
    const pending = { drainPerSecond: 100, drainBurst: 50 };
    const clean = await flood(300, pending);
    const begun = clean.clock.monotonicMs();
    await clean.clock.run(drainAll(clean.world));
    const cleanMs = clean.clock.monotonicMs() - begun;

    const { world, clock } = await flood(300, pending, (index) => (isPoison(index) ? kind : 'none'));
    const settledAt: number[] = [];
    world.engine.on('pending', ({ change }) => change === 'settled' && settledAt.push(clock.monotonicMs()));
    const start = clock.monotonicMs();
    const labels = await clock.run(drainAll(world));
    expect(labels).toHaveLength(297);
    expect(Math.max(...settledAt) - start).toBeLessThan(cleanMs * 1.1 + 100);
    // Those that hang are given back when their time is up.
    await clock.advance(700_000);
    const { due, waiting = 0, claimed, dead } = await world.engine.pending.counts();
    expect({ claimed, open: due + waiting + dead }).toEqual({ claimed: 0, open: 3 });
  });

  it('is set aside after `maxAttempts` failures and not before, listed, counted, and taken back on request', async () => {
    const { world, clock } = await flood(20, { maxAttempts: 3 }, (index) => (index === 7 ? 'throws' : 'none'));
    const dead: string[] = [];
    world.engine.on('pending', ({ change }) => change === 'dead' && dead.push(change));
    for (const failures of [1, 2]) {
      await clock.run(drainAll(world));
      expect([failures, await deadLabels(world)]).toEqual([failures, []]);
    }
    await clock.run(drainAll(world));
    expect([dead.length, await deadLabels(world), (await world.engine.pending.counts()).dead]).toEqual([1, ['/7'], 1]);
    expect(await clock.run(drainAll(world))).toEqual([]);
    expect(await world.engine.pending.revive()).toBe(1);
    expect(await deadLabels(world)).toEqual([]);
    expect(await world.engine.pending.counts()).toMatchObject({ due: 1, dead: 0 });
  });
});

async function deadLabels(world: World): Promise<(string | undefined)[]> {
  const labels: (string | undefined)[] = [];
  for await (const entry of world.engine.pending.list()) {
    labels.push(...(entry.dead ? [entry.items[0]?.subject.label] : []));
  }
  return labels;
}

describe('members of a family', () => {
  it('take turns: one with a flood does not keep another one waiting', async () => {
    const clock = new FakeClock();
    const queue = createMemoryQueue({ clock });
    const world = await createWorld({ without: ['filter'], config: { pending: { drainPerSecond: 10, drainBurst: 10 } }, parts: { clock, queue, openers: {} } });
    world.engine.derive({ name: 'small' });
    const of = (owner: string, index: number): NewPending => ({ ...fileAt(`/${owner}${index}`, toUtf8(`${owner} ${index}`)), owner });
    await queue.enqueue(Array.from({ length: 200 }, (_, index) => of('default', index)));
    await queue.enqueue([of('small', 0), of('small', 1), of('small', 2)]);
    await clock.run(world.engine.maintain());
    expect(await queue.counts('small')).toMatchObject({ due: 0, claimed: 0, dead: 0 });
    expect((await queue.counts('default')).due).toBe(193);
  });
});
