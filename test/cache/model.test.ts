/**
 * Random operations on a cache against a naive model that keeps every answer ever stored and reads the
 * rules off that history. The full figure: `CACHE_OPS=1000000`.
 */
import { describe, expect, it } from 'vitest';
import { createAnswerCache } from '../../src/cache/create-answer-cache.js';
import { createMemoryCache } from '../../src/cache/memory-cache.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { answerOf, fileOf, hashOf, prefixOf, recordOf } from './answers.js';
import type { Answer, Fingerprint } from '../../src/base/fingerprint.js';
import type { Clock, Random } from '../../src/base/seams.js';
import type { AnswerCache, CacheAnswer } from '../../src/cache/answer-cache.js';
import type { CacheEntry, CacheSlot, VerdictCache } from '../../src/cache/verdict-cache.js';

const operations = Number(process.env['CACHE_OPS'] ?? 30_000);
const day = 86_400_000;
const keys = 6;

/** Two clocks and a process number: a restart gives the monotonic clock a new origin. */
class World {
  wall = 1_700_000_000_000;
  /** Time that has really passed: what no clock of the cache can see. */
  truth = 0;
  origin = 0;
  process = 0;
  readonly clock: Clock = { now: () => this.wall, monotonicMs: () => this.truth - this.origin, sleep: () => Promise.reject(new Error('no waits')) };

  pass(ms: number): void {
    this.wall += ms;
    this.truth += ms;
  }

  restart(): void {
    this.process++;
    this.origin = this.truth - 17;
  }
}

interface Remembered {
  readonly key: number;
  readonly answer: Answer;
  readonly from: string;
  readonly strength: number;
  readonly truth: number;
  readonly wall: number;
  readonly process: number;
}

const sources = [
  { id: 'direct', strength: 4, signed: true },
  { id: 'direct-2', strength: 4, signed: true },
  { id: 'relay', strength: 3, signed: true },
  { id: 'foreign', strength: 2, signed: false },
  { id: 'foreign-2', strength: 2, signed: false },
  { id: 'loopback', strength: 1, signed: false },
];

/** Every answer ever stored, and the rules in the words of DESIGN. */
class Model {
  history: Remembered[] = [];
  constructor(readonly world: World) {}

