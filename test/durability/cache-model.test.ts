/**
 * The verdict cache against forty lines over long random lives, with clocks that jump by a day and processes that end:
 * no answer outlives its time, nothing malicious is overwritten by a weaker source. The full figure: `OPERATIONS=1000000`.
 */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Random } from '../../src/base/seams.js';
import type { AnswerCache, CacheAnswer } from '../../src/cache/answer-cache.js';
import { createAnswerCache } from '../../src/cache/create-answer-cache.js';
import { createMemoryCache } from '../../src/cache/memory-cache.js';
import type { CacheSlot, VerdictCache } from '../../src/cache/verdict-cache.js';
import { openCaches } from '../../src/node/caches/open-caches.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { answerOf, fileOf, hashOf, prefixOf, recordOf } from '../cache/answers.js';
import { tempDir } from '../support/temp-dir.js';
import { TwoClocks } from '../support/two-clocks.js';
import { CacheModel, isFind, sources } from './cache-model.js';

const operations = Number(process.env['OPERATIONS'] ?? 20_000);
const seed = Number(process.env['FUZZ_SEED'] ?? 6);
const day = 86_400_000;
const keys = 30;

/** A store under test. What cannot outlive its process is never restarted. */
interface UnderTest {
  store: VerdictCache;
  /** It has a clock of its own, which no restart and nobody who sets a clock can deceive. */
  readonly isSteady?: boolean;
  /** The process ends and the next one opens what it left. */
  restart?(): Promise<void>;
  end?(): Promise<void>;
}

/** A host's own store in a file, as it were: everything goes in and comes out as a copy. */
function keptStore(): VerdictCache {
  const slots = new Map<string, CacheSlot>();
  return {
    get: (wanted) => wanted.map((key) => structuredClone(slots.get(key))),
    put: (some) => some.forEach(([key, slot]) => slots.set(key, structuredClone(slot))),
    forget: (what) => (what === 'all' ? slots.clear() : what.forEach((key) => slots.delete(key))),
  };
}

const root = tempDir('cache-model');

/** lmdb on the disk, with a clock that runs on over restarts as that of a machine does. */
async function onDisk(clock: TwoClocks): Promise<UnderTest> {
  const dir = mkdtempSync(join(root, 'caches-'));
  const open = (): ReturnType<typeof openCaches> => openCaches({ dir, clock, steady: { id: 'boot', nowMs: () => clock.truth } });
  let caches = await open();
  const under: UnderTest = {
    store: caches.verdicts,
    isSteady: true,
    restart: async () => {
      await caches.close();
      caches = await open();
      under.store = caches.verdicts;
    },
    end: () => caches.close(),
  };
  return under;
}

const makers: Readonly<Record<string, (clock: TwoClocks) => Promise<UnderTest>>> = {
  memory: async () => ({ store: createMemoryCache({ maxEntries: 1000 }) }),
  kept: async () => ({ store: keptStore(), restart: async () => undefined }),
  lmdb: onDisk,
};

/** Restarts of a store on the disk cost more than everything else: fewer of them, for the same number of operations. */
const restartShare = 0.002;

interface Life {
  readonly under: UnderTest;
  readonly model: CacheModel;
  readonly random: Random;
  readonly clock: TwoClocks;
  cache: AnswerCache;
  readonly tally: Record<CacheAnswer['kind'] | 'restart' | 'defended', number>;
  generation: number;
}

/** One life: the first difference between cache and model, undefined when there is none. */
async function differ(make: (clock: TwoClocks) => Promise<UnderTest>, count: number, change: (store: VerdictCache) => VerdictCache = (store) => store): Promise<string | undefined> {
  const clock = new TwoClocks();
  const under = await make(clock);
  const tally = { hit: 0, stale: 0, miss: 0, restart: 0, defended: 0 };
  const life: Life = { under, clock, tally, model: new CacheModel(clock, under.isSteady === true), random: createSeededRandom(seed), cache: open(change(under.store), clock, 0), generation: 1 };
  for (let step = 0; step < count; step++) {
    const difference = await take(life);
    if (difference !== undefined) {
      return `seed ${seed}, step ${step}: ${difference}`;
    }
  }
  await under.end?.();
  // A run that hardly meets some case proves little about it.
  const { hit, stale, miss, defended } = tally;
  expect(Math.min(hit, stale, miss)).toBeGreaterThan((hit + stale + miss) / 50);
  expect(defended).toBeGreaterThan(count / 1000);
  return undefined;
}

function open(store: VerdictCache, clock: TwoClocks, process: number): AnswerCache {
  return createAnswerCache({ store, clock, random: () => 0, process: `p${process}` });
}

