/**
 * The procedures of the API's documentation, case by case, through an engine. Where the documentation answers "safe"
 * because nobody could be asked, vedette answers `unknown`, flags the URL and lets policy decide.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SafeBrowsing, SafeBrowsingOptions } from '../../../src/adapters/safe-browsing.js';
import { createSafeBrowsing } from '../../../src/adapters/safe-browsing.js';
import { urlSubject } from '../../../src/base/subject.js';
import type { Engine } from '../../../src/engine/checker.js';
import { createEngine } from '../../../src/preset/portable.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { filterPattern, urlEntry } from '../../support/feed.js';
import { FakeService, hashOf, sha256, type FakeDetail } from './fake-service.js';

const evil = 'evil.example/';
const url = 'http://evil.example/';
const malware: FakeDetail = { threatType: 1 };

interface Bench {
  readonly service: FakeService;
  readonly clock: FakeClock;
  readonly client: SafeBrowsing;
  readonly engine: Engine;
  /** Disposition, reason, and whether the service was asked. */
  readonly check: (address?: string) => Promise<{ readonly is: string; readonly reason?: string; readonly asked: boolean; readonly threats: string }>;
}

async function bench(options: Partial<SafeBrowsingOptions> & { listed?: readonly string[]; likelySafe?: readonly string[]; pattern?: readonly Uint8Array[] } = {}): Promise<Bench> {
  const { listed = [evil], likelySafe = ['good.example/'], pattern = [], ...more } = options;
  const service = new FakeService();
  const clock = new FakeClock();
  const random = createSeededRandom(7);
  service.publish('mw-4b', 4, ['other.example/', ...listed].map(hashOf));
  service.publish('gc-32b', 32, ['safe.example/', ...likelySafe].map(hashOf));
  const client = createSafeBrowsing({ apiKey: 'k', mode: 'local-list', hostRule: 'labels5', threatLists: ['mw-4b'], fetch: service.fetch, clock, random, crypto: { sha256 }, ...more });
  await client.update();
  const engine = createEngine({
    background: 'manual',
    query: { holdMs: 1000 },
    parts: { clock, random, pattern, source: [client.source], filter: () => client.filter() },
  });
  return {
    service,
    clock,
    client,
    engine,
    async check(address = url) {
      const before = service.searches().length;
      const { verdict } = await clock.run(engine.check(urlSubject(address)));
      const { disposition, reason, threats } = verdict;
      const asked = service.searches().length > before;
      return { is: disposition, ...(reason === undefined ? {} : { reason }), asked, threats: threats.map((one) => one.name).join() };
    },
  };
}

describe('local list mode', () => {
  it('asks nobody about what no list names', async () => {
    const { check } = await bench({ listed: [] });
    expect(await check()).toEqual({ is: 'clean', asked: false, threats: '' });
  });

  it('asks about a listed prefix: a full hash with a threat is unsafe', async () => {
    const { check, service } = await bench();
    service.threat(hashOf(evil), [malware]);
    expect(await check()).toEqual({ is: 'malicious', asked: true, threats: 'SafeBrowsing.Malware' });
    expect(service.searches()[0]).toEqual([Buffer.from(hashOf(evil).subarray(0, 4)).toString('base64')]);
  });

  it('a listed prefix without a full hash is safe, and that is remembered for the time of the answer', async () => {
    const { check, clock, service } = await bench();
    expect(await check()).toMatchObject({ is: 'clean', asked: true });
    expect(await check()).toMatchObject({ is: 'clean', asked: false });
    await clock.advance(service.cacheSeconds * 1000 + 1);
    expect(await check()).toMatchObject({ is: 'clean', asked: true });
  });

  it('another full hash under the same prefix is safe', async () => {
    const { check, service } = await bench();
    const other = hashOf(evil).slice();
    other[31]! ^= 1;
    service.threat(other, [malware]);
    expect(await check()).toMatchObject({ is: 'clean', asked: true });
  });

  it('a positive is remembered, and asked for again once it has expired', async () => {
    const { check, clock, service } = await bench();
    service.threat(hashOf(evil), [malware]);
    await check();
    service.forget(hashOf(evil));
    expect(await check()).toMatchObject({ is: 'malicious', asked: false });
    await clock.advance(service.cacheSeconds * 1000 + 1);
    expect(await check()).toMatchObject({ is: 'clean', asked: true });
  });

  it('a positive that still holds counts although the list has let the prefix go', async () => {
    const { check, clock, client, service } = await bench();
    service.cacheSeconds = 7200;
    service.threat(hashOf(evil), [malware]);
    await check();
    service.publish('mw-4b', 4, [hashOf('other.example/')]);
    await clock.advance(1_800_000);
    await client.update();
    expect(await check()).toMatchObject({ is: 'malicious', asked: false });
    await clock.advance(5_500_000);
    await client.update();
    expect(await check()).toMatchObject({ is: 'clean', asked: false });
  });

  it.each([500, 404, 302, 200])('status %i where an answer should be is unknown and flagged, where the documentation says safe', async (status) => {
    const { check, service } = await bench();
    const broken = (): Response => new Response(new Uint8Array([0xff, 0xff]), { status, headers: { 'content-type': 'application/x-protobuf' } });
    service.faults.push(...Array.from({ length: 20 }, () => broken));
    const result = await check();
    expect(result).toMatchObject({ is: 'unknown', threats: '' });
    expect(['unreachable', 'bad-answer']).toContain(result.reason);
  });

  it('a list that was never fetched, or is too old, hides nothing: everything is asked', async () => {
    const { check, clock, service } = await bench({ listed: [], maxAgeMs: 3_600_000 });
    await clock.advance(3_600_001);
    expect(await check()).toMatchObject({ is: 'clean', asked: true });
    expect(service.searches()[0]!.length).toBeGreaterThan(0);
  });
});

