import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostRule } from '../../src/base/fingerprint.js';
import type { ListedHosts } from '../../src/base/host-hash.js';
import type { Verdict } from '../../src/base/verdict.js';
import type { Engine } from '../../src/engine/checker.js';
import { createExtractor } from '../../src/fingerprint/create-extractor.js';
import type { FingerprintExtractor } from '../../src/fingerprint/extractor.js';
import { urlExpression } from '../../src/fingerprint/url-expressions.js';
import { urlSubject } from '../../src/base/subject.js';
import type { ListRule } from '../../src/lists/host-lists.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { registrableDomain } from '../../src/url.js';
import { dayMs, urlEntry } from '../support/feed.js';
import { createWorld, type World, type WorldOptions } from '../support/world.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };

/** An entry that tells its expression, as those of `compile` do: the filter then knows the hosts. */
function listed(url: string): HashEntry {
  const expression = urlExpression(url)!;
  return urlEntry(`Bad.${expression}`, url, { expression });
}

/** How often an extractor was asked for everything about a URL. */
interface Counted extends FingerprintExtractor {
  readonly inFull: () => number;
}

function counted(hostRule: HostRule, how: { readonly quick: boolean }): Counted {
  const inner = createExtractor({ hostRule, registrableDomain });
  let inFull = 0;
  return {
    open: (wants) => inner.open(wants),
    ...(how.quick ? { mayHit: (url: string, hosts: ListedHosts) => inner.mayHit?.(url, hosts) ?? true } : {}),
    url(url) {
      inFull++;
      return inner.url(url);
    },
    inFull: () => inFull,
  };
}

async function worldWith(extractor: FingerprintExtractor, options: WorldOptions): Promise<World> {
  const world = await createWorld({ ...options, parts: { ...options.parts, extractor } });
  await world.engine.ready();
  return world;
}

const page = fc
  .tuple(
    fc.constantFrom('http://', 'https://', '', 'HTTP://'),
    fc.constantFrom('a.example', 'www.a.example', 'x.b.example', 'b.example', 'c.example', 'co.uk', '1.2.3.4', '[::1]', 'a.example:8080', 'u@a.example', 'javascript:1'),
    fc.constantFrom('', '/', '/x', '/x/', '/x/y?q', '/x/../y', '?q', '#f'),
  )
  .map((parts) => parts.join(''));

const listable = page.filter((url) => urlExpression(url) !== undefined);

const rule = fc.record({ effect: fc.constantFrom('approved' as const, 'blocked' as const), url: fc.constantFrom('a.example/', 'b.example/x', 'c.example/') });

interface Case {
  readonly hashes: readonly string[];
  readonly allow: readonly string[];
  readonly rules: readonly Omit<ListRule, 'id'>[];
  readonly probes: readonly string[];
  readonly withoutFilter: boolean;
  readonly bareHash: boolean;
  readonly expired: boolean;
}

const aCase: fc.Arbitrary<Case> = fc.record({
  hashes: fc.array(listable, { maxLength: 4 }),
  allow: fc.array(listable, { maxLength: 1 }),
  rules: fc.array(rule, { maxLength: 1 }),
  probes: fc.array(page, { minLength: 1, maxLength: 8 }),
  withoutFilter: fc.constantFrom(false, false, false, true),
  bareHash: fc.constantFrom(false, false, true),
  expired: fc.constantFrom(false, false, false, true),
});

function optionsOf(one: Case): WorldOptions {
  const hashes = one.hashes.map(listed);
  const bare = one.bareHash ? [urlEntry('Bare', 'http://c.example/')] : [];
  const allow = one.allow.map((url) => ({ ...listed(url), disposition: 'clean' as const }));
  return { feed: { hashes: [...hashes, ...bare], allow }, without: one.withoutFilter ? ['filter'] : [] };
}

async function prepare(world: World, one: Case): Promise<Engine> {
  for (const [index, each] of one.rules.entries()) {
    await world.engine.lists.add({ id: `r${index}`, ...each });
  }
  if (one.expired) {
    await world.clock.advance(40 * dayMs);
  }
  return world.engine;
}

