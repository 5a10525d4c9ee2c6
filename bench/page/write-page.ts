/** Writes the parts of docs/benchmarks.md, and its chart, from the newest records. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContestRecord } from '../contest/record.js';
import { newestRecord } from '../contest/record.js';
import type { PatternRecord } from '../pattern/record.js';
import { withPart } from './markdown.js';
import { patternPart } from './pattern-part.js';
import { scanChart } from './scan-chart.js';
import { scanPart } from './scan-part.js';

/** What the page has to be, and its chart. */
export interface Page {
  readonly text: string;
  readonly chart: string | undefined;
}

/** Pure but for reading. `benchDir` has the records, `docs` the page. */
export function pageFrom({ benchDir, docs }: { readonly benchDir: string; readonly docs: string }): Page {
  const scan = newestRecord<ContestRecord>(join(benchDir, 'record', 'scan'), 'scan-1');
  const pattern = newestRecord<PatternRecord>(join(benchDir, 'record', 'pattern'), 'pattern-1');
  let text = readFileSync(join(docs, 'benchmarks.md'), 'utf8');
  text = scan === undefined ? text : withPart(text, { name: 'scan', text: scanPart(scan) });
  text = pattern === undefined ? text : withPart(text, { name: 'pattern', text: patternPart(pattern) });
  return { text, chart: scan === undefined ? undefined : scanChart(scan) };
}

/** Writes both files. */
export function writePage(benchDir: string): void {
  const docs = join(benchDir, '..', 'docs');
  const { text, chart } = pageFrom({ benchDir, docs });
  writeFileSync(join(docs, 'benchmarks.md'), text);
  if (chart !== undefined) {
    writeFileSync(join(docs, 'benchmarks-scan.svg'), chart);
  }
}
