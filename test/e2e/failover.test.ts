/**
 * Three servers, 1,000 questions a second over real sockets, and one or all of the servers killed in the middle.
 * The full figure: `FAILOVER_SECONDS=30`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { toLatin1, toUtf8 } from '../../src/base/bytes.js';
import { bytesSubject, type Subject } from '../../src/base/subject.js';
import { matchingRecords } from '../../src/base/fingerprint.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { createUndiciTransport } from '../../src/node/undici/create-undici-transport.js';
import { createEngine } from '../../src/preset/portable.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { decodeQuery } from '../../src/protocol/query-message.js';
import { createQueryClient } from '../../src/query/create-query-client.js';
import { createWireSource } from '../../src/query/wire/wire-source.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { createTestPattern } from '../../src/testing/test-pattern.js';
import { simulatedFile } from '../../src/testing/simulator/simulated-file.js';
import { bundleForChild, type Bundle } from '../support/bundle.js';
import { contentEntry, serverPattern } from '../support/feed.js';
import { tempDir } from '../support/temp-dir.js';
import { createFastClock } from './support/failover/fast-clock.js';
import { offer, quantile, type Offered } from './support/failover/load.js';
import { startServers, type ServerProcess } from './support/failover/servers.js';
import type * as Breaker from '../../src/query/decide/breaker.js';
import type { AskOutcome, QueryClient } from '../../src/query/query-client.js';
import type { Transport } from '../../src/query/transport.js';

const perSecond = Number(process.env['FAILOVER_RATE'] ?? 1_000);
const seconds = Number(process.env['FAILOVER_SECONDS'] ?? 4);
const killAfterMs = 1_000;
/** One attempt, as DESIGN §5 has it. */
const perServerMs = 3_000;
const files = perSecond * seconds;
const root = tempDir('failover');
const pattern = join(root, 'server.pattern');
let bundle: Bundle;

const isListed = (n: number): boolean => n % 10 === 0;
const contentNumber = (n: number): string => `failover content ${n}`;

beforeAll(async () => {
  bundle = await bundleForChild(fileURLToPath(new URL('../durability/outages/server.ts', import.meta.url)));
  const listed = Array.from({ length: files + 1 }, (_, n) => n).filter(isListed);
  const hashes = listed.flatMap((n) => [simulatedFile(n).entry, contentEntry(`Test.${n}`, contentNumber(n))]);
  writeFileSync(pattern, await serverPattern({ hashes }, { generation: 1, createdAt: Date.now(), expiresAt: Date.now() + 86_400_000 }));
});

afterAll(() => bundle.remove());

/** One question as it was put to a server. */
interface Sent {
  readonly address: string;
  /** What was thought of the server then. */
  readonly state: string | undefined;
  readonly isProbe: boolean;
}

interface Line {
  readonly client: QueryClient;
  readonly sent: Sent[];
  close(): Promise<void>;
}

/** A client over the servers, with a note of everything that it sends. */
async function openLine(servers: readonly ServerProcess[], create = createQueryClient): Promise<Line> {
  const undici = await createUndiciTransport({ proxy: 'none' });
  const sent: Sent[] = [];
  const asked = new Set(Array.from({ length: files + 1 }, (_, n) => toLatin1(simulatedFile(n).fingerprint.hash.slice(0, 4))));
  const noting: Transport = {
    schemes: undici.schemes,
    send(body, how) {
      const { id } = how.server;
      const isProbe = decodeQuery(body).groups.every(({ prefixes }) => prefixes.every((prefix) => !asked.has(toLatin1(prefix))));
      sent.push({ address: id, state: client.servers().find((one) => one.id === id)?.state, isProbe });
      return undici.send(body, how);
    },
  };
  const [clock, crypto] = [createSystemClock(), createNodeCrypto()];
  const client: QueryClient = create({
    sources: servers.map(({ address }) => createWireSource({ transport: noting, server: { id: address, address, scope: 'local' }, trust: [], crypto, clock })),
    clock,
    random: createSeededRandom(5),
    perServerMs,
    onAnswers: () => undefined,
  });
  return {
    client,
    sent,
    close: async () => {
      await client.close();
      await undici.close();
    },
  };
}

const ask = (client: QueryClient) => async (n: number): Promise<AskOutcome | undefined> => (await client.ask([simulatedFile(n).fingerprint], {}))[0];

/** Answers that are missing, and answers that are not true. */
function faultsIn(calls: readonly Offered<AskOutcome | undefined>[]): { readonly lost: number; readonly wrong: number } {
  const answers = calls.map(({ n, result }) => (result?.kind === 'answered' ? matchingRecords(result.answer, simulatedFile(n).fingerprint).length > 0 === isListed(n) : undefined));
  return { lost: answers.filter((one) => one === undefined).length, wrong: answers.filter((one) => one === false).length };
}

