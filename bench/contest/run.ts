/**
 * `npm run bench -- scan` from beginning to end:
 *
 *   options → corpus (once, kept) → one contest for each set of signatures → a table each → a record
 */
import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Corpus, CorpusDescription, Slice } from '../haystacks/corpus/corpus.js';
import { sliceFile } from '../haystacks/corpus/corpus-store.js';
import { splitAtAnyGap } from '../haystacks/corpus/occurrences.js';
import type { Truth } from '../haystacks/corpus/truth.js';
import { loadOccurrences, truthOf } from '../haystacks/corpus/truth.js';
import type { SetChoice } from '../inputs/signature-set.js';
import { signatureSet } from '../inputs/signature-set.js';
import { writePage } from '../page/write-page.js';
import { wrap } from '../report/columns.js';
import { theseVersions, thisCommit, thisMachine } from '../report/machine.js';
import { recordPath, writeRecord } from '../report/record.js';
import type { ContestInput, ContestPlan } from './contest.js';
import { runContest } from './contest.js';
import { corpusFolder, corpusIn } from './corpus-in.js';
import type { ContestOptions } from './options.js';
import { contestUsage, parseContestOptions } from './options.js';
import { vectorscanVersion } from './peers/vectorscan.js';
import { versionOf } from './peers/whole-program.js';
import type { ContestRecord } from './record.js';
import { scannersFor } from './scanners.js';
import { setFiles } from './set-files.js';
import { contestTable } from './table.js';
import type { ContestResult } from './result.js';

type RunOptions = Extract<ContestOptions, { kind: 'run' }>;

/** What the launcher knows. */
export interface Place {
  readonly benchDir: string;
  readonly outDir: string;
}

const full: ContestPlan = { rounds: 5, slowRounds: 3, minMs: 200, passMs: { fast: 30_000, slow: 1_000 } };
const quick: ContestPlan = { rounds: 2, slowRounds: 1, minMs: 0, passMs: { fast: 1_000, slow: 1_000 } };

/** Exit code: 0; 1 when an engine was wrong or failed; 2 for a wrong command line. */
export async function scanMain({ args, ...place }: Place & { readonly args: readonly string[] }): Promise<number> {
  const options = parseContestOptions(args);
  switch (options.kind) {
    case 'help':
      process.stdout.write(contestUsage);
      return 0;
    case 'refused':
      process.stderr.write(`bench: ${options.reason}\n\n${contestUsage}`);
      return 2;
    case 'run':
      return run(options, place);
  }
}

async function run(options: RunOptions, { benchDir, outDir }: Place): Promise<number> {
  const dataDir = join(benchDir, 'data');
  const folder = corpusFolder(benchDir, options.quick);
  const corpus = corpusIn(benchDir, options.quick);
  const startedAt = performance.now();
  process.stdout.write(`${headOf(options)}\n`);
  const scanners = scannersFor({ benchDir, dataDir, folder, script: join(outDir, 'contest-child.mjs') }, options);
  const base = options.quick ? quick : full;
  const plan: ContestPlan = options.rounds === undefined ? base : { ...base, rounds: options.rounds, slowRounds: Math.min(options.rounds, base.slowRounds) };
  const results: ContestResult[] = [];
  for (const choice of options.sets.map((set) => sizeFor(set, options.quick))) {
    const result = await runContest(scanners, { input: contestInput(folder, { corpus, choice, contents: options.contents }), plan });
    process.stdout.write(`${contestTable(result)}\n`);
    results.push(result);
  }
  await save(results, { options, benchDir, description: corpus.description, seconds: (performance.now() - startedAt) / 1_000 });
  return results.every(({ engines }) => engines.every(({ kind }) => kind === 'measured' || kind === 'skipped')) ? 0 : 1;
}

/** The quick corpus has few literals. */
function sizeFor({ count, wildcards }: SetChoice, isQuick: boolean): SetChoice {
  return isQuick ? { count: { 1_000: 40, 10_000: 200 }[count] ?? 600, wildcards } : { count, wildcards };
}

function contestInput(folder: string, { corpus, choice, contents }: { readonly corpus: Corpus; readonly choice: SetChoice; readonly contents: RunOptions['contents'] }): ContestInput {
  const occurrences = loadOccurrences(folder, { corpus, choice: { ...choice, count: corpus.literals.length } });
  const signatures = signatureSet(corpus.literals, choice);
  const parts = signatures.map(({ nodes }) => splitAtAnyGap(nodes).length);
  const truths = new Map<string, Truth>();
  const keyOf = ({ content, share }: Slice): string => `${content}/${share}`;
  return {
    set: setFiles(folder, { corpus, choice }),
    contents,
    file(slice) {
      const path = sliceFile(folder, corpus, slice);
      return { path, bytes: statSync(path).size };
    },
    truth(slice) {
      const known = truths.get(keyOf(slice)) ?? truthOf(slice, { occurrences, count: choice.count, description: corpus.description, parts: (i) => parts[i]! });
      truths.set(keyOf(slice), known);
      return known;
    },
  };
}

async function save(
  sets: readonly ContestResult[],
  { options, benchDir, description, seconds }: { readonly options: RunOptions; readonly benchDir: string; readonly description: CorpusDescription; readonly seconds: number },
): Promise<void> {
  if (options.record.kind === 'none') {
    return;
  }
  const programs = { vectorscan: await vectorscanVersion({ benchDir, dataDir: join(benchDir, 'data') }), yara: versionOf('yara', /[0-9.]+/), clamscan: versionOf('clamscan', /[0-9.]+/) };
  const record: ContestRecord = {
    record: 'scan-1',
    at: new Date().toISOString(),
    commit: thisCommit(benchDir),
    ...(options.note === undefined ? {} : { note: options.note }),
    ...(options.quick ? { quick: true } : {}),
    seconds: Math.round(seconds),
    machine: thisMachine(),
    versions: { ...theseVersions(benchDir), ...Object.fromEntries(Object.entries(programs).flatMap(([name, version]) => (version === undefined ? [] : [[name, version]]))) },
    corpus: description,
    sets,
  };
  const path = options.record.kind === 'file' ? options.record.path : recordPath(join(benchDir, 'record', 'scan'), record);
  writeRecord(path, record);
  if (options.record.kind === 'folder') {
    writePage(benchDir);
  }
  process.stdout.write(`recorded in ${options.record.kind === 'file' ? path : relative(join(benchDir, '..'), path)}, after ${record.seconds} s\n`);
}

function headOf({ quick: isQuick }: RunOptions): string {
  const { cpu, cores, memoryGiB } = thisMachine();
  return [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${process.versions.node}`,
    ...(isQuick ? ['QUICK: right or wrong is meant, times are not'] : []),
    ...wrap('MB (10^6 bytes) per CPU second, medians of the rounds; × is times Vectorscan in the same rounds.'),
    '',
  ].join('\n');
}
