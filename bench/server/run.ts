/**
 * `npm run bench -- server`: what a server of 10⁷ records needs from its import to a change of generation under load, with
 * its answering times. How many look-ups a second it does beside Redis is measured by the definitions `server-*`.
 */
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { fullServer, quickServer } from '../inputs/server-data.js';
import { alignColumns } from '../report/columns.js';
import { theseVersions, thisCommit, thisMachine } from '../report/machine.js';
import { formatBytes, formatDuration, formatRate, threeDigits } from '../report/numbers.js';
import { recordPath, writeRecord } from '../report/record.js';
import { measureServer } from './figures.js';
import type { Latency } from './load.js';
import type { ServerFigures, ServerRecord } from './record.js';

/** The text of `--help`. */
export const serverUsage = `npm run bench -- server [options]

  --quick           few records and short loads, to see that everything runs
  --note TEXT       a remark for the record
  --no-record       write no record (nor does --quick)
`;

/** Exit code: 0, or 2 for a wrong command line. */
export async function serverMain({ args, benchDir, outDir }: { readonly args: readonly string[]; readonly benchDir: string; readonly outDir: string }): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(serverUsage);
    return 0;
  }
  const options = optionsFrom(args);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${serverUsage}`);
    return 2;
  }
  const figures = await measureServer({
    dataDir: join(benchDir, 'data'),
    program: join(outDir, 'program.mjs'),
    childScript: join(outDir, 'server-child.mjs'),
    size: options.isQuick ? quickServer : fullServer,
    seconds: options.isQuick ? 1 : 10,
  });
  process.stdout.write(`${alignColumns(linesOf(figures)).join('\n')}\n`);
  if (options.isRecorded) {
    save(figures, { benchDir, note: options.note });
  }
  return 0;
}

interface ServerOptions {
  readonly isQuick: boolean;
  readonly note: string | undefined;
  readonly isRecorded: boolean;
}

function optionsFrom(args: readonly string[]): ServerOptions | string {
  try {
    const { values } = parseArgs({ args: [...args], options: { quick: { type: 'boolean' }, note: { type: 'string' }, 'no-record': { type: 'boolean' }, 'no-install': { type: 'boolean' } } });
    const isQuick = values.quick === true;
    return { isQuick, note: values.note, isRecorded: !isQuick && values['no-record'] !== true };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function linesOf(figures: ServerFigures): string[][] {
  const { memoryBytes, store, quiet, switching, merging, switched } = figures;
  return [
    ['records', figures.records.toLocaleString('en')],
    ['import', `${formatDuration(figures.importMs)}, ${formatBytes(figures.importPeakBytes)}`],
    ['on the disk', `${threeDigits(figures.bytesPerRecord)} bytes a record`],
    ['store alone, 90 % hits', `${formatRate(store.hits)}/CPU s`],
    ['store alone, misses', `${formatRate(store.misses)}/CPU s`],
    ['first answer after', formatDuration(figures.firstAnswerMs)],
    ['full load', `${formatRate(figures.fullRate)}/s`],
    ['150 k/s, quiet', timesOf(quiet)],
    ['from delta to new generation', timesOf(switching)],
    ['of that, the merge', timesOf(merging)],
    ['and the switch', timesOf(switched)],
    ['p99 of these / quiet', [switching, merging, switched].map(({ p99 }) => threeDigits(p99 / quiet.p99)).join(', ')],
    ['delta', `${formatDuration(figures.deltaMs)}, ${formatBytes(figures.deltaPeakBytes)}`],
    ['disk meanwhile', `${threeDigits(figures.diskDuringDelta)} times`],
    ['private memory', memoryBytes.map(formatBytes).join(', ')],
  ];
}

function timesOf({ questions, p50, p99, max }: Latency): string {
  return `p50 ${threeDigits(p50)} ms, p99 ${threeDigits(p99)} ms, max ${threeDigits(max)} ms of ${questions.toLocaleString('en')}`;
}

function save(figures: ServerFigures, { benchDir, note }: { readonly benchDir: string; readonly note: string | undefined }): void {
  const record: ServerRecord = {
    record: 'server-1',
    at: new Date().toISOString(),
    commit: thisCommit(benchDir),
    ...(note === undefined ? {} : { note }),
    machine: thisMachine(),
    versions: theseVersions(benchDir),
    figures,
  };
  const path = recordPath(join(benchDir, 'record', 'server'), record);
  writeRecord(path, record);
  process.stdout.write(`recorded in ${relative(join(benchDir, '..'), path)}\n`);
}
