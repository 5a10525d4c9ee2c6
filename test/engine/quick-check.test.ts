/**
 * With a scan cache, or with contents that can be had on the spot, or with both = without: the same results file by file,
 * over random changes of files, lists, patterns, answers and options between the scans. The engine without either tells a
 * story of every file every time, and is the oracle.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../src/base/check-result.js';
import { digestSubject } from '../../src/base/subject.js';
import { createMemoryScanCache } from '../../src/cache/scan/memory-scan-cache.js';
import type { ScanCache } from '../../src/cache/scan/scan-cache.js';
import { compile, type Compiled } from '../../src/compile.js';
import type { Engine } from '../../src/engine/checker.js';
import { formatPublicKey } from '../../src/protocol/keys.js';
import { createTestSigner } from '../../src/testing/test-signer.js';
import { FakeDisk } from '../support/fake-disk.js';
import { crypto, startAt } from '../support/feed.js';
import { createWorld, type World } from '../support/world.js';
import { contents, digestOf, itemsOf, sourcesOf, versions, type Versions } from '../hybrid/random-signatures.js';

// A run is some ten scans of two engines each.
const runs = Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 100) / 5);
const paths = ['a/1', 'a/2', 'a/3', 'b/4', 'b/5', 'c', 'd/e/6', 'd/e/7'] as const;
const signer = await createTestSigner();

type Step =
  | { readonly kind: 'write' | 'replace' | 'racy'; readonly path: string; readonly content: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'list'; readonly effect: 'approved' | 'blocked' | 'removed'; readonly content: string }
  | { readonly kind: 'install'; readonly what: 'agent' | 'filter' | 'server'; readonly generation: number }
  | { readonly kind: 'server'; readonly mood: 'up' | 'down' }
  | { readonly kind: 'expire' };

const path = fc.constantFrom(...paths);
const content = fc.constantFrom(...contents);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('write' as const, 'replace' as const, 'racy' as const), path, content }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const), path, to: path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), path }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 1_500, 2_500, 3_600_000, 40 * 86_400_000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('list' as const), effect: fc.constantFrom('approved' as const, 'blocked' as const, 'removed' as const), content }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('install' as const), what: fc.constantFrom('agent' as const, 'filter' as const, 'server' as const), generation: fc.integer({ min: 2, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('server' as const), mood: fc.constantFrom('up' as const, 'down' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const) }) },
);

interface Scan {
  readonly allMatches: boolean;
  readonly layers: 'all' | 'local' | 'remote';
  readonly ordered: boolean;
  /** Contents can be had on the spot. */
  readonly reads: boolean;
}

const scan: fc.Arbitrary<Scan> = fc.record({
  allMatches: fc.boolean(),
  layers: fc.constantFrom('all' as const, 'all' as const, 'local' as const, 'remote' as const),
  ordered: fc.boolean(),
  reads: fc.boolean(),
});

interface Script { readonly all: Versions; readonly rounds: readonly { readonly steps: readonly Step[]; readonly scan: Scan }[] }

const script: fc.Arbitrary<Script> = fc.record({ all: versions, rounds: fc.array(fc.record({ steps: fc.array(step, { maxLength: 3 }), scan }), { minLength: 2, maxLength: 6 }) });

async function componentsOf(all: Versions, generation: number): Promise<Compiled> {
  return compile(sourcesOf(itemsOf(all, generation)), { generation, createdAt: startAt, hostRule: 'labels5', crypto, signer });
}

async function worldOf(all: Versions, scanCache: ScanCache | undefined): Promise<World> {
  const first = await componentsOf(all, 1);
  const trust = [formatPublicKey(signer.publicKey)];
  const world = await createWorld({ config: { trust }, parts: { pattern: [first.agent, first.filter], ...(scanCache === undefined ? {} : { scanCache }) } });
  world.serve(first.server);
  return world;
}

