/**
 * The bench from beginning to end:
 *
 *   options → haystack (once, kept) → each definition in a process of its own → a table each → a record
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from './definitions/index.js';
import { scanMain } from './contest/run.js';
import { benches } from './definitions/index.js';
import { loadHostEngines } from './host-engine.js';
import { mixedHaystack } from './haystacks/mixed.js';
import type { HaystackDescription } from './haystacks/haystack.js';
import { loadHaystack, saveHaystack } from './haystacks/store.js';
import type { JobOutcome } from './job.js';
import { planFor } from './measure/plan.js';
import type { DefinitionResult } from './measure/result.js';
import type { Options } from './options.js';
import { parseOptions, usage } from './options.js';
import { writePage } from './page/write-page.js';
import { patternMain } from './pattern/run.js';
import { wrap } from './report/columns.js';
import { theseVersions, thisCommit, thisMachine } from './report/machine.js';
import type { BenchRecord } from './report/record.js';
import { recordPath, writeRecord } from './report/record.js';
import { tableOf } from './report/table.js';
import { runJob } from './run-job.js';
import { serverMain } from './server/run.js';

/** What the launcher knows. */
export interface Place {
  /** The folder `bench/`. */
  readonly benchDir: string;
  /** Where the bundles are, removed at exit. */
  readonly outDir: string;
}

type RunOptions = Extract<Options, { kind: 'run' }>;

/** Exit code: 0; 1 when an engine was wrong or failed; 2 for a wrong command line. */
export async function main({ args, ...place }: Place & { readonly args: readonly string[] }): Promise<number> {
  if (args[0] === 'scan') {
    return scanMain({ args: args.slice(1), ...place });
  }
  if (args[0] === 'pattern') {
    return patternMain({ args: args.slice(1), ...place });
  }
  if (args[0] === 'server') {
    return serverMain({ args: args.slice(1), ...place });
  }
  if (args[0] === 'page') {
    writePage(place.benchDir);
    return 0;
  }
  const options = parseOptions(args);
  switch (options.kind) {
    case 'help':
      print(usage);
      return 0;
    case 'list':
      print(benches.map(descriptionOf).join('\n'));
      return 0;
    case 'refused':
      process.stderr.write(`bench: ${options.reason}\n\n${usage}`);
      return 2;
    case 'run':
      return run(options, place);
  }
}

async function run(options: RunOptions, place: Place): Promise<number> {
  const chosen = benches.filter(({ name }) => options.only.length === 0 || options.only.some((start) => name.startsWith(start)));
  const reason = chosen.length === 0 ? `--only: expected ${benches.map(({ name }) => name).join(', ')}` : await faultOf(options.hostFiles);
  if (reason !== undefined) {
    process.stderr.write(`bench: ${reason}\n`);
    return 2;
  }
  const haystack = options.quick || !chosen.some(({ name }) => name.startsWith('scan')) ? undefined : await haystackIn(place);
  print(headOf(options));
  const results = await runAll(chosen, { options, place });
  save(results.flatMap((one) => (one === undefined ? [] : [one])), { options, place, haystack });
  const isRight = (one: DefinitionResult | undefined): boolean =>
    one?.engines.every(({ kind }) => kind === 'measured' || kind === 'skipped') === true;
  return results.every(isRight) ? 0 : 1;
}

/** A module that cannot be used is said before anything is measured. */
async function faultOf(hostFiles: readonly string[]): Promise<string | undefined> {
  try {
    await loadHostEngines(hostFiles);
    return undefined;
  } catch (error) {
    return `--engine: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function haystackIn({ benchDir }: Place): Promise<HaystackDescription> {
  const dataDir = join(benchDir, 'data');
  const kept = loadHaystack(dataDir);
  if (kept !== undefined) {
    return kept.description;
  }
  process.stderr.write('bench: building the haystack from files of this machine, once\n');
  const built = mixedHaystack(join(benchDir, '..', 'node_modules'));
  saveHaystack(dataDir, built);
  return built.description;
}

/** One definition after the other; undefined for one that could not be run. */
async function runAll(
  chosen: readonly Bench[],
  { options, place }: { readonly options: RunOptions; readonly place: Place },
): Promise<(DefinitionResult | undefined)[]> {
  const results: (DefinitionResult | undefined)[] = [];
  for (const { name } of chosen) {
    const outcome = await runOne(name, { options, place });
    print(outcome.kind === 'done' ? `${tableOf(outcome.result)}\n` : `${name}: FAILED: ${outcome.reason}\n\n`);
    results.push(outcome.kind === 'done' ? outcome.result : undefined);
  }
  return results;
}

async function runOne(name: string, { options, place }: { readonly options: RunOptions; readonly place: Place }): Promise<JobOutcome> {
  const scratchDir = join(place.outDir, 'scratch');
  mkdirSync(scratchDir, { recursive: true });
  const size = options.quick ? 'quick' : 'full';
  const outcome = await runJob(join(place.outDir, 'child.mjs'), {
    definition: name,
    size,
    plan: planFor(size, options.rounds),
    hostFiles: options.hostFiles,
    dataDir: join(place.benchDir, 'data'),
    scratchDir,
    workerScript: join(place.outDir, 'loopback-worker.mjs'),
    program: join(place.outDir, 'program.mjs'),
  });
  rmSync(scratchDir, { recursive: true, force: true });
  return outcome;
}

function save(
  definitions: readonly DefinitionResult[],
  { options, place, haystack }: { readonly options: RunOptions; readonly place: Place; readonly haystack: HaystackDescription | undefined },
): void {
  if (options.record.kind === 'none' || definitions.length === 0) {
    return;
  }
  const record: BenchRecord = {
    record: 1,
    at: new Date().toISOString(),
    commit: thisCommit(place.benchDir),
    ...(options.note === undefined ? {} : { note: options.note }),
    ...(options.quick ? { quick: true } : {}),
    machine: thisMachine(),
    versions: theseVersions(place.benchDir),
    ...(haystack === undefined ? {} : { haystack }),
    definitions,
  };
  const path = options.record.kind === 'file' ? options.record.path : recordPath(join(place.benchDir, 'record'), record);
  writeRecord(path, record);
  print(`recorded in ${options.record.kind === 'file' ? path : path.slice(place.benchDir.length - 'bench/'.length)}\n`);
}

function headOf({ quick }: RunOptions): string {
  const { cpu, cores, memoryGiB } = thisMachine();
  const head = [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${process.versions.node}`,
    ...(quick ? ['QUICK: right or wrong is meant, times are not'] : []),
    ...wrap('Each engine is measured against the baseline of its table in the same rounds; low–high are the ends of that ratio over the rounds.'),
  ];
  return `${head.join('\n')}\n\n`;
}

function descriptionOf({ name, baseline, engines, analysis }: Bench): string {
  return [name, ...wrap(`engines: ${engines.join(', ')}; baseline: ${baseline}`, '  '), ...wrap(analysis, '  '), ''].join('\n');
}

function print(text: string): void {
  process.stdout.write(text);
}