describe('a URL judged at once', () => {
  it('gets the verdict that it gets in full', async () => {
    await fc.assert(
      fc.asyncProperty(aCase, async (one) => {
        const quick = await prepare(await worldWith(counted('labels5', { quick: true }), optionsOf(one)), one);
        const slow = await prepare(await worldWith(counted('labels5', { quick: false }), optionsOf(one)), one);
        for (const url of one.probes) {
          expect(quick.checkLocal(url)).toEqual(slow.checkLocal(url));
          const { verdict } = await quick.check(urlSubject(url), { layers: 'local', pending: false });
          expect(quick.checkLocal(url)).toEqual(verdict);
        }
        await quick.close();
        await slow.close();
      }),
      runs,
    );
  });

  it('decides what a check with a server decides, or leaves it open', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(listable, { maxLength: 6 }), fc.array(page, { minLength: 1, maxLength: 8 }), async (hashes, probes) => {
        const world = await createWorld({ feed: { hashes: hashes.map(listed) } });
        await world.engine.ready();
        for (const url of probes) {
          const local = world.engine.checkLocal(url);
          const { verdict } = await world.engine.check(urlSubject(url));
          expect([verdict.disposition, 'unknown']).toContain(local.disposition);
        }
        await world.engine.close();
      }),
      runs,
    );
  });

  const hashes = [listed('http://bad.example/'), listed('http://half.example/x')];
  const clean: Partial<Verdict> = { disposition: 'clean', source: 'filter' };

  it.each([
    ['https://good.example/x?y', clean, 0],
    ['https://WWW.good.example:8080', clean, 0],
    ['https://bad.example/', { disposition: 'unknown', reason: 'not-asked' }, 1],
    ['https://half.example/y', clean, 1],
    ['https://half.example/x', { disposition: 'unknown', reason: 'not-asked' }, 1],
    ['https://1.2.3.4/', clean, 1],
    ['mailto:a@good.example', { disposition: 'unknown', reason: 'unsupported' }, 1],
  ] as const)('%s is worked out in full only when it has to be', async (url, verdict, inFull) => {
    const extractor = counted('labels5', { quick: true });
    const { engine } = await worldWith(extractor, { feed: { hashes } });
    expect(engine.checkLocal(url)).toMatchObject(verdict);
    expect(extractor.inFull()).toBe(inFull);
    await engine.close();
  });

  it('counts as cleared by the filter, and its verdict is nobody\'s to change', async () => {
    const { engine } = await worldWith(counted('labels5', { quick: true }), { feed: { hashes } });
    const verdict = engine.checkLocal('http://good.example/');
    expect(engine.stats()).toMatchObject({ filterCleared: 1 });
    expect(() => Object.assign(verdict, { disposition: 'malicious' })).toThrow(TypeError);
    expect(structuredClone(verdict)).toEqual({ disposition: 'clean', threats: [], source: 'filter', generations: { agent: 1, filter: 1 } });
    await engine.close();
  });

  it('is not cleared by an older generation once a newer one is known', async () => {
    const world = await createWorld({ feed: { hashes }, generations: { server: 2 } });
    await world.engine.ready();
    expect(world.engine.checkLocal('http://good.example/')).toMatchObject(clean);
    await world.engine.check(urlSubject('http://bad.example/'));
    expect(world.engine.checkLocal('http://good.example/')).toMatchObject({ disposition: 'unknown', reason: 'not-asked' });
    await world.engine.close();
  });

  it('is told in full when the quick look throws', async () => {
    const extractor = { ...createExtractor({ hostRule: 'labels5' }), mayHit: () => { throw new Error('broken'); } };
    const { engine } = await worldWith(extractor, { feed: { hashes } });
    expect(engine.checkLocal('http://good.example/')).toMatchObject(clean);
    await engine.close();
  });

  it('would be seen to pass over a rule (sabotage: lists that hide their rules)', async () => {
    const world = await worldWith(counted('labels5', { quick: true }), { feed: { hashes } });
    await world.engine.lists.add({ id: 'r', effect: 'blocked', url: 'good.example/' });
    expect(world.engine.checkLocal('http://good.example/').disposition).toBe('malicious');
    const hiding = await worldWith(counted('labels5', { quick: true }), {
      feed: { hashes },
      parts: { lists: { ...world.engine.lists, hasUrlRules: () => false } },
    });
    expect(hiding.engine.checkLocal('http://good.example/').disposition).toBe('clean');
    await world.engine.close();
    await hiding.engine.close();
  });
});
