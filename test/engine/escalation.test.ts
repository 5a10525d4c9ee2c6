/** What waits for too long, who it belongs to, and what a configuration may say about it. */
import { describe, expect, it } from 'vitest';
import { createPolicy } from '../../src/action/create-policy.js';
import type { VedetteError } from '../../src/base/errors.js';
import type { CheckResult } from '../../src/base/check-result.js';
import { parseConfig, settingsFrom, type EngineConfig } from '../../src/engine/options.js';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import type { PendingEntry, PendingQueue } from '../../src/pending/pending-queue.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { literal } from '../support/feed.js';
import { createWorld, type World, type WorldOptions } from '../support/world.js';

const deadlineMs = 3_600_000;

async function waiting(options: WorldOptions = {}, paths: readonly string[] = ['/a']): Promise<World & { readonly queue: PendingQueue; readonly escalated: string[] }> {
  const clock = new FakeClock();
  const queue = createMemoryQueue({ clock });
  const { config, parts, ...rest } = options;
  const world = await createWorld({ without: ['filter'], config: { pending: { deadlineMs }, ...config }, parts: { clock, queue, ...parts }, ...rest });
  const escalated: string[] = [];
  world.engine.on('pending', ({ change, id }) => change === 'escalated' && escalated.push(id ?? ''));
  world.mood = 'down';
  await clock.run(world.engine.checkMany(paths.map((path) => world.write(path, `content of ${path}`))));
  return Object.assign(world, { clock, queue, escalated });
}

async function entriesOf(world: World): Promise<PendingEntry[]> {
  const entries: PendingEntry[] = [];
  for await (const entry of world.engine.pending.list()) {
    entries.push(entry);
  }
  return entries;
}

describe('the deadline of what is flagged', () => {
  it('is exact: told of one millisecond after it, not at it, and once', async () => {
    const world = await waiting();
    const [entry] = await entriesOf(world);
    await world.clock.advance(entry!.firstAt + deadlineMs - world.clock.now());
    await world.clock.run(world.engine.maintain());
    expect(world.escalated).toEqual([]);
    await world.clock.advance(1);
    await world.clock.run(world.engine.maintain());
    expect(world.escalated).toEqual([entry?.id]);
    await world.clock.advance(10 * deadlineMs);
    await world.clock.run(world.engine.maintain());
    expect(world.escalated).toEqual([entry?.id]);
    expect(await entriesOf(world)).toMatchObject([{ id: entry?.id, escalated: true, dead: false }]);
    expect(world.engine.stats()).toMatchObject({ pendingEscalated: 1 });
  });

  it('wakes the background in time, servers or none', async () => {
    const world = await waiting({ config: { background: 'timers', pending: { deadlineMs } } });
    await world.clock.advance(deadlineMs + 61_000);
    expect(world.escalated).toHaveLength(1);
    await world.engine.close();
  });

  it('leaves the entry to be drained as before', async () => {
    const world = await waiting();
    await world.clock.advance(2 * deadlineMs);
    await world.clock.run(world.engine.maintain());
    world.mood = 'up';
    const results: CheckResult[] = [];
    await world.clock.run((async () => {
      for await (const result of world.engine.pending.drain()) {
        results.push(result);
      }
    })());
    expect(results.map((result) => result.verdict.disposition)).toEqual(['clean']);
  });

  it.each([true, false])('does not keep the rest from being drained when the handler never comes back (idempotent: %s)', async (idempotent) => {
    const told: string[] = [];
    const world = await waiting(
      {
        config: { policy: { base: 'endpoint', overdue: 'block' }, pending: { deadlineMs } },
        parts: {
          actions: {
            idempotent,
            apply: ({ subject, verdict }) => {
              told.push(`${subject.label ?? ''} ${verdict.disposition}`);
              return verdict.disposition === 'unknown' && subject.label === '/a' ? new Promise(() => undefined) : Promise.resolve({ kind: 'done' });
            },
          },
        },
      },
      ['/a', '/b', '/c'],
    );
    await world.clock.advance(2 * deadlineMs);
    world.mood = 'up';
    for (let round = 0; round < 20; round++) {
      await world.clock.run(world.engine.maintain());
      await world.clock.advance(61_000);
    }
    // The one whose handler hangs stays claimed where it may be told again.
    expect((await entriesOf(world)).map(({ items }) => items[0]?.subject.label)).toEqual(idempotent ? ['/a'] : []);
    expect(told.filter((line) => line === '/a unknown')).toHaveLength(1);
  });

  it('tells the handler where policy decides otherwise from then on, with a key of its own', async () => {
    const world = await waiting({ config: { policy: { base: 'endpoint', overdue: 'block' }, pending: { deadlineMs } } }, ['/a', '/b']);
    await world.clock.advance(2 * deadlineMs);
    await world.clock.run(world.engine.maintain());
    expect(world.applied.map(({ result }) => [result.subject.label, result.occasion, result.decision.access, result.verdict.reason])).toEqual([
      ['/a', 'late', 'block', 'unreachable'],
      ['/b', 'late', 'block', 'unreachable'],
    ]);
    expect(world.applied.map(({ key }) => key.replace(/^[^:]*/, ''))).toEqual([':overdue', ':overdue']);
  });

  it('leaves the handler in peace where policy decides as before', async () => {
    const world = await waiting();
    await world.clock.advance(2 * deadlineMs);
    await world.clock.run(world.engine.maintain());
    expect([world.applied, world.escalated.length]).toEqual([[], 1]);
  });

  it('counts for a further check of what is overdue', async () => {
    const world = await waiting({ config: { policy: { base: 'endpoint', overdue: 'block' }, pending: { deadlineMs } } });
    const again = (): Promise<CheckResult> => world.clock.run(world.engine.check(world.file('/a')));
    expect((await again()).decision.access).toBe('allow');
    await world.clock.advance(2 * deadlineMs);
    expect((await again()).decision.access).toBe('block');
  });

  it.each([
    [true, 2],
    [false, 1],
  ])('a handler that throws hears of it again where it is idempotent (%s)', async (idempotent, rounds) => {
    let calls = 0;
    const actions = {
      idempotent,
      apply: async (): Promise<{ readonly kind: 'done' }> => {
        calls++;
        if (calls <= 3) {
          throw new Error('the bus is away');
        }
        return { kind: 'done' };
      },
    };
    const policy = createPolicy({ base: 'endpoint', overdue: 'block' });
    const world = await waiting({ parts: { actions, policy } });
    await world.clock.advance(2 * deadlineMs);
    for (let round = 0; round < 4; round++) {
      await world.clock.run(world.engine.maintain());
      await world.clock.advance(61_000);
    }
    expect(calls).toBe(rounds === 2 ? 4 : 3);
    expect(await entriesOf(world)).toMatchObject([{ escalated: true }]);
  });
});