/** Asks at full rate, kills the server that is in use after a second, and probes as an engine does that has something pending. */
async function killOne(create = createQueryClient) {
  const servers = await startServers(3, { program: bundle.path, pattern });
  const line = await openLine(servers, create);
  const dead = servers[0]!;
  await offer({ perSecond: 200, seconds: 0.5 }, ask(line.client)); // Connections are made, code is warm.
  let sentBefore = 0;
  const killing = pause(killAfterMs).then(() => {
    sentBefore = line.sent.length;
    return dead.kill();
  });
  const over = new AbortController();
  const probing = (async (): Promise<void> => {
    while (!over.signal.aborted) {
      await pause(400);
      await line.client.probe({ signal: over.signal });
    }
  })();
  const calls = await offer({ perSecond, seconds }, ask(line.client));
  over.abort();
  await Promise.all([killing, probing]);
  await line.close();
  await Promise.all(servers.map((server) => server.kill()));
  const toDead = line.sent.slice(sentBefore).filter((one) => one.address === dead.address);
  return { calls, toDead, questionsToDead: toDead.filter((one) => !one.isProbe).length };
}

describe(`one of three servers that is killed under ${perSecond} questions a second`, () => {
  it('costs no answer, less than an attempt, and nobody asks it but to find out whether it is back', async () => {
    const { calls, toDead, questionsToDead } = await killOne();
    const [before, after] = [calls.filter((one) => one.atMs < killAfterMs - 100), calls.filter((one) => one.atMs >= killAfterMs - 100)];
    const addedMs = quantile(after, 0.99) - quantile(before, 0.99);
    const probes = toDead.filter((one) => one.isProbe && one.state === 'open').length;
    console.info(`${calls.length} questions in ${seconds} s, p99 ${quantile(before, 0.99).toFixed(1)} ms before and ${quantile(after, 0.99).toFixed(1)} ms after, ${questionsToDead} questions and ${probes} probes to the dead one`);
    // A machine that is busy otherwise offers fewer questions; what follows holds for them all the same.
    expect(calls.length).toBeGreaterThan(0.3 * perSecond * seconds);
    expect(faultsIn(calls)).toEqual({ lost: 0, wrong: 0 });
    expect(addedMs).toBeLessThan(perServerMs);
    expect(toDead.filter((one) => !one.isProbe && one.state === 'open')).toEqual([]);
    expect(probes).toBeGreaterThan(0);
    // Those that were on their way when it died, and one trial each time its breaker was due.
    expect(questionsToDead).toBeLessThan(0.05 * calls.length);
  });
});

describe('the check of the failover', () => {
  beforeEach(() => {
    vi.resetModules();
    return () => vi.doUnmock('../../src/query/decide/breaker.js');
  });

  it('finds a breaker that never opens (sabotage)', async () => {
    vi.doMock('../../src/query/decide/breaker.js', async (original) => {
      const actual = await original<typeof Breaker>();
      return { ...actual, nextBreaker: () => actual.closedBreaker };
    });
    const { createQueryClient: stubborn } = await import('../../src/query/create-query-client.js');
    const { calls, questionsToDead } = await killOne(stubborn);
    expect(faultsIn(calls).lost).toBe(0);
    expect(questionsToDead).toBeGreaterThan(0.3 * calls.length);
  });
});

describe(`all three servers killed under ${perSecond} checks a second, and one started again`, () => {
  it('resolves everything that was flagged, each file rightly', async () => {
    const servers = await startServers(3, { program: bundle.path, pattern });
    const subject = (n: number): Subject => bytesSubject(toUtf8(contentNumber(n)), { label: String(n), locator: { scheme: 'test', ref: String(n) } });
    const found = new Set<number>();
    const transport = await createUndiciTransport({ proxy: 'none' });
    const engine = createEngine({
      servers: servers.map(({ address }) => ({ address, scope: 'local' })),
      limits: { maxConcurrent: 64 },
      background: 'timers',
      parts: {
        clock: createFastClock(20),
        transport,
        pattern: [await createTestPattern()],
        openers: { test: async ({ ref }) => subject(Number(ref)) },
        actions: { idempotent: true, apply: async (result) => { found.add(Number(result.subject.label)); return { kind: 'done' }; } },
      },
    });
    await engine.ready();
    const killing = pause(killAfterMs).then(() => Promise.all(servers.map((server) => server.kill())));
    const calls = await offer({ perSecond, seconds }, (n) => engine.check(subject(n)));
    await killing;
    const flagged = calls.filter(({ result }) => result.pending.kind === 'queued');
    const told = calls.filter(({ result }) => result.verdict.disposition !== 'unknown');
    expect(flagged.length).toBeGreaterThan(0.3 * calls.length);
    expect(told.length + flagged.length).toBe(calls.length);
    expect(told.filter(({ n, result }) => (result.verdict.disposition === 'malicious') !== isListed(n))).toEqual([]);

    await servers[1]!.start();
    const began = performance.now();
    for (let left = flagged.length; left > 0; ) {
      await pause(50);
      const { due, claimed, waiting = 0, dead } = await engine.pending.counts();
      expect(dead).toBe(0);
      left = due + claimed + waiting;
    }
    console.info(`${calls.length} checks, ${flagged.length} flagged, all resolved ${((performance.now() - began) / 1_000).toFixed(1)} s (20 times as fast as the clock of the wall) after one server was back`);
    expect(calls.filter(({ n }) => isListed(n) && !found.has(n))).toEqual([]);
    expect([...found].filter((n) => !isListed(n))).toEqual([]);
    await engine.close();
    await transport.close();
    await Promise.all(servers.map((server) => server.kill()));
  });
});
