/** Measures a server of millions of records from its import to a change of generation under load. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { formatPublicKey } from '../../src/protocol/keys.js';
import { batchSize, drawQuestions, requestsOf } from '../inputs/server-input.js';
import { serverFiles, storeDir, type ServerFiles, type ServerSize } from '../inputs/server-data.js';
import { bareClient } from './bare-client.js';
import { inChild } from './child.js';
import { askSteadily, fullRate, latencyOf, type Answered, type Load } from './load.js';
import { startServer, type RunningProgram } from './program.js';
import type { ServerFigures } from './record.js';

/** What measuring needs. */
export interface MeasureParts {
  /** Where the patterns are kept between runs. */
  readonly dataDir: string;
  /** Bundles of the program and of `server-child.ts`. */
  readonly program: string;
  readonly childScript: string;
  readonly size: ServerSize;
  /** Of the quiet load. */
  readonly seconds: number;
}

const atOnce = 32;
/** Prefixes a second that a server has to answer at least: latencies are measured at half of that. */
const mustBe = 300_000;
/** How long after the switch it is still listened to. */
const afterMs = 2_000;

/** All figures, in the order in which they are taken. */
export async function measureServer(parts: MeasureParts): Promise<ServerFigures> {
  const files = await serverFiles(parts.dataDir, parts.size);
  const work = join(files.data, '..', 'work');
  rmSync(work, { recursive: true, force: true });
  try {
    const imported = await importInto(work, files, parts);
    const bytes = bytesIn(storeDir(work));
    const alone = await measureStore(work, parts);
    const under = await measureLoad(work, { files, parts, bytes });
    return { records: files.records, ...imported, bytesPerRecord: bytes / files.records, ...under, store: alone };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** `vedette import`, with the signature checked. */
async function importInto(data: string, { pattern, publicKey }: ServerFiles, { program }: MeasureParts): Promise<Pick<ServerFigures, 'importMs' | 'importPeakBytes'>> {
  const trust = `${pattern}.pub`;
  writeFileSync(trust, `${formatPublicKey(publicKey)}\n`);
  const started = performance.now();
  const child = spawn(process.execPath, [program, 'import', pattern, '--data', data, '--trust', trust], { stdio: ['ignore', 'ignore', 'inherit'] });
  let peak = 0;
  const look = setInterval(() => (peak = Math.max(peak, highWater(child.pid ?? 0))), 20);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(look);
  if (code !== 0) {
    throw new Error(`vedette import ended with code ${code}`);
  }
  return { importMs: performance.now() - started, importPeakBytes: peak };
}

async function measureStore(data: string, { childScript, size }: MeasureParts): Promise<ServerFigures['store']> {
  const lookups = async (listedShare: number): Promise<number> =>
    (await inChild(childScript, { kind: 'lookups', dir: storeDir(data), records: size.records, listedShare, batches: 20_000 }, 'looked-up')).perSecond;
  return { hits: await lookups(0.9), misses: await lookups(0.02) };
}

type UnderLoad = Omit<ServerFigures, 'records' | 'importMs' | 'importPeakBytes' | 'bytesPerRecord' | 'store'>;

async function measureLoad(data: string, { files, parts, bytes }: { readonly files: ServerFiles; readonly parts: MeasureParts; readonly bytes: number }): Promise<UnderLoad> {
  const started = performance.now();
  const server = await startServer(parts.program, { data, key: files.key });
  const requests = requestsOf({ questions: drawQuestions(files.records, { listedShare: 0.9, count: 2_000, seed: 31 }) });
  const client = await bareClient(server.url, atOnce);
  const drawnMs = performance.now() - started - server.listeningMs;
  try {
    await client.post(requests[0]!);
    const firstAnswerMs = performance.now() - started - drawnMs;
    // `fetch` is loaded here, and not while it is measured.
    await untilGeneration(server.url, 1);
    await fullRate({ client, requests, atOnce, seconds: parts.seconds / 2 });
    const full = await fullRate({ client, requests, atOnce, seconds: parts.seconds / 2 });
    const load: Load = { client, requests, perSecond: Math.min(full, mustBe / batchSize) / 2 };
    const quiet = latencyOf(await askSteadily(load, AbortSignal.timeout(parts.seconds * 1_000)));
    const switching = await measureSwitch(data, { load, server, files, parts, bytes });
    return { firstAnswerMs, fullRate: full * batchSize, quiet, ...switching, memoryBytes: server.memory() };
  } finally {
    await client.close();
    await server.close();
  }
}

interface SwitchParts {
  readonly load: Load;
  readonly server: RunningProgram;
  readonly files: ServerFiles;
  readonly parts: MeasureParts;
  readonly bytes: number;
}

async function measureSwitch(
  data: string,
  { load, server, files, parts, bytes }: SwitchParts,
): Promise<Pick<ServerFigures, 'switching' | 'merging' | 'switched' | 'deltaMs' | 'deltaPeakBytes' | 'diskDuringDelta'>> {
  const ending = new AbortController();
  const asking = askSteadily(load, ending.signal);
  await wait(1_000);
  const startedAt = performance.now();
  let most = bytes;
  const look = setInterval(() => (most = Math.max(most, bytesIn(storeDir(data)))), 50);
  const { ms, peakBytes } = await inChild(parts.childScript, { kind: 'delta', dir: storeDir(data), delta: files.delta }, 'applied');
  const madeAt = performance.now();
  await untilGeneration(server.url, 2);
  await wait(afterMs);
  clearInterval(look);
  ending.abort();
  const answered: Answered[] = await asking;
  return {
    switching: latencyOf(answered, startedAt),
    merging: latencyOf(answered, startedAt, madeAt),
    switched: latencyOf(answered, madeAt),
    deltaMs: ms,
    deltaPeakBytes: peakBytes,
    diskDuringDelta: most / bytes,
  };
}

async function untilGeneration(url: string, generation: number): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const health = (await (await fetch(`${url}/healthz`)).json()) as { readonly generation: number };
    if (health.generation === generation) {
      return;
    }
    await wait(50);
  }
  throw new Error(`the server did not go over to generation ${generation}`);
}

/** Tables that vanish meanwhile count for nothing. */
function bytesIn(dir: string): number {
  return readdirSync(dir).reduce((sum, name) => sum + (statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}

function highWater(pid: number): number {
  try {
    return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