async function apply(one: Step, to: { readonly disk: FakeDisk; readonly worlds: readonly World[]; readonly all: Versions }): Promise<void> {
  const { disk, worlds, all } = to;
  switch (one.kind) {
    case 'write':
    case 'replace':
      disk[one.kind](one.path, one.content);
      return;
    case 'racy':
      // Twice in one tick of the clock, with a scan between them where the next round begins.
      disk.write(one.path, one.content, disk.now - Number((disk.files.get(one.path)?.identity.ctimeNs ?? 0n) / 1_000_000n) < 2_000 ? 'same' : 'now');
      return;
    case 'rename':
      disk.rename(one.path, one.to);
      return;
    case 'remove':
      disk.files.delete(one.path);
      return;
    case 'wait':
      disk.now += one.ms;
      await Promise.all(worlds.map((world) => world.clock.advance(one.ms)));
      return;
    case 'list':
      for (const { engine } of worlds) {
        await (one.effect === 'removed'
          ? engine.lists.remove(one.content)
          : engine.lists.add({ id: one.content, effect: one.effect, sha256: digestOf({ content: one.content, algorithm: 'sha256' }) }));
      }
      return;
    case 'install': {
      const components = await componentsOf(all, one.generation);
      for (const world of worlds) {
        if (one.what === 'server') {
          world.serve(components.server);
        } else {
          await world.engine.install(components[one.what]).catch(() => undefined);
        }
      }
      return;
    }
    case 'server':
      worlds.forEach((world) => (world.mood = one.mood));
      return;
    case 'expire':
      disk.now += 400 * 86_400_000;
      await Promise.all(worlds.map((world) => world.clock.advance(400 * 86_400_000)));
  }
}

/** Time goes on for both alike for as long as one of them waits for a server. */
async function inTime<T>(worlds: readonly World[], scans: readonly [Promise<T>, Promise<T>]): Promise<[T, T]> {
  let isOver = false;
  const both = Promise.all(scans).finally(() => (isOver = true));
  for (let turns = 1; !isOver; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (turns % 100 === 0) {
      await Promise.all(worlds.map((world) => world.clock.advance(15_000)));
    }
  }
  return both;
}

/** What is comparable of results: all but ids, by path. */
async function results(engine: Engine, disk: FakeDisk, { reads, ...options }: Scan): Promise<Map<string, unknown>> {
  const found = new Map<string, unknown>();
  for await (const result of engine.checkAll(disk.tree({ reads }), options)) {
    const { id: _, ...rest } = result;
    found.set(result.subject.label ?? '', comparable(rest));
  }
  return found;
}

function comparable(result: Omit<CheckResult, 'id'>): unknown {
  const pending = result.pending.kind;
  // Of two files with one content the second asks along with the first or finds its answer, whichever comes first: an
  // engine that reads nothing asks a little earlier.
  const source = result.verdict.source === 'cache' ? 'query' : result.verdict.source;
  // Why a server does not settle a question depends on how many were put before, and when: its breaker counts them.
  const isRemote = ['unreachable', 'server-behind', 'bad-answer', 'throttled'].includes(result.verdict.reason ?? '');
  const reason = isRemote ? 'unreachable' : result.verdict.reason;
  return { ...result, pending, outcome: result.outcome?.kind, verdict: { ...result.verdict, source, reason, expiresAt: undefined } };
}

