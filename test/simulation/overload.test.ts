/**
 * A server that cannot answer must not see more of its clients than one that can: "503 to everything" costs it at most
 * 1.1 times the healthy rate, however it says it and however little each client asks.
 */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createQueryClient } from '../../src/query/create-query-client.js';
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
