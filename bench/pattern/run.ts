/**
 * `npm run bench -- pattern`: what 100,000 byte signatures as an agent pattern, and 1,000,000 hashes as a filter, weigh
 * on disk, in time and in memory, beside clamscan with the same signatures.
 */
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { writeFileSync } from 'node:fs';
import { corpusIn } from '../contest/corpus-in.js';
import { versionOf } from '../contest/peers/whole-program.js';
import { signatureSet } from '../inputs/signature-set.js';
import { writePage } from '../page/write-page.js';
import { alignColumns } from '../report/columns.js';
import { theseVersions, thisCommit, thisMachine } from '../report/machine.js';
import { formatBytes, formatDuration } from '../report/numbers.js';
import { recordPath, writeRecord } from '../report/record.js';
import type { SetOfFiles } from './components.js';
import { agentFiles, emptyFiles, filterFiles } from './components.js';
import { measureClamscan, measureComponent } from './measure-load.js';
import type { PatternRecord, PatternRow } from './record.js';

/** The text of `--help`. */
export const patternUsage = `npm run bench -- pattern [options]

  --rounds N        processes of each kind (5)
  --quick           few signatures and hashes, to see that everything runs
  --note TEXT       a remark for the record
  --no-record       write no record (nor does --quick)
`;

/** Exit code: 0, or 2 for a wrong command line. */
export async function patternMain({ args, benchDir, outDir }: { readonly args: readonly string[]; readonly benchDir: string; readonly outDir: string }): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(patternUsage);
    return 0;
  }
  const options = optionsFrom(args);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${patternUsage}`);
    return 2;
  }
  const rows = await measuredRows({ benchDir, script: join(outDir, 'pattern-child.mjs'), ...options });
  process.stdout.write(`${alignColumns([['', 'file', 'ready after', 'memory'], ...rows.map(cellsOf)]).join('\n')}\n`);
  if (options.isRecorded) {
    save(rows, { benchDir, note: options.note });
  }
  return 0;
}

interface PatternOptions {
  readonly isQuick: boolean;
  readonly rounds: number;
  readonly note: string | undefined;
  readonly isRecorded: boolean;
}

function optionsFrom(args: readonly string[]): PatternOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { rounds: { type: 'string' }, quick: { type: 'boolean' }, note: { type: 'string' }, 'no-record': { type: 'boolean' }, 'no-install': { type: 'boolean' } },
    });
    const isQuick = values.quick === true;
    const rounds = Number(values.rounds ?? (isQuick ? 1 : 5));
    return Number.isInteger(rounds) && rounds >= 1
      ? { isQuick, rounds, note: values.note, isRecorded: !isQuick && values['no-record'] !== true }
      : '--rounds: expected a number from 1';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function measuredRows({ benchDir, script, isQuick, rounds }: Pick<PatternOptions, 'isQuick' | 'rounds'> & { readonly benchDir: string; readonly script: string }): Promise<PatternRow[]> {
  const folder = join(benchDir, 'data', isQuick ? 'quick-pattern' : 'pattern');
  const { literals } = corpusIn(benchDir, isQuick);
  const empty = await emptyFiles(folder);
  const agent = await agentFiles(folder, { signatures: signatureSet(literals, { count: literals.length, wildcards: true }), instance: literals[0]! });
  const filter = await filterFiles(folder, isQuick ? 1_000 : 1_000_000);
  const ours = async (set: SetOfFiles, emptyFile: string): Promise<PatternRow> => ({
    what: `${set.what}, vedette`,
    fileBytes: set.componentBytes,
    ...(await measureComponent(script, { full: { file: set.component, empty: emptyFile, ...(set.instance === undefined ? {} : { instance: set.instance }) }, empty: { file: emptyFile, empty: emptyFile }, rounds })),
  });
  const theirs = async (set: SetOfFiles): Promise<PatternRow[]> => {
    const subject = join(folder, 'empty.bin');
    writeFileSync(subject, '');
    const cost = await measureClamscan({ full: set.source, one: empty.source, subject, rounds });
    return [{ what: `${set.what}, clamscan`, fileBytes: set.sourceBytes, ...cost }];
  };
  const hasClamscan = versionOf('clamscan', /./) !== undefined;
  return [
    await ours(agent, empty.agent),
    ...(hasClamscan ? await theirs(agent) : []),
    await ours(filter, empty.filter),
    ...(hasClamscan ? await theirs(filter) : []),
  ];
}

function save(rows: readonly PatternRow[], { benchDir, note }: { readonly benchDir: string; readonly note: string | undefined }): void {
  const clamscan = versionOf('clamscan', /[0-9.]+/);
  const record: PatternRecord = {
    record: 'pattern-1',
    at: new Date().toISOString(),
    commit: thisCommit(benchDir),
    ...(note === undefined ? {} : { note }),
    machine: thisMachine(),
    versions: { ...theseVersions(benchDir), ...(clamscan === undefined ? {} : { clamscan }) },
    rows,
  };
  const path = recordPath(join(benchDir, 'record', 'pattern'), record);
  writeRecord(path, record);
  writePage(benchDir);
  process.stdout.write(`recorded in ${relative(join(benchDir, '..'), path)}; docs/benchmarks.md is written anew\n`);
}

function cellsOf({ what, fileBytes, loadMs, rssBytes }: PatternRow): string[] {
  return [what, formatBytes(fileBytes), formatDuration(loadMs.median), formatBytes(rssBytes.median)];
}
