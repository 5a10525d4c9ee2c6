/** Ratings in the verdict on a URL, rule by rule, and through an engine with a source that rates. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashPrefix, type AnswerRecord } from '../../src/base/fingerprint.js';
import { initialFacts, foundEnough, type Facts } from '../../src/engine/story/facts.js';
import { findsFrom } from '../../src/engine/story/ratings.js';
import { verdictOf } from '../../src/engine/story/verdicts.js';
import type { Engine } from '../../src/engine/checker.js';
import type { ReputationSource } from '../../src/query/reputation-source.js';
import { urlSubject } from '../../src/base/subject.js';
import { createHostLists } from '../../src/preset/host-lists.js';
import { registrableDomain } from '../../src/url.js';
import { createWorld, type WorldOptions } from '../support/world.js';

const url = 'http://www.h.example/a/b/page?q=1';
const expressions = [
  'www.h.example/a/b/page?q=1', 'www.h.example/a/b/page', 'www.h.example/', 'www.h.example/a/', 'www.h.example/a/b/',
  'h.example/a/b/page?q=1', 'h.example/a/b/page', 'h.example/', 'h.example/a/', 'h.example/a/b/',
];
/** The same, the most specific first. */
const bySpecificity = [...expressions].sort((a, b) => b.indexOf('/') - a.indexOf('/') || b.length - a.length);

type Word = Pick<AnswerRecord, 'disposition' | 'score' | 'categories'> & { readonly name?: string };

function factsWith(words: readonly (readonly [expression: string, word: Word])[], change: Partial<Facts> = {}): Facts {
  const finds = words.flatMap(([expression, { name, ...word }]) =>
    findsFrom([{ hash: new Uint8Array(32), threats: name === undefined ? [] : [{ name, type: 'phishing' }], ...word }], {
      source: 'query', by: 'rater', rank: expressions.indexOf(expression),
    }),
  );
  const examined = { kind: 'url', canonical: url, expressions, fingerprints: [] } as const;
  return { ...initialFacts({ kind: 'url', layers: 'all', allMatches: false }), settledBy: 'query', examined, finds, ...change };
}

const rated = (score: number): Word => ({ disposition: 'clean', score });
const untested: Word = { disposition: 'unknown', score: 71 };

describe('the verdict on a rated URL', () => {
  it('rests on the most specific rating, in whatever order the ratings came', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(bySpecificity, { minLength: 1 }), fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 10, maxLength: 10 }), (rating, scores) => {
        const verdict = verdictOf(factsWith(rating.map((one, i) => [one, rated(scores[i]!)])), {});
        const winner = bySpecificity.find((one) => rating.includes(one))!;
        expect([verdict.expression, verdict.score]).toEqual([winner, scores[rating.indexOf(winner)]]);
      }),
    );
  });

  it('holds a directory for more specific than the root above it', () => {
    const verdict = verdictOf(factsWith([['www.h.example/', rated(95)], ['www.h.example/a/', rated(20)]]), {});
    expect(verdict).toMatchObject({ disposition: 'malicious', score: 20, class: 'dangerous', expression: 'www.h.example/a/' });
  });

  it('takes the worse of two ratings of one expression', () => {
    for (const scores of [[40, 90], [90, 40]] as const) {
      const verdict = verdictOf(factsWith(scores.map((score) => ['h.example/', rated(score)])), {});
      expect(verdict).toMatchObject({ disposition: 'malicious', score: 40 });
    }
  });

  it('is that of the threat list, if any expression is on one: the rating only informs', () => {
    const verdict = verdictOf(factsWith([[expressions[0]!, rated(99)], ['h.example/', { disposition: 'malicious', name: 'Phish' }]]), {});
    expect(verdict).toMatchObject({ disposition: 'malicious', score: 99, expression: 'h.example/', threats: [{ name: 'Phish' }] });
    expect(verdict).not.toHaveProperty('class');
  });

  it('is clean with its score, class and categories where it is rated safe', () => {
    const verdict = verdictOf(factsWith([['h.example/', { ...rated(88), categories: ['search', 'news', 'search'] }]]), {});
    expect(verdict).toMatchObject({ disposition: 'clean', score: 88, class: 'safe', categories: ['news', 'search'], expression: 'h.example/' });
  });

  it('is without score and class where nobody rated it', () => {
    const verdict = verdictOf(factsWith([]), {});
    expect(verdict.disposition).toBe('clean');
    expect(Object.keys(verdict)).not.toEqual(expect.arrayContaining(['score']));
    expect(verdict).not.toHaveProperty('class');
  });

  it('is unknown, untested only where the source says so and nothing else is rated', () => {
    expect(verdictOf(factsWith([['h.example/', untested]]), {})).toMatchObject({ disposition: 'unknown', reason: 'untested', score: 71, class: 'untested', by: 'rater' });
    expect(verdictOf(factsWith([['h.example/', rated(71)]]), {})).toMatchObject({ disposition: 'suspicious', class: 'suspicious' });
    expect(verdictOf(factsWith([[expressions[0]!, untested], ['h.example/', rated(90)]]), {})).toMatchObject({ disposition: 'clean', class: 'safe', score: 90 });
    expect(verdictOf(factsWith([[expressions[0]!, untested], ['h.example/', { disposition: 'malicious' }]]), {}).disposition).toBe('malicious');
  });

  it('is not clean, and not untested, while a server could still say more', () => {
    for (const word of [rated(90), untested]) {
      expect(verdictOf(factsWith([['h.example/', word]], { doubts: ['unreachable'] }), {})).toMatchObject({ disposition: 'unknown', reason: 'unreachable' });
    }
  });

  it('is not settled by a bad rating: a more specific one may come', () => {
    expect(foundEnough(factsWith([['h.example/', rated(5)]]))).toBe(false);
    expect(foundEnough(factsWith([['h.example/', { disposition: 'malicious' }]]))).toBe(true);
  });
});

