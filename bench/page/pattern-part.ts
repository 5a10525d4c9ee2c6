/** The record of the pattern bench as the table of docs/benchmarks.md. */
import type { PatternRecord } from '../pattern/record.js';
import { formatBytes, formatDuration } from '../report/numbers.js';
import { markdownTable } from './markdown.js';

/** The table, with what was measured and where. */
export function patternPart({ at, commit, machine, versions, note, rows }: PatternRecord): string {
  const used = ['node', 'vedette', 'clamscan'].flatMap((name) => (versions[name] === undefined ? [] : [`${name} ${versions[name]}`]));
  return [
    `Measured on ${at.slice(0, 10)} at commit ${commit} on ${machine.cpu}: ${used.join(', ')}.${note === undefined ? '' : ` ${note}`}\n`,
    markdownTable(
      ['', 'file', 'ready after', 'memory'],
      rows.map(({ what, fileBytes, loadMs, rssBytes }) => [what, formatBytes(fileBytes), formatDuration(loadMs.median), formatBytes(rssBytes.median)]),
    ),
  ].join('\n');
}
