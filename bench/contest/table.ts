/** One set of signatures as a table: a line of rates for each engine, and under it a line of ratios to Vectorscan. */
import type { Content } from '../haystacks/corpus/corpus.js';
import { contents } from '../haystacks/corpus/corpus.js';
import { alignColumns, wrap } from '../report/columns.js';
import { formatBytes, formatDuration, formatRatio, threeDigits } from '../report/numbers.js';
import type { ContestResult, ContestantResult } from './result.js';

type Measured = Extract<ContestantResult, { kind: 'measured' }>;

/** Title, header, the rows of each measured engine, then a line for each other one. */
export function contestTable({ set, engines }: ContestResult): string {
  const measured = engines.filter((engine) => engine.kind === 'measured');
  const shown = contents.filter((content) => measured.some((engine) => engine.contents[content] !== undefined));
  const found = [...new Set(measured.flatMap((engine) => engine.contents.mixed?.signatures ?? []))];
  return [
    `${set.count.toLocaleString('en')} signatures, ${set.wildcards ? '17 % of them with wildcards' : 'literals of 8 to 64 bytes'}`,
    ...alignColumns([['engine', ...shown, 'set-up', 'over'], ...measured.flatMap((engine) => rowsOf(engine, shown))]),
    ...engines.flatMap((engine) => (engine.kind === 'measured' ? [] : notMeasured(engine))),
    ...(found.length === 0 ? [] : [`  found in the mixture: ${found.join(' or ')} signatures (fewer where only a part of it was scanned)`]),
    '',
  ].join('\n');
}

function rowsOf(engine: Measured, shown: readonly Content[]): string[][] {
  const label = engine.version === undefined ? engine.engine : `${engine.engine} ${engine.version}`;
  const rates = shown.map((content) => (engine.contents[content] === undefined ? '' : threeDigits(engine.contents[content].rate.median)));
  const ratios = shown.map((content) => (engine.contents[content]?.ratio === undefined ? '' : formatRatio(engine.contents[content].ratio.median)));
  const amount = shown[0] === undefined ? undefined : engine.contents[shown[0]]?.bytes;
  const rows = [[label, ...rates, formatDuration(engine.setUpMs), amount === undefined ? '' : formatBytes(amount)]];
  return ratios.every((ratio) => ratio === '') ? rows : [...rows, ['  ×', ...ratios, '', '']];
}

function notMeasured(engine: Exclude<ContestantResult, Measured>): string[] {
  switch (engine.kind) {
    case 'wrong':
      return wrap(
        `${engine.engine}: WRONG on ${engine.content}, not timed: ${engine.missing.length} signatures missing (${some(engine.missing)}), ` +
          `${engine.extra.length} too many (${some(engine.extra)})`,
        '  ',
      );
    case 'skipped':
      return wrap(`${engine.engine}: skipped, ${engine.reason}`, '  ');
    case 'failed':
      return wrap(`${engine.engine}: FAILED, not timed: ${engine.reason}`, '  ');
  }
}

function some(indices: readonly number[]): string {
  return indices.length === 0 ? '–' : indices.slice(0, 5).join(' ') + (indices.length > 5 ? ' …' : '');
}
