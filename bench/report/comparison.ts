/**
 * Two records side by side. What is compared are ratios to the baseline of the same run: they survive a change of
 * machine better than times do.
 */
import type { DefinitionResult, EngineResult } from '../measure/result.js';
import { alignColumns } from './columns.js';
import { formatRate, formatRatio, threeDigits } from './numbers.js';
import type { BenchRecord } from './record.js';

/** The comparison as text: A, B, and B/A of the ratios and, for the baselines, of the bare rates. */
export function comparisonOf(a: BenchRecord, b: BenchRecord): string {
  const lines = [`A  ${aboutOf(a)}`, `B  ${aboutOf(b)}`, ...warnings(a, b), ''];
  for (const definition of a.definitions) {
    const other = b.definitions.find(({ name }) => name === definition.name);
    lines.push(...(other === undefined ? [`${definition.name}: only in A`, ''] : tableOf(definition, other)));
  }
  for (const { name } of b.definitions) {
    if (!a.definitions.some((definition) => definition.name === name)) {
      lines.push(`${name}: only in B`, '');
    }
  }
  return lines.join('\n');
}

function tableOf(a: DefinitionResult, b: DefinitionResult): string[] {
  const names = [...new Set([...a.engines, ...b.engines].map(({ engine }) => engine))];
  const rows = names.map((name) => rowOf(name, { a, b }));
  return [`${a.name}: × ${a.baseline}`, ...alignColumns([['engine', 'A', 'B', 'B/A', 'rate A', 'rate B'], ...rows]), ''];
}

function rowOf(name: string, { a, b }: { readonly a: DefinitionResult; readonly b: DefinitionResult }): string[] {
  const [inA, inB] = [measuredIn(a, name), measuredIn(b, name)];
  const [ratioA, ratioB] = [inA?.ratio?.median, inB?.ratio?.median];
  const isBaseline = name === a.baseline;
  return [
    isBaseline ? `${name}, baseline` : name,
    ratioA === undefined ? stateIn(a, name) : formatRatio(ratioA),
    ratioB === undefined ? stateIn(b, name) : formatRatio(ratioB),
    isBaseline || ratioA === undefined || ratioB === undefined ? '' : threeDigits(ratioB / ratioA),
    inA === undefined ? '' : formatRate(inA.perSecond.median),
    inB === undefined ? '' : formatRate(inB.perSecond.median),
  ];
}

function measuredIn({ engines }: DefinitionResult, name: string): Extract<EngineResult, { kind: 'measured' }> | undefined {
  const engine = engines.find((one) => one.engine === name);
  return engine?.kind === 'measured' ? engine : undefined;
}

function stateIn({ engines }: DefinitionResult, name: string): string {
  return engines.find((one) => one.engine === name)?.kind ?? '–';
}

function aboutOf({ at, commit, machine, versions, note }: BenchRecord): string {
  const about = `${at.slice(0, 10)} ${commit}, ${machine.cpu} × ${machine.cores}, Node ${versions['node'] ?? 'unknown'}`;
  return note === undefined ? about : `${about}\n   ${note}`;
}

function warnings(a: BenchRecord, b: BenchRecord): string[] {
  const isOtherMachine = a.machine.cpu !== b.machine.cpu || a.machine.cores !== b.machine.cores;
  const isOtherHaystack = a.haystack?.sha256 !== b.haystack?.sha256;
  return [
    ...(isOtherMachine ? ['!  other machines: rates cannot be compared, ratios with care'] : []),
    ...(isOtherHaystack ? ['!  other haystacks: the scan rows are not of the same content'] : []),
    ...(a.quick === true || b.quick === true ? ['!  quick runs: times mean nothing'] : []),
  ];
}
