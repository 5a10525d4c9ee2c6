/**
 * hybrid = conventional (DESIGN §1): for every S and every subject, agent pattern + filter + server pattern give what
 * one machine with all of S would give, or say `unknown: server-behind`. The three generations are drawn independently.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/base/bytes.js';
import type { CheckResult } from '../../src/base/check-result.js';
import { bytesSubject, urlSubject } from '../../src/base/subject.js';
import { compile, type Compiled } from '../../src/compile.js';
import { crypto, startAt } from '../support/feed.js';
import { createWorld, type World } from '../support/world.js';
import { byteFinds, isApproved, listedFinds, maybeItems, type HybridSubject } from './conventional.js';
import { contents, itemsOf, sourcesOf, urls, versions, type Item, type Versions } from './random-signatures.js';

const runs = Number(process.env['FUZZ_RUNS'] ?? 100);
const subjects: readonly HybridSubject[] = [
  ...contents.map((content) => ({ kind: 'file' as const, content })),
  ...urls.map((url) => ({ kind: 'url' as const, url })),
];

interface Draw {
  readonly all: Versions;
  readonly agent: number;
  readonly filter: number;
  readonly server: number;
  readonly allMatches: boolean;
  readonly picked: readonly HybridSubject[];
}

const generation = fc.integer({ min: 1, max: 3 });
const draw: fc.Arbitrary<Draw> = fc.record({
  all: versions,
  agent: generation,
  filter: generation,
  server: generation,
  allMatches: fc.boolean(),
  picked: fc.shuffledSubarray([...subjects], { minLength: 8, maxLength: 8 }),
});

/** Builds the components of one generation. A sabotage may take items out of what the server gets. */
async function componentsOf(all: Versions, which: number, keep: (one: Item) => boolean = () => true): Promise<Compiled> {
  const items = itemsOf(all, which).filter(keep);
  const compiled = await compile(sourcesOf(items), { generation: which, createdAt: startAt, hostRule: 'labels5', crypto });
  const skipped = compiled.report.sources.flatMap((source) => source.skipped);
  expect(skipped).toEqual([]);
  return compiled;
}

async function worldOf(one: Draw, keepOnServer?: (one: Item) => boolean): Promise<World> {
  const agent = await componentsOf(one.all, one.agent);
  const filter = await componentsOf(one.all, one.filter);
  const server = await componentsOf(one.all, one.server, keepOnServer);
  const world = await createWorld({ parts: { pattern: [agent.agent, filter.filter] } });
  world.serve(server.server);
  return world;
}

interface Expected {
  readonly disposition: 'clean' | 'malicious' | 'unknown';
  readonly names: readonly string[];
  readonly asked: boolean;
}

/** What must come out, knowing (or not) that the server has moved on past the filter. */
function expectedOf(one: Draw, subject: HybridSubject, serverKnown: boolean): Expected {
  const agentItems = itemsOf(one.all, one.agent);
  const filterItems = itemsOf(one.all, one.filter);
  const serverItems = itemsOf(one.all, one.server);
  if (isApproved(agentItems, subject)) {
    return { disposition: 'clean', names: [], asked: false };
  }
  const bytes = byteFinds(agentItems, subject);
  if (bytes.length > 0 && !one.allMatches) {
    return { disposition: 'malicious', names: bytes, asked: false };
  }
  const isBehind = one.server > one.filter;
  const maybe = maybeItems(filterItems, subject);
  const asked = (serverKnown && isBehind) || maybe.some((entry) => wantedBy(filterItems, entry, subject));
  // The answer itself says that the server has moved on: from then on the filter's word counts for nothing.
  const listed = !asked ? [] : listedFinds(isBehind ? serverItems : serverItems.filter((entry) => sharesFingerprint(entry, maybe)), subject);
  const names = [...new Set([...bytes, ...listed])].sort();
  if (names.length > 0) {
    return { disposition: 'malicious', names, asked };
  }
  return { disposition: asked && one.server < one.filter ? 'unknown' : 'clean', names: [], asked };
}

