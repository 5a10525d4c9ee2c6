/**
 * No failure becomes clean (DESIGN rule 2): engines before a network, a middlebox or an attacker that fails in every way
 * there is, by check, checkAll and drain, over each transport. Real sockets and real time. `FAULTS=all` cuts answers
 * after every one of their bytes; without it a seeded share is cut.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Transport } from '../../src/query/transport.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { cutAfter, cutHeadBytes, type Cut } from '../support/fault-cuts.js';
import { lies } from '../support/fault-lies.js';
import { faults } from '../support/fault-list.js';
import { prepareRun, timed, type RunReport } from '../support/fault-run.js';
import { startFaultServer, type Fault } from '../support/fault-server.js';
import { ways } from '../support/fault-ways.js';
import { createFaultWorld, type FaultWorld, type Way } from '../support/fault-world.js';
import { selfSigned } from '../support/self-signed.js';

const all = process.env['FAULTS'] === 'all';
const transports: readonly Way[] = ['fetch', 'undici'];
/** Lines of the table that run at the same time. */
const atOnce = 12;
/** By how much a call may pass its deadline (ms). */
const toleratedMs = 100;
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
let world: FaultWorld;

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  world = await createFaultWorld();
});

afterAll(async () => {
  await world.close();
  process.off('unhandledRejection', onUnhandled);
});

afterEach(() => {
  expect(unhandled).toEqual([]);
});

/** A line that is ready to run, and what it leaves behind. */
interface Prepared {
  run(): Promise<RunReport>;
  close(): Promise<unknown>;
}

interface Totals {
  readonly broken: string[];
  readonly late: number[];
  results: number;
}

/** Runs every line, several at a time, and gives what they found. */
async function table<T extends { readonly name: string }>(lines: readonly T[], prepare: (line: T) => Promise<Prepared>): Promise<Totals> {
  const totals: Totals = { broken: [], late: [], results: 0 };
  for (let at = 0; at < lines.length; at += atOnce) {
    const some = lines.slice(at, at + atOnce);
    const prepared = await Promise.all(some.map((line) => prepare(line)));
    const reports = await Promise.all(prepared.map((one) => one.run()));
    await Promise.all(prepared.map((one) => one.close()));
    for (const [i, report] of reports.entries()) {
      totals.broken.push(...report.broken.map((what) => `${some[i]!.name}: ${what}`));
      totals.results += report.results;
      totals.late.push(await latenessOf(report, () => prepare(some[i]!)));
    }
  }
  return totals;
}

/**
 * By how much the latest call of a line was late (ms). A busy machine can delay a call and not the timer beside it: what
 * was late is run again, alone, and is as late as in the best of three runs.
 */
async function latenessOf(first: RunReport, prepare: () => Promise<Prepared>): Promise<number> {
  let least = Math.max(...first.late);
  for (let again = 0; again < 2 && least > toleratedMs; again++) {
    least = Math.min(least, Math.max(...(await alone(await prepare())).late));
  }
  return least;
}

/** An engine before a server that has the fault. */
async function before(fault: Fault | undefined, way: Way, how: { readonly secure?: boolean; readonly world?: Pick<FaultWorld, 'engine'>; readonly transport?: Transport } = {}): Promise<Prepared> {
  const tls = how.secure === true ? selfSigned() : undefined;
  const server = await startFaultServer(world.honest, tls);
  server.fault = fault;
  const transport = how.transport ?? (await world.transport(way, tls === undefined ? {} : { ca: tls.cert }));
  const throttles = /(?<!byte )\b(503|429)\b/.test(fault?.name ?? '');
  const reasons = [...(throttles ? ['throttled'] : ['bad-answer', 'server-behind']), 'unreachable', 'deadline'];
  const run = await prepareRun({ world: how.world ?? world, address: server.address, transport, leaves: fault?.leaves, reasons });
  return {
    run: async () => {
      const report = await run();
      const against = [
        ...(server.elsewhereRequests > 0 ? ['a redirect was followed'] : []),
        ...(throttles && !report.reasons.has('throttled') ? ['the wish to be left alone was not understood'] : []),
        ...(fault !== undefined && fault.connected === undefined && server.requests < 2 ? [`only ${server.requests} requests met it`] : []),
      ];
      return { ...report, broken: [...report.broken, ...against] };
    },
    close: async () => {
      await transport.close?.();
      await server.close();
    },
  };
}

/** One line alone. */
async function alone(prepared: Prepared): Promise<RunReport> {
  const report = await prepared.run();
  await prepared.close();
  return report;
}

/** Nothing is against the rules and nothing is late. */
function expectKept({ broken, late, results }: Totals, lines: number): void {
  expect(broken).toEqual([]);
  expect(results).toBeGreaterThanOrEqual(lines * 8);
  expect(late.filter((ms) => ms > toleratedMs)).toEqual([]);
  process.stdout.write(`${lines} lines, ${results} results, at most ${Math.max(...late).toFixed(0)} ms late\n`);
}

