/**
 * A server that cannot answer must not see more of its clients than one that can: "503 to everything" costs it at most
 * 1.1 times the healthy rate, however it says it and however little each client asks.
 */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import '../support/loaded.js';
import fc from 'fast-check';
import { toUtf8 } from '../../src/base/bytes.js';
import { digestSubject } from '../../src/base/subject.js';
import { sha256 } from '../../src/fingerprint/digests.js';
import { createEngine } from '../../src/preset/portable.js';
import { createQueryClient } from '../../src/query/create-query-client.js';
import { createSimulation } from '../../src/testing/simulator/simulation.js';
import { simulateTraffic, type TrafficOptions } from '../../src/testing/simulator/simulate-traffic.js';
import type * as Backoff from '../../src/query/decide/backoff.js';
import type { ServerCondition } from '../../src/testing/simulator/simulated-server.js';

const bound = 1.1;

type Traffic = Pick<TrafficOptions, 'clients' | 'everyMs' | 'durationMs'>;

async function requests(is: ServerCondition, traffic: Traffic, createClient: TrafficOptions['createClient'] = createQueryClient): Promise<number> {
  const report = await simulateTraffic({ seed: 8, ...traffic, files: 1_000_000, servers: [{ id: 'a', plan: [{ atMs: 0, is }] }], createClient });
  expect([report.wrong, report.lost]).toEqual([0, 0]);
  return report.servers[0]!.requests;
}

/** Requests to a server that is like this, for each request to a healthy one. */
async function burden(is: ServerCondition, traffic: Traffic, createClient?: TrafficOptions['createClient']): Promise<number> {
  return (await requests(is, traffic, createClient)) / Math.max(1, await requests({ kind: 'up' }, traffic));
}

const rates: readonly (readonly [string, Traffic])[] = [
  ['one client with 20 questions a second', { clients: 1, everyMs: 50, durationMs: 30_000 }],
  ['10 clients with one a second', { clients: 10, everyMs: 1_000, durationMs: 120_000 }],
  ['20 clients with one in ten seconds', { clients: 20, everyMs: 10_000, durationMs: 600_000 }],
  ['10 clients with one a minute', { clients: 10, everyMs: 60_000, durationMs: 3_600_000 }],
  ['10 clients with one a minute in their first minutes', { clients: 10, everyMs: 60_000, durationMs: 240_000 }],
  ['1,000 clients with a question or two each', { clients: 1_000, everyMs: 60_000, durationMs: 60_000 }],
];
const moods: readonly (readonly [string, ServerCondition])[] = [
  ['503', { kind: 'throttling' }],
  ['503 with Retry-After: 0', { kind: 'throttling', waitMs: 0 }],
  ['503 with Retry-After: 1', { kind: 'throttling', waitMs: 1_000 }],
  ['503 with Retry-After: 5', { kind: 'throttling', waitMs: 5_000 }],
  ['503 with Retry-After: 120', { kind: 'throttling', waitMs: 120_000 }],
];

/** Files that nobody knows, and what is flagged for want of an answer is probed for: whole engines. */
async function engineRequests(is: ServerCondition, everyMs: number): Promise<number> {
  const simulation = createSimulation({ seed: 8, turns: 4 });
  const { clock } = simulation;
  const server = simulation.server({ id: 'a', plan: [{ atMs: 0, is }] });
  const engines = Array.from({ length: 5 }, (_, n) => createEngine({
    background: 'timers',
    parts: { clock, random: simulation.random(`engine ${n}`), source: [server.source(`e${n}`)] },
  }));
  await Promise.all(engines.map((engine) => engine.ready()));
  const checks: Promise<unknown>[] = [];
  for (let at = everyMs; at < 900_000; at += everyMs) {
    await simulation.runUntil(at);
    checks.push(...engines.map((engine, n) => engine.check(digestSubject(sha256(toUtf8(`${at} ${n}`)), { size: 1 }))));
  }
  await simulation.runUntil(915_000);
  await Promise.all(checks);
  const counted = server.requests();
  const ends = engines.map((engine) => engine.close());
  await simulation.runUntil(930_000);
  await Promise.all(ends);
  return counted;
}

describe('whole engines before a server that answers everything with', () => {
  it.each(moods)(`%s do not ask it more than ${bound} times as often, probes for what they have flagged included`, async (_, is) => {
    expect((await engineRequests(is, 10_000)) / (await engineRequests({ kind: 'up' }, 10_000))).toBeLessThanOrEqual(bound);
  });
});

describe('at no time', () => {
  const runs = Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 100) / 10);

  it('has a server that asks for a wait seen more of its clients for it, at whatever rate they ask, from their first question on', async () => {
    const questions = fc.record({ clients: fc.integer({ min: 1, max: 6 }), everyMs: fc.constantFrom(20, 200, 1_000, 7_000, 60_000, 600_000), each: fc.integer({ min: 1, max: 40 }) });
    await fc.assert(
      fc.asyncProperty(questions, fc.constantFrom(...moods.map(([, is]) => is)), async ({ clients, everyMs, each }, is) => {
        expect(await burden(is, { clients, everyMs, durationMs: everyMs * each })).toBeLessThanOrEqual(bound);
      }),
      { numRuns: runs },
    );
  }, 60_000 + runs * 10_000);
});

describe('a server that answers everything with', () => {
  describe.each(moods)('%s', (_, is) => {
    it.each(rates)(`sees at most ${bound} times the healthy rate of %s`, async (__, traffic) => {
      expect(await burden(is, traffic)).toBeLessThanOrEqual(bound);
    });
  });

  it.each(rates.slice(0, 3))(`failures sees at most ${bound} times the healthy rate of %s`, async (__, traffic) => {
    expect(await burden({ kind: 'down' }, traffic)).toBeLessThanOrEqual(bound);
  });
});

describe('the check of the burden', () => {
  beforeEach(() => {
    vi.resetModules();
    return () => vi.doUnmock('../../src/query/decide/backoff.js');
  });

  it('finds a loop without a budget (sabotage)', async () => {
    vi.doMock('../../src/query/decide/backoff.js', async (original) => ({
      ...(await original<typeof Backoff>()),
      afterRetry: (budget: unknown) => budget,
      afterRetryOfWait: (budget: unknown) => budget,
    }));
    const { createQueryClient: greedy } = await import('../../src/query/create-query-client.js');
    expect(await burden({ kind: 'throttling', waitMs: 1_000 }, { clients: 20, everyMs: 10_000, durationMs: 600_000 }, greedy)).toBeGreaterThan(2);
  });
});
