/** What `compile` did, for people; programs read report.json. */
import { join } from 'node:path';
import type { CompileReport } from '../../compile.js';
import type { Colours } from './colours.js';
import { counted, grouped, printable, sized, tabulated } from './text.js';
import { componentFiles } from '../input/patterns.js';

/** A row per source, then a row per file. */
export function compileLines(report: CompileReport, how: { readonly out: string; readonly colours: Colours }): string[] {
  const { colours, out } = how;
  const skipped = report.sources.reduce((sum, source) => sum + source.skipped.length, 0);
  return [
    ...sourceLines(report, colours),
    '',
    ...tabulated(componentRows(report).map(([name, bytes, content]) => [join(printable(out), name), sized(bytes), content]), [1]),
    ...leftOut(report),
    ...(skipped === 0 ? [] : [colours.doubtful(`${counted(skipped, 'line')} could not be used: ${join(printable(out), 'report.json')} says which and why`)]),
  ];
}

function sourceLines(report: CompileReport, colours: Colours): string[] {
  const rows = report.sources.map(({ file, format, lines, loaded, skipped }) => [
    printable(file),
    format,
    grouped(lines),
    grouped(loaded),
    grouped(skipped.length),
  ]);
  const [head = '', ...lines] = tabulated([['source', 'format', 'lines', 'loaded', 'skipped'], ...rows], [2, 3, 4]);
  return [colours.quiet(head), ...lines];
}

function componentRows(report: CompileReport): (readonly [string, number, string])[] {
  const { signatures, hashes, allow } = report.counts;
  const files = hashes.file.sha256 + hashes.file.sha1 + hashes.file.md5;
  const listed = `${counted(files, 'file hash', 'file hashes')}, ${counted(hashes.url, 'URL expression')}`;
  return [
    [componentFiles.agent, report.bytes.agent, `${counted(signatures, 'byte signature')}, ${counted(allow, 'approved entry', 'approved entries')}`],
    [componentFiles.filter, report.bytes.filter, 'what the server knows, by its first four bytes'],
    [componentFiles.server, report.bytes.server, listed],
  ];
}

function leftOut(report: CompileReport): string[] {
  const { signatures, hashes, allow } = report.duplicates;
  const twice = signatures + hashes + allow;
  const facts = [
    ...(twice === 0 ? [] : [`${counted(twice, 'entry', 'entries')} more than once`]),
    ...(report.ignored === 0 ? [] : [`${grouped(report.ignored)} left out by ignore lists`]),
    ...(report.weakApprovals === 0 ? [] : [`${counted(report.weakApprovals, 'approval')} by MD5 or SHA-1, which can be forged`]),
  ];
  return facts.length === 0 ? [] : [`${facts.join(', ')}`];
}
