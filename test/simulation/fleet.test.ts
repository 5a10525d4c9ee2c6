/**
 * A thousand engines that come back together, after an outage or a restart: over the first minute, no five seconds may see
 * more than twice the mean of what they drain and update.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { toHex, toUtf8 } from '../../src/base/bytes.js';
import { bytesSubject } from '../../src/base/subject.js';
import { sha256 } from '../../src/fingerprint/digests.js';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import { createEngine } from '../../src/preset/portable.js';
import { contentEntry } from '../support/feed.js';
import { settle } from '../../src/testing/doubles/fake-clock.js';
import { createSimulation, type Simulation } from '../../src/testing/simulator/simulation.js';
import { nextDueAt, nextSchedule, startedSchedule } from '../../src/update/schedule.js';
import type { Engine } from '../../src/engine/checker.js';
import type { Locator } from '../../src/base/subject.js';
import type { NewPending } from '../../src/pending/pending-queue.js';
import type { SimulatedServer } from '../../src/testing/simulator/simulated-server.js';

const fleet = Number(process.env['SIMULATED_ENGINES'] ?? 100);
/** Of so few, chance alone makes the largest of twelve buckets larger. */
const bound = fleet >= 1_000 ? 2 : 2.4;
const bucketMs = 5_000;
const flaggedEach = 3;

/** Server and files of all tests: everything is listed, so that an answer settles it. */
const listed = [...Array.from({ length: flaggedEach }, (_, n) => n), ...Array.from({ length: 100 }, (_, n) => 1_000 + n)].map((n) => contentEntry(`Test.${n}`, fileNumber(n).content));

function fileNumber(n: number): { readonly content: Uint8Array; readonly ref: string } {
  return { content: toUtf8(`file ${n}`), ref: `/${n}` };
}

/** An engine of the fleet; `left` are files that an earlier process has flagged. */
async function createMember(simulation: Simulation, servers: readonly SimulatedServer[], { name, left }: { readonly name: string; readonly left: number }): Promise<Engine> {
  const { clock } = simulation;
  const queue = createMemoryQueue({ clock });
  if (left > 0) {
    await queue.enqueue(Array.from({ length: left }, (_, n) => flagged(n)));
  }
  return createEngine({
    background: 'timers',
    parts: {
      clock,
      queue,
      random: simulation.random(`engine ${name}`),
      source: servers.map((server) => server.source(name)),
      openers: { file: async ({ ref }: Locator) => bytesSubject(fileNumber(Number(ref.slice(1))).content, { locator: { scheme: 'file', ref } }) },
    },
  });
}

function flagged(n: number): NewPending {
  const { content, ref } = fileNumber(n);
  const hash = sha256(content);
  return {
    owner: 'default',
    kind: 'file',
    key: toHex(hash),
    fingerprints: [{ kind: 'file', algorithm: 'sha256', hash, size: content.length }],
    reason: 'unreachable',
    subject: { label: ref, locator: { scheme: 'file', ref } },
  };
}

/** Counts when engines drain: the instants at which what was flagged is settled. */
function settledAt(engines: readonly Engine[], simulation: Simulation): number[] {
  const instants: number[] = [];
  engines.forEach((engine) => engine.on('pending', ({ change }) => change === 'settled' && instants.push(simulation.clock.monotonicMs())));
  return instants;
}

/** The largest bucket of the minute after `fromMs`, against the mean; and how many there were. */
function peakOf(instants: readonly number[], fromMs: number): { readonly peak: number; readonly count: number } {
  const buckets = new Array<number>(60_000 / bucketMs).fill(0);
  for (const atMs of instants) {
    const bucket = Math.floor((atMs - fromMs) / bucketMs);
    if (bucket >= 0 && bucket < buckets.length) {
      buckets[bucket]!++;
    }
  }
  const count = buckets.reduce((sum, one) => sum + one, 0);
  return { peak: (Math.max(...buckets) * buckets.length) / count, count };
}

/** When each of the fleet looks for updates first: at the start, or after having failed for so long. */
function updatesAt(simulation: Simulation, outageMs: number): number[] {
  return Array.from({ length: fleet }, (_, n) => {
    const random = simulation.random(`updates ${n}`);
    let schedule = startedSchedule(['agent-pattern', 'filter', 'lists'], { nowMs: 0, random });
    for (let dueAt = nextDueAt(schedule); dueAt < outageMs; dueAt = nextDueAt(schedule)) {
      schedule = nextSchedule(schedule, { kind: 'failed', components: ['agent-pattern', 'filter', 'lists'] }, { nowMs: dueAt, random });
    }
    return nextDueAt(schedule);
  });
}

/** In steps, between which modules that are loaded at their first use may come. */
async function run(simulation: Simulation, untilMs: number): Promise<void> {
  for (let atMs = simulation.clock.monotonicMs(); atMs < untilMs; atMs = simulation.clock.monotonicMs()) {
    for (let turn = 0; turn < 10; turn++) {
      await settle();
    }
    await simulation.runUntil(Math.min(untilMs, atMs + 500));
  }
}

