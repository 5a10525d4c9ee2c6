/** One definition as a table: the baseline by name, the others as times the baseline. */
import type { DefinitionResult, EngineResult } from '../measure/result.js';
import { alignColumns, wrap } from './columns.js';
import { formatBytes, formatDuration, formatRate, formatRatio, threeDigits } from './numbers.js';

/** Hosts name their parts; the columns beside have to fit into the line. */
const maxLabel = 30;

type Measured = Extract<EngineResult, { kind: 'measured' }>;

/** Title, header, a row for each measured engine, then a line for each other one. */
export function tableOf(result: DefinitionResult): string {
  const measured = result.engines.filter((engine) => engine.kind === 'measured');
  const rows = measured.map((engine) => rowOf(engine, result));
  return [
    ...wrap(`${result.name}: ${result.title}`),
    ...(rows.length === 0 ? [] : alignColumns([headerOf(result), ...rows])),
    ...result.engines.flatMap((engine) => (engine.kind === 'measured' ? [] : notMeasured(engine))),
    '',
  ].join('\n');
}

function headerOf({ unit, clock, keys }: DefinitionResult): string[] {
  const rate = `${unit.name}/${clock === 'cpu' ? 'CPU s' : 's'}`;
  return ['engine', rate, '× baseline', 'low–high', 'over', 'set-up', keys === undefined ? 'memory' : 'B/key'];
}

function rowOf(engine: Measured, { baseline, keys, unit }: DefinitionResult): string[] {
  const ratio = engine.engine === baseline ? undefined : engine.ratio;
  return [
    engine.engine === baseline ? `${labelOf(engine)}, baseline` : labelOf(engine),
    formatRate(engine.perSecond.median),
    engine.engine === baseline ? '1' : ratio === undefined ? '–' : formatRatio(ratio.median),
    ratio === undefined ? '' : `${formatRatio(ratio.low)}–${formatRatio(ratio.high)}`,
    unit.per === 1 ? engine.amount.toLocaleString('en') : formatBytes(engine.amount),
    formatDuration(engine.setUpMs),
    keys === undefined ? formatBytes(engine.memoryBytes) : threeDigits(engine.memoryBytes / keys),
  ];
}

function notMeasured(engine: Exclude<EngineResult, Measured>): string[] {
  switch (engine.kind) {
    case 'wrong':
      return [`  ${labelOf(engine)}: WRONG, not timed`, ...wrap(`expected ${engine.expected}`, '    '), ...wrap(`got      ${engine.got}`, '    ')];
    case 'skipped':
      return wrap(`${labelOf(engine)}: skipped, ${engine.reason}`, '  ');
    case 'failed':
      return wrap(`${labelOf(engine)}: FAILED, not timed: ${engine.reason}`, '  ');
  }
}

function labelOf({ engine, version }: EngineResult): string {
  return shorten(version === undefined ? engine : `${engine} ${version}`, maxLabel);
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
