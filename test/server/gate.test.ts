import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { AnswerRecord } from '../../src/base/fingerprint.js';
import { mergeSketches, sketchedCount, sketchInto, sketchRegisters } from '../../src/server/distinct-sketch.js';
import { createHandler } from '../../src/server/handler.js';
import { addCounts, countedStore, createServerMetrics, metricsText } from '../../src/server/metrics.js';
import { createGate } from '../../src/server/node/gate.js';
import { serve } from '../../src/server/node/serve.js';
import { createRateLimiter } from '../../src/server/rate-limit.js';
import { siteThreat, withSiteLists, type SiteRule } from '../../src/server/with-site-lists.js';
import { formatRecords, parseRecords } from '../../src/server/store/record-text.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { storeOf } from '../support/server-fixtures.js';
import { crypto } from '../support/wire-fixtures.js';

const hash = (head: number): Uint8Array => new Uint8Array(32).fill(head);
const bad = (head: number, name = `T${head}`): AnswerRecord => ({ hash: hash(head), disposition: 'malicious', threats: [{ name, type: 't' }] });
const listed = (head: number): Parameters<typeof storeOf>[0][number] => ({
  kind: 'file', algorithm: 'sha256', hash: hash(head), disposition: 'malicious', threat: { name: `T${head}`, type: 't' },
});

describe('the sketch of different ones', () => {
  it('is right within a tenth from one to a million, and sees nobody twice', () => {
    for (const count of [0, 1, 10, 1000, 20_000, 1_000_000]) {
      const registers = new Uint8Array(sketchRegisters);
      const random = createSeededRandom(count);
      for (let i = 0; i < count; i++) {
        const one = Math.floor(random() * 2 ** 32);
        sketchInto(registers, one);
        sketchInto(registers, one);
      }
      expect(Math.abs(sketchedCount([...registers]) - count), String(count)).toBeLessThanOrEqual(count / 10);
      expect(mergeSketches([[...registers], [...registers]])).toEqual([...registers]);
    }
  });
});

describe('the rate limit', () => {
  it('lets through the burst and the rate, whatever the pattern of requests', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2000), { maxLength: 200 }), (pauses) => {
        const limiter = createRateLimiter({ perSecond: 5, burst: 3 });
        let [now, taken] = [0, 0];
        for (const pause of pauses) {
          now += pause;
          const waitSeconds = limiter.take('a', now);
          taken += waitSeconds === 0 ? 1 : 0;
          expect(Number.isInteger(waitSeconds)).toBe(true);
        }
        expect(taken).toBeLessThanOrEqual(3 + (now * 5) / 1000 + 1e-6);
      }),
    );
  });

  it('keeps addresses apart, and only so many of them', () => {
    const limiter = createRateLimiter({ perSecond: 1, burst: 1, maxAddresses: 2 });
    expect([limiter.take('a', 0), limiter.take('a', 0), limiter.take('b', 0), limiter.take('c', 0), limiter.take('a', 0)]).toEqual([0, 1, 0, 0, 0]);
  });
});

