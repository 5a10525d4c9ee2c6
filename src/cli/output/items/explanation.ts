/** The trace of one check in words: every layer that was consulted, what it said, and what follows. */
import type { CheckResult, TraceStep } from '../../../base/check-result.js';
import type { Json } from '../../../base/seams.js';
import type { Colours } from '../colours.js';
import { paint, subjectName, webFacts } from '../human-result.js';
import { printable, wrapped } from '../text.js';
import { reasonWords, sourceWords } from '../words.js';

const column = 10;
const indent = ' '.repeat(column + 2);

/** The lines, within the width but for the subject's own name. */
export function explanation(result: CheckResult, how: { readonly colours: Colours; readonly width: number }): string[] {
  const { colours, width } = how;
  const rows: (readonly [string, string])[] = [
    ...identityRows(result),
    ...result.trace.map((step) => [step.layer, `${stepWords(step)} (${timeWords(step.tookMs)})`] as const),
  ];
  const { disposition } = result.verdict;
  const lines = rows.flatMap(([name, text]) => row(name, text, width));
  const verdict = row('verdict', verdictWords(result), width).map((line) => paint(disposition, colours)(line));
  return [colours.strong(subjectName(result)), ...lines, ...verdict, ...row('decision', decisionWords(result), width)];
}

function row(name: string, text: string, width: number): string[] {
  const [first = '', ...rest] = wrapped(printable(text), width, indent);
  return [`  ${name.padEnd(column)}${first.slice(indent.length)}`, ...rest];
}

function identityRows(result: CheckResult): (readonly [string, string])[] {
  const canonical = result.canonical === undefined ? [] : [['canonical', result.canonical] as const];
  const digest = result.sha256 === undefined ? [] : [['sha256', result.sha256] as const];
  return [...canonical, ...digest];
}

/** One step: the layer's own answer, and the facts beside it. */
function stepWords(step: TraceStep): string {
  return [step.answer, ...factsOf(step.detail ?? null)].join('; ');
}

/** `{ covers: 7, state: 'fresh' }` as `covers 7, state fresh`; what is empty or zero says nothing. */
function factsOf(detail: Json): string[] {
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) {
    return detail === null ? [] : [plain(detail)];
  }
  return Object.entries(detail).flatMap(([name, value]) => {
    const text = plain(value);
    return text === '' || text === '0' ? [] : [`${wordsOf(name)} ${text}`];
  });
}

function plain(value: Json): string {
  if (typeof value === 'number') {
    return Number.isInteger(value) ? String(value) : value.toFixed(1);
  }
  if (typeof value === 'string') {
    return value;
  }
  return Array.isArray(value) ? value.map((one) => plain(one as Json)).join(' and ') : JSON.stringify(value);
}

/** `newestGeneration` as `newest generation`. */
function wordsOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function verdictWords(result: CheckResult): string {
  const { verdict } = result;
  if (verdict.disposition === 'unknown') {
    return `unknown: ${reasonWords[verdict.reason ?? 'internal']}`;
  }
  const names = verdict.threats.map((threat) => `${threat.name} (${threat.type})`).join(', ');
  const facts = webFacts(verdict).map((fact) => `, ${fact}`).join('');
  return `${verdict.disposition}${names === '' ? '' : `: ${names}`}${facts}, ${sourceWords(verdict)}${generationWords(result)}`;
}

function generationWords(result: CheckResult): string {
  const known = Object.entries(result.verdict.generations).map(([name, generation]) => `${name} ${String(generation)}`);
  return known.length === 0 ? '' : `; generations: ${known.join(', ')}`;
}

function decisionWords(result: CheckResult): string {
  const { access, remedy } = result.decision;
  return `access ${access}, ${remedy === 'none' ? 'no remedy' : `remedy ${remedy} (not carried out here)`}`;
}

function timeWords(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toFixed(1)} ms`;
}
