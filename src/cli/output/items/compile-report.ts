/** What `compile` did, for people; programs read report.json. */
import { join } from 'node:path';
import type { CompileReport } from '../../../compile.js';
import type { Colours } from '../colours.js';
import { counted, grouped, printable, sized, tabulated } from '../text.js';
import { componentFiles } from '../../input/patterns.js';

/** A row per source, then a row per file, and below each what its sections weigh. */
export function compileLines(report: CompileReport, how: { readonly out: string; readonly colours: Colours }): string[] {
  const { colours, out } = how;
  const skipped = report.sources.reduce((sum, source) => sum + source.skipped.length, 0);
  return [
    ...sourceLines(report, colours),
    '',
    ...tabulated(componentRows(report, printable(out)), [1]),
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

function componentRows(report: CompileReport, out: string): (readonly [string, string, string])[] {
  const { bytes, counts, sections } = report;
  const { hashes } = counts;
  const files = hashes.file.sha256 + hashes.file.sha1 + hashes.file.md5;
  const listed = `${counted(files, 'file hash', 'file hashes')}, ${counted(hashes.url, 'URL expression')}`;
  return [
    [join(out, componentFiles.agent), sized(bytes.agent), 'what machines look for themselves'],
    ...sectionRows(sections.agent, agentWords(counts)),
    [join(out, componentFiles.filter), sized(bytes.filter), 'what the server knows, by its first four bytes'],
    ...sectionRows(sections.filter, {}),
    [join(out, componentFiles.server), sized(bytes.server), listed],
    ...sectionRows(sections.server, {}),
  ];
}

function sectionRows(sections: Readonly<Record<string, number>>, words: Readonly<Record<string, string>>): (readonly [string, string, string])[] {
  return Object.entries(sections).map(([name, bytes]) => [`  ${name}`, sized(bytes), words[name] ?? '']);
}

/** What is in the sections of an agent pattern that come from sources. */
function agentWords(counts: CompileReport['counts']): Readonly<Record<string, string>> {
  return {
    signatures: counted(counts.signatures, 'byte signature'),
    logical: counted(counts.logical, 'logical signature'),
    macros: counted(counts.macros, 'macro body', 'macro bodies'),
    'section-hashes': counted(counts.sectionHashes, 'section hash', 'section hashes'),
    'import-hashes': counted(counts.importHashes, 'import hash', 'import hashes'),
    allow: counted(counts.allow, 'approved entry', 'approved entries'),
  };
}

function leftOut(report: CompileReport): string[] {
  const twice = Object.values(report.duplicates).reduce((sum, count) => sum + count, 0);
  const facts = [
    ...(twice === 0 ? [] : [`${counted(twice, 'entry', 'entries')} more than once`]),
    ...(report.ignored === 0 ? [] : [`${grouped(report.ignored)} left out by ignore lists`]),
    ...(leftOutParts(report) === 0 ? [] : [`${counted(leftOutParts(report), 'entry', 'entries')} left out of lines: warning lists have them, or they cannot be checked`]),
    ...(report.weakApprovals === 0 ? [] : [`${counted(report.weakApprovals, 'approval')} by MD5 or SHA-1, which can be forged`]),
  ];
  return facts.length === 0 ? [] : [`${facts.join(', ')}`];
}

function leftOutParts(report: CompileReport): number {
  return report.sources.reduce((sum, source) => sum + source.leftOut.length, 0);
}
