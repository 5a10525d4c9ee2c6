/** The record of a scan contest as the tables of docs/benchmarks.md. */
import type { Content } from '../haystacks/corpus/corpus.js';
import { kinds } from '../haystacks/corpus/corpus.js';
import type { ContestRecord } from '../contest/record.js';
import type { ContentResult, ContestResult, ContestantResult } from '../contest/result.js';
import { reference } from '../contest/result.js';
import { formatBytes, formatRatio, threeDigits } from '../report/numbers.js';
import { markdownTable } from './markdown.js';

const ours = 'vedette (WASM)';

/** All tables, with what was measured and where. */
export function scanPart(record: ContestRecord): string {
  const literals = record.sets.filter(({ set }) => !set.wildcards);
  const wildcards = record.sets.filter(({ set }) => set.wildcards);
  return [
    aboutOf(record),
    '### Literals, mixed corpus\n',
    mixtureTable(literals),
    ...(wildcards.length === 0 ? [] : ['### The same with 17 % wildcard signatures\n', mixtureTable(wildcards)]),
    ...(literals.length === 0 ? [] : [`### ${ours} over the others, mixed corpus\n`, leadTable(literals, wildcards)]),
    '### vedette by content, times Vectorscan\n',
    contentTable(record.sets),
    notMeasuredOf(record.sets),
  ].join('\n');
}

function aboutOf({ at, commit, machine, versions, note }: ContestRecord): string {
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const where = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.os} ${machine.arch}`;
  return `Measured on ${at.slice(0, 10)} at commit ${commit} on ${where}: ${used.join(', ')}.${note === undefined ? '' : ` ${note}`}\n`;
}

function mixtureTable(sets: readonly ContestResult[]): string {
  const names = [...new Set(sets.flatMap(({ engines }) => engines.map(({ engine }) => engine)))];
  const rows = names.map((name) => {
    const results = sets.map(({ engines }) => resultFor(engines, { name, content: 'mixed' }));
    return [
      labelOf(name, sets),
      ...results.map((result) => (result === undefined ? '–' : threeDigits(result.rate.median))),
      ...results.map((result) => (result?.ratio === undefined ? '' : formatRatio(result.ratio.median))),
    ];
  });
  const sizes = sets.map(({ set }) => `${set.count.toLocaleString('en')}`);
  return markdownTable(['MB per CPU second', ...sizes, ...sizes.map((size) => `× at ${size}`)], rows);
}

/** How many times as fast it is; the last row has its own rate with wildcards, over that without. */
function leadTable(literals: readonly ContestResult[], wildcards: readonly ContestResult[]): string {
  const rateIn = (sets: readonly ContestResult[], name: string, count: number): number | undefined => {
    const engines = sets.find(({ set }) => set.count === count)?.engines ?? [];
    return resultFor(engines, { name, content: 'mixed' })?.rate.median;
  };
  const counts = literals.map(({ set }) => set.count);
  const quotient = (own: number | undefined, other: number | undefined): string => (own === undefined || other === undefined ? '–' : formatRatio(own / other));
  const names = literals[0]!.engines.map(({ engine }) => engine).filter((name) => ![ours, reference, 'memory floor'].includes(name));
  const rows = names.map((name) => [`over ${name}`, ...counts.map((count) => quotient(rateIn(literals, ours, count), rateIn(literals, name, count)))]);
  const opened = ['with 17 % wildcards, over literals', ...counts.map((count) => quotient(rateIn(wildcards, ours, count), rateIn(literals, ours, count)))];
  return markdownTable([ours, ...counts.map((count) => count.toLocaleString('en'))], [...rows, opened]);
}

function contentTable(sets: readonly ContestResult[]): string {
  const rows = sets.flatMap(({ set, engines }) => {
    const ours = engines.filter((engine) => engine.kind === 'measured' && engine.engine.startsWith('vedette'));
    const about = `${set.count.toLocaleString('en')} ${set.wildcards ? 'with wildcards' : 'literals'}`;
    return ours.map((engine) => [
      `${about}, ${engine.engine.replace(/^vedette \((.*)\)$/, '$1')}`,
      ...kinds.map((content) => {
        const ratio = resultFor(engines, { name: engine.engine, content })?.ratio;
        return ratio === undefined ? '' : formatRatio(ratio.median);
      }),
    ]);
  });
  return markdownTable(['', ...kinds], rows);
}

function notMeasuredOf(sets: readonly ContestResult[]): string {
  const reasons = new Map<string, string[]>();
  for (const { set, engines } of sets) {
    for (const engine of engines.filter((one) => one.kind === 'skipped')) {
      const line = `${engine.engine}: ${engine.kind === 'skipped' ? engine.reason : ''}`;
      reasons.set(line, [...(reasons.get(line) ?? []), `${set.count.toLocaleString('en')}${set.wildcards ? ' with wildcards' : ''}`]);
    }
  }
  return reasons.size === 0 ? '' : `Not measured: ${[...reasons].map(([line, where]) => `${line} (${where.join('; ')})`).join('. ')}.\n`;
}

function resultFor(engines: readonly ContestantResult[], { name, content }: { readonly name: string; readonly content: Content }): ContentResult | undefined {
  const engine = engines.find((one) => one.engine === name);
  return engine?.kind === 'measured' ? engine.contents[content] : undefined;
}

/** With the smallest amount that it was measured on, where that is not all of the mixture. */
function labelOf(name: string, sets: readonly ContestResult[]): string {
  const found = sets.flatMap(({ engines }) => engines.filter(({ engine }) => engine === name));
  const version = found.find((engine) => engine.version !== undefined)?.version;
  const bytes = sets.flatMap(({ engines }) => resultFor(engines, { name, content: 'mixed' })?.bytes ?? []);
  const [least, most] = [Math.min(...bytes), Math.max(...bytes)];
  const over = bytes.length === 0 || least === most ? '' : ` (over ${formatBytes(least)} to ${formatBytes(most)})`;
  return `${name}${version === undefined ? '' : ` ${version}`}${over}`;
}