/** The first difference. `sabotageMs`: the looks say that they were taken so much later. */
async function play({ all, rounds }: Script, cache: ScanCache | undefined, sabotageMs = 0): Promise<string | undefined> {
  const disk = new FakeDisk(sabotageMs);
  paths.forEach((one, index) => disk.write(one, contents[index]!));
  disk.now += 60_000;
  const worlds = [await worldOf(all, cache), await worldOf(all, undefined)];
  const [quick, slow] = worlds as [World, World];
  let probes = 0;
  try {
    for (const { steps, scan: how } of rounds) {
      for (const one of steps) {
        await apply(one, { disk, worlds, all });
      }
      // What generation the server has is known before a scan: learnt in the middle of one, it is known to some files of it.
      const probe = digestSubject(Uint8Array.from({ length: 32 }, (_, i) => i ^ probes));
      probes++;
      await inTime(worlds, [quick.engine.check(probe, { layers: 'remote', pending: false }), slow.engine.check(probe, { layers: 'remote', pending: false })]);
      const [ours, theirs] = await inTime(worlds, [results(quick.engine, disk, how), results(slow.engine, disk, { ...how, reads: false })]);
      for (const [label, expected] of theirs) {
        if (JSON.stringify(sorted(ours.get(label))) !== JSON.stringify(sorted(expected))) {
          return `${label}: ${JSON.stringify(ours.get(label))} instead of ${JSON.stringify(expected)}`;
        }
      }
      if (ours.size !== theirs.size) {
        return `${ours.size} results instead of ${theirs.size}`;
      }
      if (how.ordered && [...ours.keys()].join() !== [...theirs.keys()].join()) {
        return 'another order';
      }
    }
    return undefined;
  } finally {
    await Promise.all(worlds.map((world) => world.engine.close()));
  }
}

function sorted(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined).map(([key, one]) => [key, sorted(one)]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
    : value;
}

describe('an engine with a scan cache', () => {
  it('says of every file what one without says', async () => {
    await fc.assert(
      fc.asyncProperty(script, async (one) => {
        expect(await play(one, createMemoryScanCache())).toBeUndefined();
      }),
      { numRuns: runs },
    );
  });

  it('or one that reads on the spot and keeps nothing, as well', async () => {
    const reading = script.map((one) => ({ ...one, rounds: one.rounds.map((round) => ({ ...round, scan: { ...round.scan, reads: true } })) }));
    await fc.assert(
      fc.asyncProperty(reading, async (one) => {
        expect(await play(one, undefined)).toBeUndefined();
      }),
      { numRuns: Math.ceil(runs / 2) },
    );
  });

  it.each([false, true])('does not open again what has not changed, whatever else has (read on the spot: %s)', async (reads) => {
    const disk = new FakeDisk();
    paths.forEach((one, index) => disk.write(one, `${contents[index]!}!`));
    disk.now += 60_000;
    const all = { items: [] };
    const world = await worldOf(all, createMemoryScanCache());
    const how = { allMatches: false, layers: 'all', ordered: false, reads } as const;
    await results(world.engine, disk, how);
    expect(disk.opened).toHaveLength(paths.length);
    const { filter } = await compile([{ name: 'new.hsb', format: 'hsb', text: `${digestOf({ content: `${contents[0]!}!`, algorithm: 'sha256' })}:*:New:73\n` }], {
      generation: 2, createdAt: startAt, hostRule: 'labels5', crypto, signer,
    });
    await world.engine.install(filter);
    await world.engine.lists.add({ id: 'x', effect: 'blocked', sha256: digestOf({ content: `${contents[1]!}!`, algorithm: 'sha256' }) });
    disk.write('c', 'something else');
    disk.opened.length = 0;
    const found = await results(world.engine, disk, how);
    expect(disk.opened).toEqual(['c']);
    expect(found.get('a/2')).toMatchObject({ verdict: { disposition: 'malicious', source: 'list' } });
    expect(found.get('a/1')).toMatchObject({ verdict: { disposition: 'unknown' } });
    await world.engine.close();
  });
});

describe('a check of the test', () => {
  const how = { allMatches: false, layers: 'all', ordered: false, reads: false } as const;
  const racy: Script = {
    all: { items: [] },
    rounds: [
      { steps: [{ kind: 'write', path: 'c', content: 'alpha' }], scan: how },
      { steps: [{ kind: 'racy', path: 'c', content: 'bravo' }], scan: how },
    ],
  };

  it('a file that is written to twice in one tick, with a scan in between, is read both times', async () => {
    expect(await play(racy, createMemoryScanCache())).toBeUndefined();
  });

  it('what is kept of it all the same is found out', async () => {
    expect(await play(racy, createMemoryScanCache(), 10_000)).toMatch(/^c: /);
  });
});