const sha256 = (text: string): Uint8Array => new Uint8Array(createHash('sha256').update(text).digest());

interface Rater {
  readonly source: ReputationSource;
  readonly asked: () => number;
}

function rater(table: Readonly<Record<string, Word>>, change: Partial<ReputationSource> = {}): Rater {
  let asked = 0;
  const records = Object.entries(table).map(([expression, { name, ...word }]): AnswerRecord => ({
    hash: sha256(expression), threats: name === undefined ? [] : [{ name, type: 'phishing' }], ...word,
  }));
  const source: ReputationSource = {
    id: 'rater', scope: 'global', asks: 'prefix', maxBatch: 1000, strength: 2, rated: true,
    async lookup({ hashes }) {
      asked++;
      const answers = hashes.map((prefix) => ({
        asked: prefix, ttlMs: 60_000, records: records.filter(({ hash }) => hashPrefix(hash).every((byte, i) => byte === prefix[i])),
      }));
      return { kind: 'answer', body: { answers } };
    },
    ...change,
  };
  return { source, asked: () => asked };
}

async function engineWith(source: ReputationSource, options: WorldOptions = {}): Promise<Engine> {
  const parts = { source: [source], registrableDomain, ...options.parts };
  return (await createWorld({ ...options, without: ['server'], parts })).engine;
}