describe('details of a full hash', () => {
  it.each<[string, readonly FakeDetail[], string]>([
    ['an unknown threat type is passed over as a whole', [{ threatType: 99 }], 'clean'],
    ['the unspecified threat type is passed over', [{ threatType: 0 }], 'clean'],
    ['an unknown attribute is passed over with its detail', [{ threatType: 1, attributes: [77] }], 'clean'],
    ['the unspecified attribute is passed over with its detail', [{ threatType: 1, attributes: [0] }], 'clean'],
    ['a canary is not enforced', [{ threatType: 1, attributes: [1] }], 'clean'],
    ['a canary beside another attribute is not enforced', [{ threatType: 1, attributes: [2, 1] }], 'clean'],
    ['a threat for frames is not enforced elsewhere', [{ threatType: 2, attributes: [2] }], 'clean'],
    ['a full hash without details is no threat', [], 'clean'],
    ['one valid detail among invalid ones counts', [{ threatType: 99 }, { threatType: 1, attributes: [1] }, { threatType: 2 }], 'malicious'],
    ['social engineering', [{ threatType: 2 }], 'malicious'],
    ['unwanted software', [{ threatType: 3 }], 'malicious'],
    ['a potentially harmful application', [{ threatType: 4 }], 'malicious'],
  ])('%s', async (_, details, expected) => {
    const { check, service } = await bench();
    service.threat(hashOf(evil), details);
    expect(await check()).toMatchObject({ is: expected, asked: true });
  });

  it('a threat for frames is enforced for frames', async () => {
    const { check, service } = await bench({ frames: true });
    service.threat(hashOf(evil), [{ threatType: 2, attributes: [2] }]);
    expect(await check()).toMatchObject({ is: 'malicious' });
  });
});

describe('real-time mode', () => {
  it('asks about everything that is not in the global cache, listed or not', async () => {
    const { check, service } = await bench({ mode: 'real-time', listed: [] });
    service.threat(hashOf('new.example/'), [malware]);
    expect(await check('http://new.example/some/page')).toMatchObject({ is: 'malicious', asked: true });
  });

  it('for what is in the global cache the lists decide', async () => {
    const { check, service } = await bench({ mode: 'real-time', listed: ['good.example/bad'] });
    service.threat(hashOf('good.example/bad'), [malware]);
    expect(await check('http://good.example/fine')).toMatchObject({ is: 'clean', asked: false });
    expect(await check('http://good.example/bad')).toMatchObject({ is: 'malicious', asked: true });
  });

  it('when nobody answers, what no list names stays unknown all the same', async () => {
    const { check, service } = await bench({ mode: 'real-time', listed: [] });
    service.faults.push(...Array.from({ length: 20 }, () => () => new Response('', { status: 503 })));
    expect(await check()).toMatchObject({ is: 'unknown' });
  });
});

describe('no-storage mode', () => {
  it('keeps no list and asks about everything', async () => {
    const { check, service, client } = await bench({ mode: 'no-storage' });
    expect(client.filter()).toBeUndefined();
    expect(service.requests).toEqual([]);
    service.threat(hashOf(evil), [malware]);
    expect(await check()).toMatchObject({ is: 'malicious', asked: true });
  });
});

describe('over any course of time', () => {
  it('an expired positive is never answered as safe without a question', async () => {
    type Step = { readonly kind: 'wait'; readonly seconds: number } | { readonly kind: 'check' | 'list' | 'unlist' | 'break' };
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 900 }) }),
      fc.record({ kind: fc.constantFrom('check' as const, 'list' as const, 'unlist' as const, 'break' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const { service, clock, check } = await bench({ mode: 'no-storage' });
        let truth = false;
        let lastAnswer = { at: Number.NEGATIVE_INFINITY, positive: false };
        for (const one of steps) {
          if (one.kind === 'wait') {
            await clock.advance(one.seconds * 1000);
          } else if (one.kind === 'break') {
            service.faults.push(() => new Response('', { status: 500 }));
          } else if (one.kind !== 'check') {
            truth = one.kind === 'list';
            service.forget(hashOf(evil));
            if (truth) {
              service.threat(hashOf(evil), [malware]);
            }
          } else {
            const begun = clock.now();
            const result = await check();
            const holds = begun - lastAnswer.at <= 300_000;
            if (result.is === 'clean') {
              // Either the service said so just now, or it has said so within the time of that answer.
              expect(result.asked ? !truth : holds && !lastAnswer.positive).toBe(true);
            }
            if (result.asked && result.is !== 'unknown') {
              lastAnswer = { at: begun, positive: truth };
            }
          }
        }
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 60) },
    );
  });
});

describe('beside an installed filter', () => {
  it('what only the foreign lists know is asked all the same', async () => {
    const installed = await filterPattern({ hashes: [urlEntry('Bad', 'http://a.example/', { expression: 'a.example/' })] }, { generation: 1 });
    const { engine, service, check } = await bench({ pattern: [installed] });
    service.threat(hashOf(evil), [malware]);
    expect(await check()).toMatchObject({ is: 'malicious', asked: true });
    expect(engine.checkLocal(url).disposition).not.toBe('clean');
  });

  it('lists cut by another host rule than the expressions clear nothing', async () => {
    const { check } = await bench({ listed: [], hostRule: 'psl' });
    expect(await check()).toMatchObject({ is: 'clean', asked: true });
  });
});