  /** What no later answer has made pointless. */
  live(key: number): Remembered[] {
    const mine = this.history.filter((one) => one.key === key);
    return mine.filter((one, i) => !mine.slice(i + 1).some((later) => this.#replaces(later, one)));
  }

  #replaces(later: Remembered, one: Remembered): boolean {
    const [a, b] = [later.answer.generation, one.answer.generation];
    const sameAuthority = b === undefined ? later.from === one.from || later.strength > one.strength : a !== undefined && a >= b;
    return later.strength >= one.strength && sameAuthority;
  }

  isFresh(one: Remembered): boolean {
    const wallAge = this.world.wall - one.wall;
    const trueAge = this.world.truth - one.truth;
    const age = one.process === this.world.process ? Math.max(wallAge, trueAge) : wallAge < 0 ? Infinity : wallAge;
    return age < Math.min(one.answer.ttlMs, day);
  }

  isFind(one: Remembered, me: Fingerprint): boolean {
    return one.answer.records.some((record) => record.disposition === 'malicious' && record.hash[31] === me.hash[31]);
  }

  isUsable(one: Remembered, me: Fingerprint, min: number | undefined): boolean {
    const old = min !== undefined && (one.answer.generation === undefined ? !this.isFind(one, me) : one.answer.generation < min);
    return this.isFresh(one) && !old;
  }

  judge(key: number, me: Fingerprint, min: number | undefined): { kind: string; from: string[] } {
    const live = this.live(key);
    const usable = live.filter((one) => this.isUsable(one, me, min));
    const top = usable.filter((one) => one.strength === Math.max(...usable.map((other) => other.strength)));
    const finds = top.filter((one) => this.isFind(one, me));
    const unsettled = live.filter((one) => this.isFind(one, me) && !this.isUsable(one, me, min));
    if (finds.length > 0) {
      return { kind: 'hit', from: finds.map((one) => one.from) };
    }
    if (unsettled.length > 0) {
      return { kind: 'stale', from: unsettled.map((one) => one.from) };
    }
    return top.length > 0 ? { kind: 'hit', from: top.map((one) => one.from) } : { kind: 'miss', from: [] };
  }
}

interface Script {
  readonly seed: number;
  /** Wall-clock jumps, restarts, evictions: then a miss is always allowed, a wrong answer never. */
  readonly rough: boolean;
  readonly sabotage?: (store: VerdictCache) => VerdictCache;
}

/** Runs random operations; the differences between cache and model, empty when there are none. */
function play(script: Script, count: number): string[] {
  const random = createSeededRandom(script.seed);
  const world = new World();
  const model = new Model(world);
  const memory = createMemoryCache({ maxEntries: script.rough ? 8 : 1000 });
  const store = script.sabotage === undefined ? memory : script.sabotage(memory);
  const differences: string[] = [];
  /** Prefixes whose slot was once too full to hold all that the model remembers. */
  const overfull = new Set<number>();
  const tally = { exact: 0, hit: 0, stale: 0, miss: 0 };
  let cache = openCache(store, world);
  for (let step = 0; step < count && differences.length === 0; step++) {
    const key = pick(random, keys);
    const dice = random();
    if (dice < 0.35) {
      remember(cache, model, key, random);
      if (model.live(key).filter((one) => model.isFresh(one) || one.answer.records.length > 0).length > 4) {
        overfull.add(key);
      }
    } else if (dice < 0.8) {
      const me = fileOf(key, pick(random, 2));
      const min = random() < 0.5 ? undefined : 1 + pick(random, 4);
      const [got] = cache.lookup([me], min === undefined ? {} : { minGeneration: min }) as CacheAnswer[];
      const exact = !script.rough && !overfull.has(key);
      tally[got!.kind]++;
      tally.exact += Number(exact);
      const difference = compare({ got: got!, model, key, me, min, exact });
      if (difference !== undefined) {
        differences.push(`seed ${script.seed} step ${step}: ${difference}`);
      }
    } else if (dice < 0.96) {
      world.pass(pick(random, 40_000));
    } else if (dice < 0.98) {
      void cache.forget([fileOf(key)]);
      model.history = model.history.filter((one) => one.key !== key);
      overfull.delete(key);
    } else if (script.rough) {
      if (dice < 0.993) {
        world.wall += [day, -day, 30_000, -30_000][pick(random, 4)]!;
      } else if (dice < 0.997) {
        world.restart();
        cache = openCache(store, world);
      } else {
        void cache.store({ kind: 'file', algorithm: 'sha256', hashes: [prefixOf(1000 + pick(random, 50))] }, [answerOf({ asked: prefixOf(1000 + pick(random, 50)) })], sources[0]!);
      }
    }
  }
  if (script.sabotage === undefined) {
    // A run that hardly meets some case proves little about it.
    const looks = tally.hit + tally.stale + tally.miss;
    expect(Math.min(tally.hit, tally.stale, tally.miss)).toBeGreaterThan(looks / 20);
    expect(script.rough || tally.exact > looks / 3).toBe(true);
  }
  return differences;
}

function openCache(store: VerdictCache, world: World): AnswerCache {
  return createAnswerCache({ store, clock: world.clock, random: () => 0, process: `p${world.process}` });
}

function remember(cache: AnswerCache, model: Model, key: number, random: Random): void {
  const source = sources[pick(random, sources.length)]!;
  const answer = answerOf({
    asked: prefixOf(key),
    records: random() < 0.4 ? [recordOf(hashOf(key, pick(random, 2)))] : [],
    ttlMs: random() < 0.05 ? 3 * day : pick(random, 100_000),
    generation: source.signed ? 1 + pick(random, 4) : undefined,
  });
  void cache.store({ kind: 'file', algorithm: 'sha256', hashes: [prefixOf(key)] }, [answer], source);
  const { wall, truth, process } = model.world;
  model.history.push({ key, answer, from: source.id, strength: source.strength, wall, truth, process });
  // What is long dead and no find says nothing any more; without this the model grows without end.
  model.history = model.history.filter((one, i) => i > model.history.length - 400 || model.live(one.key).includes(one));
}

interface Comparison {
  readonly got: CacheAnswer;
  readonly model: Model;
  readonly key: number;
  readonly me: Fingerprint;
  readonly min: number | undefined;
  readonly exact: boolean;
}

function compare({ got, model, key, me, min, exact }: Comparison): string | undefined {
  const expected = model.judge(key, me, min);
  const from = got.kind === 'miss' ? [] : [got.from];
  const same = got.kind === expected.kind && (got.kind === 'miss' || expected.from.includes(from[0]!));
  if (exact) {
    return same ? undefined : `got ${got.kind} from ${from.join()}, expected ${expected.kind} from ${expected.from.join()}`;
  }
  if (got.kind === 'miss') {
    return undefined;
  }
  const said = model.live(key).filter((one) => one.from === got.from && one.answer.generation === got.answer.generation);
  const founded = said.some((one) => (got.kind === 'hit' ? model.isUsable(one, me, min) : model.isFind(one, me)));
  return founded ? undefined : `${got.kind} from ${got.from} that the history does not bear out`;
}

function pick(random: Random, below: number): number {
  return Math.floor(random() * below);
}

const seeds = [1, 2, 3, 4, 5];

describe('the cache against the model (B6)', () => {
  it.each(seeds)('says exactly what the history says while nothing is lost (seed %d)', (seed) => {
    expect(play({ seed, rough: false }, operations / seeds.length)).toEqual([]);
  });

  it.each(seeds)('says nothing that the history does not bear out under jumps of a day, restarts and evictions (seed %d)', (seed) => {
    expect(play({ seed: 100 + seed, rough: true }, operations / seeds.length)).toEqual([]);
  });
});

/** Each store spoils one rule; the same runs must then show a difference. */
const sabotages: Record<string, (change: (slot: CacheSlot, old: CacheSlot) => CacheSlot) => (store: VerdictCache) => VerdictCache> = {
  put: (change) => (store) => ({
    ...store,
    put: (slots) => store.put(slots.map(([key, slot]) => [key, change(slot, (store.get([key]) as CacheSlot[])[0] ?? [])])),
  }),
  get: (change) => (store) => ({
    ...store,
    get: (wanted) => (store.get(wanted) as (CacheSlot | undefined)[]).map((slot) => slot && change(slot, [])),
  }),
};
const weakest = (slot: CacheSlot): CacheEntry[] => [...slot].sort((a, b) => a.strength - b.strength).slice(0, 1);

describe('the model finds a cache out that', () => {
  it.each<[string, boolean, (store: VerdictCache) => VerdictCache]>([
    ['lets a weaker answer replace a stronger one', false, sabotages['put']!(weakest)],
    ['drops an expired find for a negative', false, sabotages['put']!((slot) => slot.slice(-1))],
    ['gives answers a longer life', false, sabotages['get']!((slot) => slot.map((one) => ({ ...one, ttlMs: one.ttlMs + 20_000 })))],
    ['goes by the wall clock alone, so makes answers younger when the wall clock goes back', true, sabotages['get']!((slot) => slot.map((one) => ({ ...one, process: 'other' })))],
    ['keeps the old answer beside the one that replaced it', false, sabotages['put']!((slot, old) => [...old, ...slot].slice(0, 4))],
  ])('%s', (_, rough, sabotage) => {
    expect(seeds.flatMap((seed) => play({ seed, rough, sabotage }, 6000))).not.toEqual([]);
  });
});