describe('an engine with a source that rates URLs', () => {
  it('asks it about every URL, whatever the filter says', async () => {
    const table = { 'h.example/': rated(60), 'www.h.example/a/': { ...rated(30), categories: ['spam'] } };
    const { source, asked } = rater(table);
    const engine = await engineWith(source, { config: { level: 'low' } });
    const result = await engine.check(urlSubject(url));
    expect(result.verdict).toMatchObject({ disposition: 'malicious', score: 30, class: 'dangerous', categories: ['spam'], expression: 'www.h.example/a/', source: 'query', by: 'rater' });
    expect(result.decision).toEqual({ access: 'block', remedy: 'none' });
    expect((await engine.check(urlSubject('http://h.example/'))).decision.access).toBe('warn');
    expect(asked()).toBeGreaterThan(0);
    await engine.close();
  });

  it('is not asked where it does not rate: what the filter clears is clean and has no score', async () => {
    const { source, asked } = rater({ 'h.example/': rated(30) }, { rated: false });
    const engine = await engineWith(source);
    const { verdict } = await engine.check(urlSubject(url));
    expect(verdict).toMatchObject({ disposition: 'clean', source: 'filter' });
    expect(verdict).not.toHaveProperty('score');
    expect(asked()).toBe(0);
    await engine.close();
  });

  it('says of a URL that it cannot tell without asking', async () => {
    const { source } = rater({});
    const engine = await engineWith(source);
    await engine.ready();
    expect(engine.checkLocal(url)).toMatchObject({ disposition: 'unknown', reason: 'not-asked' });
    expect((await engine.check(urlSubject(url))).verdict.disposition).toBe('clean');
    await engine.close();
  });

  it('gives the same verdict from its cache, the most specific rating included', async () => {
    const { source, asked } = rater({ 'h.example/': rated(10), [expressions[0]!]: rated(90) });
    const engine = await engineWith(source);
    await engine.check(urlSubject('http://h.example/'));
    const first = await engine.check(urlSubject(url));
    expect(first.verdict).toMatchObject({ disposition: 'clean', score: 90 });
    const before = asked();
    const { verdict } = await engine.check(urlSubject(url));
    expect(verdict).toMatchObject({ disposition: 'clean', score: 90, class: 'safe', expression: expressions[0], source: 'cache' });
    expect(asked()).toBe(before);
    await engine.close();
  });

  it('asks raters for ratings and list servers for what the filter cannot clear, whichever is listed first', async () => {
    const listing = { kind: 'url', algorithm: 'sha256', hash: sha256('listed.example/'), disposition: 'malicious', threat: { name: 'Listed', type: 'malicious-url' } } as const;
    const feed = { hashes: [listing] };
    for (const scope of ['local', 'global'] as const) {
      const rating = rater({ 'h.example/': rated(55), 'listed.example/': rated(95), [expressions[0]!]: rated(30) }, { scope });
      const world = await createWorld({ feed, parts: { source: [rating.source], registrableDomain } });
      const [unlisted, listed] = await world.engine.checkMany([urlSubject(url), urlSubject('http://listed.example/')]);
      expect(unlisted!.verdict).toMatchObject({ disposition: 'malicious', score: 30, by: 'rater' });
      expect(listed!.verdict).toMatchObject({ disposition: 'malicious', score: 95, threats: [{ type: 'malicious-url' }] });
      expect(listed!.verdict).not.toHaveProperty('class');
      await world.engine.close();
    }
  });

  it('is not sure while the rater cannot be reached, and flags the URL', async () => {
    const failing = rater({}, { lookup: async () => ({ kind: 'failed', retry: false, reason: 'unreachable' }) });
    const engine = await engineWith(failing.source);
    const result = await engine.check(urlSubject(url));
    expect([result.verdict.reason, result.pending.kind]).toEqual(['unreachable', 'queued']);
    await engine.close();
  });

  it('lets the host\'s approval beat every rating and list', async () => {
    const { source } = rater({ 'h.example/': { disposition: 'malicious', name: 'Phish' }, [expressions[0]!]: rated(0) });
    const lists = createHostLists({ rules: [{ id: 'ours', effect: 'approved', url: 'h.example/' }] });
    const engine = await engineWith(source, { parts: { lists } });
    const result = await engine.check(urlSubject(url));
    expect([result.verdict.disposition, result.verdict.by, result.decision.access]).toEqual(['clean', 'host:ours', 'allow']);
    await engine.close();
  });

  it.each([
    ['global', 'block', 'block'],
    ['global', undefined, 'allow'],
    ['local', 'block', 'allow'],
  ] as const)('meets untested URLs, with a %s source and the switch on %s, with %s', async (scope, chosen, access) => {
    const { source } = rater({ 'h.example/': untested }, { scope });
    const engine = await engineWith(source, { config: { policy: { base: 'endpoint', ...(chosen === undefined ? {} : { untested: chosen }) } } });
    const result = await engine.check(urlSubject(url));
    expect(result.verdict).toMatchObject({ disposition: 'unknown', reason: 'untested' });
    expect([result.decision.access, result.pending.kind]).toEqual([access, 'none']);
    await engine.close();
  });

  it('takes its level from the location', async () => {
    const { source } = rater({ 'h.example/': rated(60) });
    for (const [location, access] of [['internal', 'warn'], ['external', 'block']] as const) {
      const probe = { locate: async () => ({ location, by: 'test' }) };
      const engine = await engineWith(source, { parts: { location: probe } });
      await engine.ready();
      await engine.maintain();
      expect((await engine.check(urlSubject(url))).decision.access).toBe(access);
      await engine.close();
    }
  });
});