/** A digest is computed only for sizes that entries of its algorithm carry: no other entry can match anyway. */
function wantedBy(items: readonly Item[], entry: Item, subject: HybridSubject): boolean {
  if (entry.kind !== 'hash' || entry.algorithm === 'sha256' || subject.kind === 'url') {
    return true;
  }
  return items.some(
    (other) =>
      other.kind === 'hash' &&
      other.algorithm === entry.algorithm &&
      (other.size === 'any' || other.content.length + (other.size === 'wrong' ? 1 : 0) === subject.content.length),
  );
}

function sharesFingerprint(entry: Item, maybe: readonly Item[]): boolean {
  return maybe.some((one) =>
    one.kind === 'hash'
      ? entry.kind === 'hash' && entry.algorithm === one.algorithm && entry.content === one.content
      : (entry.kind === 'url' || entry.kind === 'domain') && expressionOf(entry) === expressionOf(one),
  );
}

function expressionOf(one: Item): string {
  if (one.kind !== 'url' && one.kind !== 'domain') {
    return '';
  }
  const url = new URL(one.kind === 'url' ? one.target : `http://${one.target}/`);
  return url.hostname + url.pathname + url.search;
}

async function judge(world: World, subject: HybridSubject, allMatches: boolean): Promise<CheckResult> {
  const opened = subject.kind === 'url' ? urlSubject(subject.url) : bytesSubject(toUtf8(subject.content));
  return world.clock.run(world.engine.check(opened, { allMatches, pending: false }));
}

async function agrees(one: Draw, keepOnServer?: (one: Item) => boolean): Promise<void> {
  const world = await worldOf(one, keepOnServer);
  let serverKnown = false;
  for (const subject of one.picked) {
    const expected = expectedOf(one, subject, serverKnown);
    const { verdict } = await judge(world, subject, one.allMatches);
    const names = verdict.threats.map((threat) => threat.name).sort();
    const context = JSON.stringify({ subject, serverKnown, generations: [one.agent, one.filter, one.server] });
    expect(verdict.disposition, context).toBe(expected.disposition);
    if (expected.disposition === 'unknown') {
      expect(verdict.reason, context).toBe('server-behind');
    }
    if (one.allMatches) {
      expect(names, context).toEqual(expected.names);
    } else {
      expect(names.every((name) => expected.names.includes(name)) && (names.length > 0) === (expected.names.length > 0), context).toBe(true);
    }
    serverKnown ||= expected.asked;
  }
}

describe('hybrid = conventional', () => {
  it(`holds for ${runs * 8} random cases with generations drawn independently`, { timeout: 1_200_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(draw, (one) => agrees(one)),
      { numRuns: runs },
    );
  });

  it('with one generation is equality in disposition and in names, the naive comparator over all of S being the judge', async () => {
    await fc.assert(
      fc.asyncProperty(draw, async ({ agent, ...rest }) => {
        const one: Draw = { ...rest, agent, filter: agent, server: agent };
        const items = itemsOf(one.all, agent);
        const world = await worldOf(one);
        for (const subject of one.picked) {
          const names = isApproved(items, subject) ? [] : [...new Set([...byteFinds(items, subject), ...listedFinds(items, subject)])].sort();
          const { verdict } = await judge(world, subject, true);
          expect(verdict.threats.map((threat) => threat.name)).toEqual(names);
          expect(verdict.disposition).toBe(names.length > 0 ? 'malicious' : 'clean');
        }
      }),
      { numRuns: Math.ceil(runs / 2) },
    );
  });

  it.each<[string, (one: Item) => boolean]>([
    ['MD5 entries', (one) => one.kind !== 'hash' || one.algorithm !== 'md5'],
    ['entries without a size', (one) => one.kind !== 'hash' || one.size !== 'any'],
    ['URL entries', (one) => one.kind !== 'url'],
  ])('is found broken when the split loses %s (sabotage)', async (_name, keep) => {
    const outcome = await fc.check(
      fc.asyncProperty(draw, (one) => agrees({ ...one, filter: one.server }, keep)),
      { numRuns: 400, seed: 7, endOnFailure: true },
    );
    expect(outcome.failed).toBe(true);
  });
});