async function take(life: Life): Promise<string | undefined> {
  const { random, clock, model } = life;
  const pick = (below: number): number => Math.floor(random() * below);
  const dice = random();
  if (dice < 0.35) {
    return remember(life, pick);
  }
  if (dice < 0.85) {
    return look(life, pick(keys), { tail: pick(2), newest: random() < 0.5 ? undefined : Math.max(1, life.generation - pick(2)) });
  }
  if (dice < 0.96) {
    clock.pass(pick(20_000));
  } else if (dice < 0.98) {
    const ms = [day, -day, 30_000, -30_000][pick(4)]!;
    clock.jump(ms);
    model.kept.forEach((one) => (one.isAgeLost ||= ms < 0));
  } else if (dice < 0.985) {
    life.generation++;
  } else if (dice < 0.99) {
    const key = pick(keys);
    await life.cache.forget([fileOf(key)]);
    model.kept = model.kept.filter((one) => one.key !== key);
  } else if (life.under.restart !== undefined && dice < 0.99 + restartShare) {
    life.tally.restart++;
    clock.restart();
    await life.under.restart();
    model.restart();
    life.cache = open(life.under.store, clock, model.process);
  }
  return undefined;
}

async function remember(life: Life, pick: (below: number) => number): Promise<string | undefined> {
  const { model, random, cache } = life;
  const [key, from] = [pick(keys), sources[pick(sources.length)]!];
  const answer = answerOf({
    asked: prefixOf(key),
    records: random() < 0.4 ? [recordOf(hashOf(key, pick(2)))] : [],
    ttlMs: random() < 0.05 ? 3 * day : pick(1_500_000),
    generation: from.isOurs ? life.generation : undefined,
  });
  const me = fileOf(key, pick(2));
  const [before] = await cache.lookup([me], {});
  await cache.store({ kind: 'file', algorithm: 'sha256', hashes: [prefixOf(key)] }, [answer], from);
  model.store(key, from, answer);
  if (before?.kind !== 'hit' || !isFind(before, me) || strengthOf(before.from) <= from.strength) {
    return undefined;
  }
  life.tally.defended++;
  const [after] = await cache.lookup([me], {});
  return after?.kind === 'hit' && isFind(after, me) ? undefined : `${from.id} replaced what ${before.from} had found`;
}

function strengthOf(id: string): number {
  return sources.find((one) => one.id === id)?.strength ?? 0;
}

async function look(life: Life, key: number, { tail, newest }: { readonly tail: number; readonly newest: number | undefined }): Promise<string | undefined> {
  const { model, clock, cache, tally } = life;
  const me = fileOf(key, tail);
  const [got] = await cache.lookup([me], newest === undefined ? {} : { minGeneration: newest });
  if (got === undefined) {
    return 'nothing said';
  }
  tally[got.kind]++;
  const expected = model.lookup(key, me, newest);
  const whose = got.kind === 'miss' ? undefined : expected.from.find((one) => one.from.id === got.from && one.answer.generation === got.answer.generation);
  if (got.kind !== expected.kind || (got.kind !== 'miss' && whose === undefined)) {
    return `got ${got.kind === 'miss' ? 'miss' : `${got.kind} from ${got.from}`}, expected ${expected.kind} from ${expected.from.map((one) => one.from.id).join()}`;
  }
  // By the time that really passed, whatever the clocks said: what no clock can tell any more is the one exception.
  const isOver = got.kind === 'hit' && whose !== undefined && clock.truth - whose.trueAt >= whose.answer.ttlMs;
  return isOver && (model.isSteady || whose.process === model.process || !whose.isAgeLost) ? `an answer of ${got.from} outlived its time` : undefined;
}

describe('the verdict cache', () => {
  it.each(Object.entries(makers))(`%s says what forty lines say (${operations} operations)`, async (_, make) => {
    expect(await differ(make, operations)).toBeUndefined();
  }, 3_600_000);

  const onSlots = (change: (slot: CacheSlot) => CacheSlot) => (store: VerdictCache): VerdictCache => ({
    ...store,
    put: (slots) => store.put(slots.map(([key, slot]) => [key, change(slot)])),
  });

  it.each<[string, (store: VerdictCache) => VerdictCache]>([
    ['lets a weaker answer replace a stronger one', onSlots((slot) => [...slot].sort((a, b) => a.strength - b.strength).slice(0, 1))],
    ['lets answers live longer', onSlots((slot) => slot.map((one) => ({ ...one, ttlMs: one.ttlMs * 2 })))],
    ['goes by the wall clock alone', onSlots((slot) => slot.map((one) => ({ ...one, process: 'nobody' })))],
    ['forgets what it was told', (store) => ({ ...store, put: () => undefined })],
  ])('is found out when it %s (sabotage)', async (_, change) => {
    expect(await differ(makers['memory']!, 20_000, change)).toBeDefined();
  });
});