function cuts(): Fault[] {
  // A statement of no record and one of one record, at the least.
  const counts = Array.from({ length: cutHeadBytes + 330 }, (_, count) => count);
  const random = createSeededRandom(4);
  const kinds: readonly Cut[] = ['reset', 'end', 'stall'];
  return all ? counts.flatMap((count) => kinds.map((kind) => cutAfter(count, kind))) : Array.from({ length: 18 }, (_, i) => cutAfter(Math.floor(random() * counts.length), kinds[i % 3]!));
}

/** Without `FAULTS=all` each transport has half of the lines. */
function share<T>(lines: readonly T[], way: Way): readonly T[] {
  return all ? lines : lines.filter((_, i) => i % 2 === transports.indexOf(way));
}

describe.each(transports)('by %s, nothing becomes clean and everything is flagged', (way) => {
  it('control: an honest server is believed', async () => {
    const truth: Fault = { name: 'the truth', leaves: 'truth' };
    await alone(await before(truth, way));
    expect((await alone(await before(truth, way))).broken).toEqual([]);
    // Two ways, four cases, and nothing left to drain.
    const { broken, results } = await alone(await before(undefined, way));
    expect([broken.length, results]).toEqual([8, 8]);
    expect(broken).toEqual(expect.arrayContaining(['check, a file that is listed no more: clean by query', 'check, a URL that is listed no more: clean by query']));
  });

  const exchanges = share(faults, way);
  it(`${exchanges.length} faults of an exchange`, { timeout: 600_000 }, async () => {
    expectKept(await table(exchanges, (fault) => before(fault, way)), exchanges.length);
  });

  const wrong = share(lies, way);
  it(`${wrong.length} answers that are wrong`, async () => {
    expectKept(await table(wrong, (lie) => before(lie, way)), wrong.length);
  });

  const lines = ways.filter((one) => one.only === undefined || one.only === way);
  it(`${lines.length} ways that lead nowhere`, async () => {
    const prepare = async (line: (typeof lines)[number]): Promise<Prepared> => {
      const open = await line.open(world.honest);
      const transport = await world.transport(way, open.undici);
      return {
        run: await prepareRun({ world, address: open.address, transport, reasons: ['unreachable', 'deadline'] }),
        close: async () => {
          await transport.close?.();
          await open.close();
        },
      };
    };
    expectKept(await table(lines, prepare), lines.length);
  });

  const stops = share(cuts(), way);
  it(`${stops.length} answers that stop`, { timeout: 1_800_000 }, async () => {
    expectKept(await table(stops, (cut) => before(cut, way)), stops.length);
  });
});

describe('by undici over TLS, nothing becomes clean and everything is flagged', () => {
  const some = [...faults, ...lies, ...cuts()].filter((_, i) => i % (all ? 5 : 10) === 0);

  it(`${some.length} faults of an exchange`, { timeout: 1_800_000 }, async () => {
    expectKept(await table(some, (fault) => before(fault, 'undici', { secure: true })), some.length);
  });
});

describe('sabotage', () => {
  it('a client that checks no signature believes many of the lies, and the table says so', async () => {
    const believing = { engine: (address: string, transport: Transport) => world.engine(address, transport, { verify: () => true }) };
    const found = await table(lies.slice(0, 6), (lie) => before(lie, 'undici', { world: believing }));
    expect(found.broken.filter((text) => /a listed (file|URL): clean by/.test(text)).length).toBeGreaterThan(4);
    expect(new Set(found.broken.map((text) => text.split(':')[0])).size).toBeGreaterThan(2);
  });

  it('a transport that takes error pages for answers is found out', async () => {
    const credulous: Transport = {
      schemes: { http: 'plain' },
      send: async (body, { server: { address }, signal }) => {
        const response = await fetch(`${address}/v1/query`, { method: 'POST', body: new Uint8Array(body), signal });
        return { kind: 'answer', body: new Uint8Array(await response.arrayBuffer()) };
      },
    };
    const pages = faults.filter((fault) => /^status (500|502|404|201|206)/.test(fault.name));
    const found = await table(pages, (fault) => before(fault, 'fetch', { transport: credulous }));
    expect(new Set(found.broken.map((text) => text.split(':')[0])).size).toBe(pages.length);
  });

  it('a call that ends too late is counted', async () => {
    const late: number[] = [];
    await timed(20, late, () => new Promise((resolve) => setTimeout(resolve, 180)));
    await timed(200, late, () => Promise.resolve());
    expect(late[0]).toBeGreaterThan(100);
    expect(late[1]).toBeLessThan(0);
  });
});
