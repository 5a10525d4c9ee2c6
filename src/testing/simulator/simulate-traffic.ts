/**
 * Clients that ask, and what they were told: a ready-made simulation of the query client. Every answer is compared with
 * what the servers know, so that a client that is fooled, or that leaves a caller waiting, is found.
 */
import { matchingRecords } from '../../base/fingerprint.js';
import type { Fingerprint } from '../../base/fingerprint.js';
import type { HashEntry } from '../../pattern/hash-entry.js';
import type { Random } from '../../base/seams.js';
import { createQueryClient } from '../../query/create-query-client.js';
import type { AskOutcome, QueryClient } from '../../query/query-client.js';
import type { ReputationSource } from '../../query/reputation-source.js';
import type { SimulatedClock } from './simulated-clock.js';
import { simulatedFile } from './simulated-file.js';
import type { SimulatedServer, SimulatedServerOptions } from './simulated-server.js';
import { createSimulation, type Simulation, type SimulationOptions } from './simulation.js';
import { createTally, type TrafficReport } from './tally.js';

/** Settings of all clients; the defaults are those of an engine (docs/guides/asking-servers.md). */
export interface SimulatedClientOptions {
  readonly holdMs?: number;
  readonly perServerMs?: number;
  readonly rounds?: number;
  readonly order?: 'listed' | 'random';
  readonly windowMs?: number;
  readonly retryBudget?: { readonly ratio: number; readonly perSecond: number };
  readonly maxConcurrent?: number;
  readonly hedge?: boolean;
}

/** What a client of a simulation is made of. */
export interface SimulatedClientParts extends SimulatedClientOptions {
  readonly sources: readonly ReputationSource[];
  readonly clock: SimulatedClock;
  readonly random: Random;
  readonly onAnswers: () => void;
}

/** What is simulated. */
export interface TrafficOptions extends SimulationOptions {
  readonly clients: number;
  /** In the order in which they are asked. They know every tenth of the files, unless they say what they know. */
  readonly servers: readonly SimulatedServerOptions[];
  /** Time between two questions of one client, on average; drawn exponentially. */
  readonly everyMs: number;
  /** Files that are asked about (1,000). */
  readonly files?: number | undefined;
  /** For so long questions are asked; the run goes on until all are told. */
  readonly durationMs: number;
  readonly query?: SimulatedClientOptions | undefined;
  /** The query client under test; ours unless given. */
  readonly createClient?: ((parts: SimulatedClientParts) => QueryClient) | undefined;
}

/** Runs it. The same options give the same report. */
export async function simulateTraffic(options: TrafficOptions): Promise<TrafficReport> {
  const simulation = createSimulation(options);
  const { files = 1_000, durationMs } = options;
  const listed: readonly HashEntry[] = Array.from({ length: Math.ceil(files / 10) }, (_, n) => simulatedFile(10 * n).entry);
  const servers = options.servers.map((server) => simulation.server({ entries: listed, ...server }));
  const tally = createTally();
  const clients = Array.from({ length: options.clients }, (_, n) => createClient(`c${n}`, { options, simulation, servers }));
  const asking = clients.map((client, n) => ask(client, `c${n}`, { ...options, files, simulation, tally }));
  await simulation.runUntil(durationMs);
  // Nobody may be left waiting: the longest that a caller waits, and the longest exchange.
  await simulation.runUntil(durationMs + (options.query?.holdMs ?? 10_000) + (options.query?.perServerMs ?? 3_000));
  clients.forEach((client) => void client.close());
  await simulation.runUntil(simulation.clock.monotonicMs() + 10_000);
  await Promise.all(asking);
  return tally.report({ simulation, servers, inFlight: clients.reduce((sum, client) => sum + client.inFlight(), 0) });
}

interface Asking extends TrafficOptions {
  readonly files: number;
  readonly simulation: Simulation;
  readonly tally: ReturnType<typeof createTally>;
}

function createClient(
  name: string,
  { options, simulation, servers }: { readonly options: TrafficOptions; readonly simulation: Simulation; readonly servers: readonly SimulatedServer[] },
): QueryClient {
  return (options.createClient ?? createQueryClient)({
    ...options.query,
    sources: servers.map((server) => server.source(name)),
    clock: simulation.clock,
    random: simulation.random(`client ${name}`),
    onAnswers: () => undefined,
  });
}

async function ask(client: QueryClient, name: string, asking: Asking): Promise<void> {
  const { simulation, everyMs, durationMs, files } = asking;
  const { clock } = simulation;
  const random = simulation.random(`traffic ${name}`);
  const never = new AbortController().signal;
  const pauseMs = (): number => -Math.log(1 - random()) * everyMs;
  for (let ms = pauseMs(); clock.monotonicMs() + ms < durationMs; ms = pauseMs()) {
    await clock.sleep(ms, never);
    void askOnce(client, Math.floor(random() * files), { ...asking, name });
  }
}

async function askOnce(client: QueryClient, n: number, { simulation, tally, name }: Asking & { readonly name: string }): Promise<void> {
  const { fingerprint } = simulatedFile(n);
  const beganMs = simulation.clock.monotonicMs();
  tally.asked();
  // Who is left waiting until the end is told so by `close`, and counts as lost.
  const [outcome] = await client.ask([fingerprint], { minGeneration: 2 }).catch(() => []);
  if (outcome !== undefined) {
    simulation.note(`${name} ${n} ${outcome.kind === 'answered' ? outcome.from : outcome.reason}`);
    tally.told(outcome, { tookMs: simulation.clock.monotonicMs() - beganMs, isTrue: isTrue(outcome, fingerprint, n) });
  }
}

/** Every tenth file is listed: an answer that says otherwise, of whomever, is wrong. */
function isTrue(outcome: AskOutcome, fingerprint: Fingerprint, n: number): boolean {
  return outcome.kind !== 'answered' || matchingRecords(outcome.answer, fingerprint).length > 0 === (n % 10 === 0);
}
