/** The query client among thousands, with servers that die, slow down, lie and throttle. */
import { describe, expect, it } from 'vitest';
import { createEventHeap } from '../../src/testing/simulator/event-heap.js';
import { createSimulation } from '../../src/testing/simulator/simulation.js';
import { simulateTraffic, type TrafficOptions } from '../../src/testing/simulator/simulate-traffic.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import type { SimulatedServerOptions } from '../../src/testing/simulator/simulated-server.js';

const clients = Number(process.env['SIMULATED_CLIENTS'] ?? 300);
const second = 1_000;

/** Everything that can become of servers, one after the other and at once. */
const trouble: readonly SimulatedServerOptions[] = [
  {
    id: 'first',
    plan: [
      { atMs: 10 * second, is: { kind: 'down' } },
      { atMs: 25 * second, is: { kind: 'up' } },
      { atMs: 40 * second, is: { kind: 'slow', latencyMs: [500, 6_000] } },
      { atMs: 60 * second, is: { kind: 'lying', how: 'half' } },
      { atMs: 70 * second, is: { kind: 'lying', how: 'twice' } },
      { atMs: 80 * second, is: { kind: 'up' } },
    ],
  },
  {
    id: 'second',
    latencyMs: [20, 60],
    plan: [
      { atMs: 20 * second, is: { kind: 'throttling', waitMs: 2_000, perSecond: 50 } },
      { atMs: 45 * second, is: { kind: 'hanging' } },
      { atMs: 55 * second, is: { kind: 'lying', how: 'unasked' } },
      { atMs: 65 * second, is: { kind: 'lying', how: 'behind' } },
      { atMs: 85 * second, is: { kind: 'flaky', share: 0.5 } },
    ],
  },
  {
    id: 'global',
    scope: 'global',
    latencyMs: [40, 200],
    plan: [
      { atMs: 22 * second, is: { kind: 'throttling' } },
      { atMs: 30 * second, is: { kind: 'lying', how: 'garbage' } },
      { atMs: 50 * second, is: { kind: 'up' } },
    ],
  },
];
const troubled = (seed: number, more: Partial<TrafficOptions> = {}): TrafficOptions => ({
  seed,
  clients: 50,
  everyMs: 4 * second,
  durationMs: 95 * second,
  servers: trouble,
  keepLines: 10_000,
  ...more,
});

describe('a simulation', () => {
  it('is the same byte for byte for the same seed, and another for another', async () => {
    const [one, again, other] = [await simulateTraffic(troubled(1)), await simulateTraffic(troubled(1)), await simulateTraffic(troubled(2))];
    expect(JSON.stringify(again)).toBe(JSON.stringify(one));
    expect(other.digest).not.toBe(one.digest);
    expect(one.lines.length).toBeGreaterThan(1_000);
  });

  it('changes nobody else’s luck by a further client', async () => {
    const linesOf = async (count: number): Promise<readonly string[]> =>
      (await simulateTraffic(troubled(3, { clients: count, servers: [{ id: 'a', latencyMs: [10, 10] }] }))).lines.filter((line) => line.includes(' c4 '));
    expect(await linesOf(6)).toEqual(await linesOf(5));
  });

  it('runs events in the order of their instants, ties as they were added', () => {
    const random = createSeededRandom(5);
    const heap = createEventHeap();
    const ran: string[] = [];
    const added = Array.from({ length: 500 }, (_, order) => ({ at: Math.floor(random() * 50), order, cancelled: random() < 0.3 }));
    const cancels = added.map(({ at, order }) => heap.add(at, () => ran.push(`${at} ${order}`)));
    added.forEach(({ cancelled }, n) => cancelled && cancels[n]?.());
    for (let at = heap.nextAt(); at !== undefined; at = heap.nextAt()) {
      heap.runAll(at);
    }
    const expected = added.filter((one) => !one.cancelled).sort((a, b) => a.at - b.at || a.order - b.order);
    expect(ran).toEqual(expected.map(({ at, order }) => `${at} ${order}`));
    expect(heap.size).toBe(0);
  });

  it('gives every part a stream of chance of its own', () => {
    const simulation = createSimulation({ seed: 1 });
    expect(simulation.random('a')()).toBe(simulation.random('a')());
    expect(simulation.random('a')()).not.toBe(simulation.random('b')());
  });
});

describe(`${clients} clients in trouble`, () => {
  it('are told the truth, or that nobody could tell, and nobody is left waiting', async () => {
    const report = await simulateTraffic(troubled(4, { clients, keepLines: 0 }));
    expect([report.wrong, report.lost]).toEqual([0, 0]);
    expect(report.asked).toBeGreaterThan(15 * clients);
    expect(report.answered / report.asked).toBeGreaterThan(0.7);
    // For some seconds all were away, throttled or lying at once.
    expect(Object.values(report.unanswered).reduce((sum, one) => sum + one)).toBeGreaterThan(0);
  });

  it('would be seen to be fooled, or left waiting (sabotage: a client that takes answers by position, one that forgets)', async () => {
    const fooled = await simulateTraffic(
      troubled(4, {
        createClient: ({ sources }) => ({
          ask: async (fingerprints, { signal = new AbortController().signal }) => {
            const hashes = fingerprints.map(({ hash }) => hash.slice(0, 4));
            const reply = await sources[0]!.lookup({ kind: 'file', algorithm: 'sha256', hashes }, { signal });
            return fingerprints.map((_, n) =>
              reply.kind === 'answer' && reply.body.answers[n] !== undefined
                ? { kind: 'answered', answer: reply.body.answers.at(-1 - n)!, from: 'first' }
                : { kind: 'unanswered', reason: 'unreachable', attempts: 1 },
            );
          },
          probe: async () => false,
          nextProbeAt: () => 0,
          reset: () => undefined,
          servers: () => [],
          inFlight: () => 0,
          close: async () => undefined,
        }),
        durationMs: 80 * second,
        servers: [{ ...trouble[0]!, plan: trouble[0]!.plan!.filter(({ is }) => is.kind === 'lying') }],
      }),
    );
    expect(fooled.wrong).toBeGreaterThan(0);
  });
});
