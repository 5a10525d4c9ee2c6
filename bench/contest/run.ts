/**
 * `npm run bench -- scan` from beginning to end:
 *
 *   options → corpus (once, kept) → one contest for each set of signatures → a table each → a record
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Corpus, Slice } from '../haystacks/corpus/corpus.js';
import { loadCorpus, saveCorpus, sliceFile } from '../haystacks/corpus/corpus-store.js';
import { machineCorpus } from '../haystacks/corpus/machine-corpus.js';
import { splitAtAnyGap } from '../haystacks/corpus/occurrences.js';
import { quickCorpus } from '../haystacks/corpus/quick-corpus.js';
import type { Truth } from '../haystacks/corpus/truth.js';
import { loadOccurrences, truthOf } from '../haystacks/corpus/truth.js';
import type { SetChoice } from '../inputs/signature-set.js';
import { signatureSet } from '../inputs/signature-set.js';
import { wrap } from '../report/columns.js';
import { thisMachine } from '../report/machine.js';
import type { ContestInput, ContestPlan } from './contest.js';
import { runContest } from './contest.js';
import type { ContestOptions } from './options.js';
import { contestUsage, parseContestOptions } from './options.js';
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

const full: ContestPlan = { rounds: 5, slowRounds: 3, minMs: 60, passMs: { fast: 30_000, slow: 1_500 } };
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
  const folder = join(dataDir, options.quick ? 'quick-corpus' : 'corpus');
  const corpus = corpusIn(folder, { quick: options.quick, packages: join(benchDir, '..', 'node_modules') });
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
  return results.every(({ engines }) => engines.every(({ kind }) => kind === 'measured' || kind === 'skipped')) ? 0 : 1;
}

/** The quick corpus has few literals. */
function sizeFor({ count, wildcards }: SetChoice, isQuick: boolean): SetChoice {
  return isQuick ? { count: { 1_000: 40, 10_000: 200 }[count] ?? 600, wildcards } : { count, wildcards };
}

function corpusIn(folder: string, { quick: isQuick, packages }: { readonly quick: boolean; readonly packages: string }): Corpus {
  const kept = loadCorpus(folder);
  if (kept !== undefined && !isQuick) {
    return kept;
  }
  mkdirSync(folder, { recursive: true });
  if (!isQuick) {
    process.stderr.write('bench: building the corpus from files of this machine, once\n');
  }
  const built = isQuick ? quickCorpus() : machineCorpus(packages);
  saveCorpus(folder, built);
  return built;
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

function headOf({ quick: isQuick }: RunOptions): string {
  const { cpu, cores, memoryGiB } = thisMachine();
  return [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${process.versions.node}`,
    ...(isQuick ? ['QUICK: right or wrong is meant, times are not'] : []),
    ...wrap('MB (10^6 bytes) per CPU second, medians of the rounds; × is times Vectorscan in the same rounds.'),
    '',
  ].join('\n');
}