describe('metrics', () => {
  it('add up over processes, and read as Prometheus wants them', async () => {
    const [a, b] = [createServerMetrics(), createServerMetrics()];
    const store = countedStore(await storeOf([listed(1), listed(2)]), a);
    await store.lookup('file', 'sha256', [hash(1).subarray(0, 4), hash(9).subarray(0, 4)]);
    b.found([[bad(1)], [bad(3, 'quo"te\\\n')]]);
    [a, b].forEach((one) => {
      one.response(200);
      one.connection(1);
      one.agent(7);
    });
    b.limited();
    const text = metricsText(addCounts([a.counts(), b.counts()]), { generation: 5, entries: 2, createdAt: 1000, now: 61_000, processes: 2 });
    for (const line of [
      'vedette_generation 5', 'vedette_pattern_age_seconds 60', 'vedette_entries 2', 'vedette_processes 2', 'vedette_connections 2',
      'vedette_agents_seen 1', 'vedette_questions_total 4', 'vedette_hits_total 3', 'vedette_limited_total 1',
      'vedette_hits_by_threat_total{threat="T1"} 2', 'vedette_hits_by_threat_total{threat="quo\\"te\\\\\\n"} 1', 'vedette_responses_total{status="200"} 2',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });

  it('count a thousand names and the rest together', () => {
    const metrics = createServerMetrics();
    metrics.found(Array.from({ length: 3000 }, (_, i) => [bad(1, `N${i}`)]));
    const { threats } = metrics.counts();
    expect([Object.keys(threats).length, threats['other']]).toEqual([1001, 2000]);
  });
});

describe('the lists of a site', () => {
  it('approve before they block, whatever the pattern says, as long as they hold', async () => {
    const clock = new FakeClock();
    const rule = (head: number, effect: SiteRule['effect'], untilAt?: number): SiteRule => ({ kind: 'file', hash: hash(head), effect, untilAt });
    const store = withSiteLists(await storeOf([listed(1), listed(2), listed(3)]), [
      rule(1, 'approved'), rule(4, 'blocked'), rule(5, 'blocked'), rule(5, 'approved'), rule(2, 'approved', clock.now()), rule(3, 'blocked', clock.now() + 10),
    ], clock);
    const found = await store.lookup('file', 'sha256', [1, 2, 3, 4, 5, 6].map((head) => hash(head).subarray(0, 4)));
    expect(found.map(([one]) => [one?.disposition, one?.threats[0]?.name])).toEqual([
      ['clean', undefined], ['malicious', 'T2'], ['malicious', siteThreat.name], ['malicious', siteThreat.name], ['clean', undefined], [undefined, undefined],
    ]);
    expect(await store.lookup('url', 'sha256', [hash(4).subarray(0, 4)])).toEqual([[]]);
    expect([store.generation, store.entries]).toEqual([5, 3]);
  });
});

describe('records as a text', () => {
  it('come back as they were, and nothing else is taken', () => {
    const records: AnswerRecord[] = [bad(1), { hash: new Uint8Array(16).fill(2), disposition: 'clean', threats: [], size: 3, score: 90, categories: ['a'] }];
    expect(parseRecords(formatRecords(records))).toEqual(records);
    for (const text of ['', '{}', '[1]', '[[]]', '[["aa","clean",[],null,null,[]]]', `[["${'aa'.repeat(32)}","evil",[],null,null,[]]]`, `[["${'aa'.repeat(32)}","clean",[["x"]],null,null,[]]]`, `[["${'aa'.repeat(32)}","clean",[],-1,null,[]]]`]) {
      expect(() => parseRecords(text), text).toThrow(expect.objectContaining({ code: 'store-damaged' }) as Error);
    }
  });
});

describe('a gate before a handler', () => {
  it('gives out the metrics, turns away what is too much, and drops further connections', async () => {
    const metrics = createServerMetrics();
    const clock = new FakeClock();
    const gate = createGate({
      metrics, metricsText: () => 'vedette_x 1\n', rate: { perSecond: 1, burst: 2 }, maxConnectionsPerAddress: 4, monotonicMs: () => clock.monotonicMs(),
    });
    const handler = createHandler({ store: await storeOf([listed(1)]), crypto, clock });
    const running = await serve({ handler, gate });
    try {
      const statuses: number[] = [];
      const ask = async (path: string): Promise<number> => {
        const response = await fetch(`${running.url}${path}`);
        await response.text();
        return response.status;
      };
      for (let i = 0; i < 4; i++) {
        statuses.push(await ask('/nowhere'));
      }
      expect(statuses).toEqual([404, 404, 429, 429]);
      expect(await (await fetch(`${running.url}/metrics`)).text()).toBe('vedette_x 1\n');
      expect(await ask('/healthz?verbose')).toBe(200);
      expect(metrics.counts()).toMatchObject({ limited: 2, responses: { 200: 2, 404: 2, 429: 2 } });
    } finally {
      await running.close();
    }
    await vi.waitFor(() => expect(metrics.counts().connections).toBe(0));
  });

  it('has a budget for what watches over the server, which ends as well', async () => {
    const clock = new FakeClock();
    const gate = createGate({ metrics: createServerMetrics(), metricsText: () => 'vedette_x 1\n', rate: { perSecond: 1, burst: 1 }, monotonicMs: () => clock.monotonicMs() });
    const running = await serve({ handler: createHandler({ store: await storeOf([]), crypto, clock }), gate });
    try {
      const statuses: number[] = [];
      for (let i = 0; i < 102; i++) {
        const response = await fetch(`${running.url}${i % 2 === 0 ? '/metrics' : '/healthz'}`);
        await response.text();
        statuses.push(response.status);
      }
      expect(statuses).toEqual([...Array.from({ length: 100 }, () => 200), 429, 429]);
      expect((await fetch(`${running.url}/nowhere`)).status).toBe(404);
    } finally {
      await running.close();
    }
  });

  it('asks the processes for their counters once for all who want to read them at a time', async () => {
    let asked = 0;
    let release: (text: string) => void = () => undefined;
    const held = new Promise<string>((resolve) => (release = resolve));
    const clock = new FakeClock();
    const metricsText = (): string | Promise<string> => (++asked === 1 ? held : 'vedette_x 2\n');
    const gate = createGate({ metrics: createServerMetrics(), metricsText, monotonicMs: () => clock.monotonicMs() });
    const running = await serve({ handler: createHandler({ store: await storeOf([listed(1)]), crypto, clock }), gate });
    try {
      const many = Array.from({ length: 20 }, () => fetch(`${running.url}/metrics`).then((response) => response.text()));
      await vi.waitFor(() => expect(asked).toBe(1));
      // Behind all of them in line, and answered without the counters.
      await (await fetch(`${running.url}/healthz`)).text();
      release('vedette_x 1\n');
      expect(new Set(await Promise.all(many)).has('vedette_x 1\n')).toBe(true);
      expect(asked).toBeLessThan(5);
      const head = await fetch(`${running.url}/metrics?collect[]=a`, { method: 'HEAD' });
      expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '12', '']);
      const posted = await fetch(`${running.url}/metrics`, { method: 'POST' });
      expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
      expect((await fetch(`${running.url}/metricsx`)).status).toBe(404);
    } finally {
      await running.close();
    }
  });
});