describe('entries of an engine that no longer exists', () => {
  it('are counted, listed, and drained by whoever adopts them, under the same ids', async () => {
    const former = await waiting({ config: { name: 'former' } }, ['/a', '/b']);
    const ids = (await entriesOf(former)).map((entry) => entry.id);
    const world = await createWorld({ without: ['filter'], config: { name: 'renamed' }, parts: { clock: former.clock, queue: former.queue, openers: { file: async ({ ref }) => former.file(ref) } } });
    const { pending } = world.engine;
    expect(await pending.counts()).toMatchObject({ due: 0, orphaned: 2 });
    expect(await pending.owners()).toEqual([{ owner: 'former', entries: 2, dead: 0, orphaned: true }]);
    const orphans: string[] = [];
    for await (const entry of pending.list({ orphaned: true })) {
      orphans.push(entry.id);
    }
    expect([orphans, await entriesOf(world)]).toEqual([ids, []]);
    expect(await pending.adopt('former')).toBe(2);
    expect(await pending.adopt('former')).toBe(0);
    expect((await entriesOf(world)).map((entry) => [entry.id, entry.owner])).toEqual(ids.map((id) => [id, 'renamed']));
    const drained: (string | undefined)[] = [];
    await former.clock.run((async () => {
      for await (const { subject } of pending.drain()) {
        drained.push(subject.label);
      }
    })());
    expect(drained).toEqual(['/a', '/b']);
  });

  it('are not those of an engine of the same family', async () => {
    const world = await waiting();
    const other = world.engine.derive({ name: 'other' });
    await expect(other.pending.adopt('default')).rejects.toMatchObject({ code: 'config-invalid' });
    expect(await other.pending.counts()).toMatchObject({ orphaned: 0 });
  });

  it('stay where the queue of the host cannot give them away, and it says so', async () => {
    const queue = { ...createMemoryQueue({ clock: new FakeClock() }) };
    delete queue.adopt;
    const world = await createWorld({ parts: { queue } });
    await expect(world.engine.pending.adopt('former')).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('`configure`', () => {
  it('ends what runs by itself, and begins it again', async () => {
    const world = await waiting({ config: { background: 'timers', pending: { deadlineMs } } });
    const servers = [{ address: 'in-process:test', scope: 'local' as const }];
    await world.engine.configure({ servers, background: 'manual', pending: { deadlineMs } });
    const sent = world.sent.length;
    await world.clock.advance(2 * deadlineMs);
    expect([world.sent.length - sent, world.escalated]).toEqual([0, []]);
    await world.engine.configure({ servers, background: 'timers', pending: { deadlineMs } });
    await world.clock.advance(61_000);
    expect(world.escalated).toHaveLength(1);
    await world.engine.close();
  });
});

describe('the configuration of the queue and of actions', () => {
  const faultsOf = (config: unknown): string[] => {
    try {
      parseConfig(config);
      return [];
    } catch (error) {
      const { detail } = error as VedetteError;
      return (detail as { faults: { path: string }[] }).faults.map((fault) => fault.path);
    }
  };

  it('has a default for everything', () => {
    expect(settingsFrom({}).pending).toEqual({ deadlineMs: 86_400_000, maxEntries: 100_000, maxBytes: 67_108_864, maxAttempts: 20, drainPerSecond: 100, drainBurst: 200 });
  });

  it.each(['deadlineMs', 'maxEntries', 'maxBytes', 'maxAttempts', 'drainPerSecond', 'drainBurst'])('takes 1 for %s and nothing below, beside or unlike', (name) => {
    expect(faultsOf({ pending: { [name]: 1 } })).toEqual([]);
    for (const wrong of [0, -1, 1.5, '1', null]) {
      expect(faultsOf({ pending: { [name]: wrong } })).toEqual([`pending.${name}`]);
    }
  });

  it('bounds the queue that the engine opens', async () => {
    const world = await createWorld({ without: ['filter'], config: { pending: { maxEntries: 2 } }, parts: { queue: undefined as never } });
    world.mood = 'down';
    const results = await world.clock.run(world.engine.checkMany(['/1', '/2', '/3'].map((path) => world.write(path, path))));
    expect(results.map((result) => result.pending.kind).sort()).toEqual(['queued', 'queued', 'refused']);
  });

  const row = { access: 'block', remedy: 'quarantine' };
  it.each<[string, unknown, boolean]>([
    ['only the row for the others', { other: row }, true],
    ['every field', { other: row, trojan: { ...row, second: 'delete', late: { access: 'warn' }, retro: { remedy: 'rename', second: 'none' } } }, true],
    ['no row for the others', { trojan: row }, false],
    ['a row without remedy', { other: { access: 'block' } }, false],
    ['a remedy that there is not', { other: { ...row, second: 'burn' } }, false],
    ['a field that there is not', { other: { ...row, later: {} } }, false],
    ['a name with capitals', { other: row, Trojan: row }, false],
    ['a name that every object has', { other: row, constructor: row }, false],
    ['the name of the prototype', JSON.parse('{"other":{"access":"block","remedy":"none"},"__proto__":{"access":"allow","remedy":"none"}}'), false],
    ['a list', [row], false],
    ['a thousand types', Object.fromEntries([['other', row], ...Array.from({ length: 999 }, (_, i) => [`t${i}`, row])]), true],
    ['a thousand and one', Object.fromEntries([['other', row], ...Array.from({ length: 1000 }, (_, i) => [`t${i}`, row])]), false],
  ])('an action table with %s', (_, actionTable, good) => {
    expect(faultsOf({ actionTable }).length === 0).toBe(good);
  });

  it('an action table decides in place of the default', async () => {
    const actionTable: EngineConfig['actionTable'] = { other: { access: 'warn', remedy: 'rename' } };
    const world = await createWorld({ feed: { signatures: [literal('Local.Marker', 'local-marker')] }, config: { actionTable } });
    const result = await world.engine.check(world.write('/m', 'a local-marker'));
    expect(result.decision).toEqual({ access: 'warn', remedy: 'rename' });
  });
});
