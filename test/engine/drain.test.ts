/** Drains that are cut short, and items that fail: nothing flagged is lost, and no remedy is carried out twice. */
import { describe, expect, it } from 'vitest';
import { toHex, toUtf8 } from '../../src/base/bytes.js';
import type { ActionOutcome, CheckResult } from '../../src/base/check-result.js';
import { bytesSubject } from '../../src/base/subject.js';
import type { PendingCounts } from '../../src/pending/pending-queue.js';
import { contentEntry, literal } from '../support/feed.js';
import { createWorld, type World, type WorldOptions } from '../support/world.js';

const feed = {
  signatures: [literal('Local.Marker', 'local-marker')],
  hashes: ['1', '2', '3', 'a'].map((name) => contentEntry(`Listed.${name}`, `content ${name}`)),
};

async function flagged(contents: readonly (readonly [path: string, content: string])[], options: WorldOptions = {}): Promise<World> {
  const world = await createWorld({ feed, without: ['filter'], ...options });
  world.mood = 'down';
  await world.clock.run(world.engine.checkMany(contents.map(([path, content]) => world.write(path, content))));
  world.mood = 'up';
  return world;
}

async function drained(world: World, options: Parameters<World['engine']['pending']['drain']>[0] = {}): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for await (const result of world.engine.pending.drain(options)) {
    results.push(result);
  }
  return results;
}

async function open(world: World): Promise<Partial<PendingCounts>> {
  const { due, waiting = 0, claimed, dead } = await world.engine.pending.counts();
  return { due: due + waiting, claimed, dead };
}

describe('a drain whose consumer stops in the middle', () => {
  it('leaves no entry claimed and holds nothing against those that nobody has looked at', async () => {
    const world = await flagged(Array.from({ length: 20 }, (_, n) => [`/${n}`, `harmless ${n}`]));
    const one = async (): Promise<void> => {
      for await (const result of world.engine.pending.drain()) {
        void result;
        break;
      }
    };
    await world.clock.run(one());
    expect(await open(world)).toEqual({ due: 12, claimed: 0, dead: 0 });
    for await (const entry of world.engine.pending.list()) {
      expect(entry.failures).toBeUndefined();
    }
  });
});

describe('a consumer that stops', () => {
  it.each([1, 2, 3, 7, 8, 9, 15])('after %i results gets away, whatever has ended meanwhile', async (count) => {
    const world = await flagged(Array.from({ length: 20 }, (_, n) => [`/${n}`, `harmless ${n}`]));
    const some = async (): Promise<number> => {
      let taken = 0;
      for await (const result of world.engine.pending.drain()) {
        void result;
        // All that is under way ends while the consumer is busy.
        await new Promise((resolve) => setImmediate(resolve));
        if (++taken === count) {
          break;
        }
      }
      return taken;
    };
    expect(await world.clock.run(some())).toBe(count);
    const { claimed, due = 0 } = await open(world);
    expect(claimed).toBe(0);
    expect(due).toBeLessThanOrEqual(20 - count);
  });
});

describe('a drain with options of a check', () => {
  it('asks all the same: `layers: local` settles nothing unasked', async () => {
    const world = await flagged([['/a', 'content a']]);
    const results = await world.clock.run(drained(world, { layers: 'local' }));
    expect(results.map((result) => result.verdict.disposition)).toEqual(['malicious']);
  });
});

describe('an item that fails', () => {
  it('keeps the other places of its content from nothing', async () => {
    const treated: (string | undefined)[] = [];
    const actions = {
      idempotent: true,
      apply: async ({ subject }: CheckResult): Promise<ActionOutcome> => {
        if (subject.label === '/1') {
          throw new Error('in use');
        }
        treated.push(subject.label);
        return { kind: 'done' };
      },
    };
    const world = await flagged([['/1', 'content a'], ['/2', 'content a']], { parts: { actions } });
    const results = await world.clock.run(drained(world));
    expect(treated).toEqual(['/2']);
    expect(results.map((result) => result.subject.label)).toEqual(['/2']);
    expect(await open(world)).toMatchObject({ due: 1 });
  });
});