async function closeAll(engines: readonly Engine[], simulation: Simulation): Promise<void> {
  const closing = Promise.all(engines.map((engine) => engine.close()));
  await simulation.runUntil(simulation.clock.monotonicMs() + 20_000);
  await closing;
}

/** What an engine loads at its first use comes when the disk gives it: before anything is measured. */
beforeAll(async () => {
  const simulation = createSimulation({ seed: 30, turns: 4 });
  const server = simulation.server({ id: 'a', entries: listed, plan: [{ atMs: 0, is: { kind: 'down' } }, { atMs: 20_000, is: { kind: 'up' } }] });
  const engine = await createMember(simulation, [server], { name: 'warm', left: 1 });
  await engine.ready();
  void checkNowAndThen(engine, simulation, { name: 'warm', untilMs: 60_000 });
  await run(simulation, 150_000);
  await closeAll([engine], simulation);
});

describe(`a fleet of ${fleet}`, () => {
  it('that is restarted at once drains and updates evenly', async () => {
    const simulation = createSimulation({ seed: 31, turns: 4 });
    const server = simulation.server({ id: 'a', entries: listed });
    const engines = await Promise.all(Array.from({ length: fleet }, (_, n) => createMember(simulation, [server], { name: `e${n}`, left: flaggedEach })));
    const drains = settledAt(engines, simulation);
    await Promise.all(engines.map((engine) => engine.ready()));
    await run(simulation, 61_000);
    const { peak, count } = peakOf([...drains, ...updatesAt(simulation, 0)], 0);
    console.info(`restart: largest bucket ${peak.toFixed(2)} times the mean, ${count} drained and updated`);
    expect(count).toBeGreaterThan(0.97 * (flaggedEach + 1) * fleet);
    expect(peak).toBeLessThanOrEqual(bound);
    await closeAll(engines, simulation);
  });

  it.each([
    ['one server, 40 s', 1, 40],
    ['one server, 4 min', 1, 240],
    ['three servers, 2 min', 3, 120],
  ])('drains evenly after an outage of %s', async (_, count, outageS) => {
    const simulation = createSimulation({ seed: 32, turns: 4 });
    const servers = Array.from({ length: count }, (__, n) => simulation.server({ id: `s${n}`, entries: listed, plan: [{ atMs: 0, is: { kind: 'down' } }, { atMs: outageS * 1_000, is: { kind: 'up' } }] }));
    const engines = await Promise.all(Array.from({ length: fleet }, (__, n) => createMember(simulation, servers, { name: `e${n}`, left: 0 })));
    const drains = settledAt(engines, simulation);
    await Promise.all(engines.map((engine) => engine.ready()));
    // Everybody notices within the same seconds, and goes on asking: live answers tell that a server is back as well.
    const live = engines.map((engine, n) => checkNowAndThen(engine, simulation, { name: `e${n}`, untilMs: (outageS + 60) * 1_000 }));
    await run(simulation, outageS * 1_000 + 75_000);
    await Promise.all(live);
    const { peak, count: drained } = peakOf(drains, outageS * 1_000);
    console.info(`outage of ${outageS} s, ${count} servers: largest bucket ${peak.toFixed(2)} times the mean, ${drained} drained`);
    expect(drained).toBeGreaterThan(fleet);
    expect(peak).toBeLessThanOrEqual(bound);
    const left = await Promise.all(engines.map((engine) => engine.pending.counts()));
    expect(left.reduce((sum, { due, waiting = 0, claimed }) => sum + due + waiting + claimed, 0)).toBe(0);
    await closeAll(engines, simulation);
  });

  it.each([20, 60, 180, 1_440])('looks for updates evenly after an outage of %d min', (minutes) => {
    const simulation = createSimulation({ seed: 33 });
    const outageMs = minutes * 60_000;
    const { peak, count } = peakOf(updatesAt(simulation, outageMs), outageMs);
    // Back-off has spread them over hours: few come in any minute, none of its parts is a rush.
    expect((peak * count) / 12).toBeLessThanOrEqual(Math.max(0.02 * fleet, 8));
  });

  it('would be seen to come in a rush (sabotage: all at once)', () => {
    expect(peakOf(new Array<number>(fleet).fill(3_000), 0).peak).toBe(12);
  });
});

/** A check every ten seconds or so, of files of its own. */
async function checkNowAndThen(engine: Engine, simulation: Simulation, { name, untilMs }: { readonly name: string; readonly untilMs: number }): Promise<void> {
  const random = simulation.random(`checks ${name}`);
  const never = new AbortController().signal;
  for (let n = 0; ; n++) {
    const ms = n === 0 ? 2_000 * random() : 5_000 + 10_000 * random();
    if (simulation.clock.monotonicMs() + ms > untilMs) {
      return;
    }
    await simulation.clock.sleep(ms, never);
    const { content, ref } = fileNumber(1_000 + n);
    void engine.check(bytesSubject(content, { locator: { scheme: 'file', ref } })).catch(() => undefined);
  }
}