describe('a remedy of a late result', () => {
  const failing = (until: number): { readonly calls: string[]; readonly actions: { idempotent: boolean; apply: (result: CheckResult, how: { key: string }) => Promise<ActionOutcome> } } => {
    const calls: string[] = [];
    return {
      calls,
      actions: {
        idempotent: false,
        apply: async (_, { key }) => {
          calls.push(key);
          if (calls.length <= until) {
            throw new Error('the bus is away');
          }
          return { kind: 'done' };
        },
      },
    };
  };

  it('that could not be carried out keeps its entry, and is tried again by the next drain', async () => {
    const { calls, actions } = failing(3);
    const world = await flagged([['/a', 'content a']], { parts: { actions } });
    expect(await world.clock.run(drained(world))).toEqual([]);
    expect(await open(world)).toMatchObject({ due: 1 });
    const [result] = await world.clock.run(drained(world));
    expect(result?.outcome).toEqual({ kind: 'done' });
    expect(new Set(calls).size).toBe(1);
    expect(await open(world)).toMatchObject({ due: 0 });
  });

  it('that the end of the engine interrupts does not settle its entry', async () => {
    const settled: unknown[] = [];
    const actions = {
      idempotent: true,
      apply: (_: CheckResult, { signal }: { readonly signal: AbortSignal }): Promise<never> =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('interrupted')), { once: true })),
    };
    const world = await flagged([['/a', 'content a']], { parts: { actions } });
    world.engine.on('pending', (event) => settled.push(event.change));
    const draining = drained(world);
    await world.clock.advance(1_000);
    await world.clock.run(world.engine.close());
    await draining.catch(() => undefined);
    expect(settled).not.toContain('settled');
  });

  it.each<[string, unknown]>([['nothing', undefined], ['null', null], ['a text', 'done']])('that ends with %s is uncertain, and is not repeated', async (_, outcome) => {
    let calls = 0;
    const actions = {
      idempotent: false,
      apply: async (): Promise<ActionOutcome> => {
        calls++;
        return outcome as ActionOutcome;
      },
    };
    const world = await flagged([['/a', 'content a']], { parts: { actions } });
    const [result] = await world.clock.run(drained(world));
    expect(result?.outcome?.kind).toBe('uncertain');
    await world.clock.run(drained(world));
    expect(calls).toBe(1);
  });

  it('for the bytes that were there is not repeated because the one for the bytes that are there failed', async () => {
    const calls: string[] = [];
    const actions = {
      idempotent: false,
      apply: async (result: CheckResult): Promise<ActionOutcome> => {
        const name = result.verdict.threats[0]?.name ?? '';
        calls.push(name);
        if (name === 'Local.Marker' && calls.length < 5) {
          throw new Error('busy');
        }
        return { kind: 'done' };
      },
    };
    const world = await flagged([['/a', 'content a']], { parts: { actions } });
    world.write('/a', 'local-marker');
    await world.clock.run(drained(world));
    const results = await world.clock.run(drained(world));
    expect(calls.filter((name) => name === 'Listed.a')).toHaveLength(1);
    expect(results.map((result) => result.outcome?.kind)).toEqual(['uncertain', 'done']);
  });
});

describe('a flagged file that is gone', () => {
  it('is what the host has decided about it since then', async () => {
    const world = await flagged([['/a', 'content a']]);
    world.files.clear();
    await world.engine.lists.add({ id: 'ours', effect: 'approved', sha256: toHex(contentEntry('', 'content a').hash) });
    const results = await world.clock.run(drained(world));
    expect(results.map((result) => [result.verdict.disposition, result.verdict.source])).toEqual([['clean', 'list']]);
    expect(world.applied).toEqual([]);
  });
});

describe('a policy of the host', () => {
  it.each<[string, unknown]>([['nothing', undefined], ['a promise', Promise.resolve({ access: 'allow', remedy: 'none' })], ['words of its own', { access: 'open', remedy: 'none' }]])(
    'that hands over %s opens no door',
    async (_, decision) => {
      const { engine, applied } = await createWorld({ feed, parts: { policy: () => decision as never } });
      expect((await engine.check(bytesSubject(toUtf8('content a')))).decision).toEqual({ access: 'block', remedy: 'none' });
      expect(applied).toEqual([]);
    },
  );
});
