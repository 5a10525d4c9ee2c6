/** One result as lines for people: what it is, which subject, and below it why and what follows. */
import type { CheckResult } from '../../base/check-result.js';
import type { Disposition } from '../../base/verdict.js';
import type { Colours } from './colours.js';
import { noBreak, printable, wrapped } from './text.js';
import { reasonWords, remedySentence, sourceWords } from './words.js';

const column = 12;
const indent = ' '.repeat(column);

/** The lines. Names from outside are made harmless; lines other than the subject's own stay within the width. */
export function humanResult(result: CheckResult, io: { readonly colours: Colours; readonly width: number }): string[] {
  const { disposition } = result.verdict;
  const label = paint(disposition, io.colours)(disposition.padEnd(column));
  const facts = factsOf(result).map(inOnePiece).join(` ·${noBreak}`);
  return [`${label}${subjectName(result)}`, ...wrapped(facts, io.width, indent).map((line) => io.colours.quiet(line))];
}

/** A short fact is not parted at the end of a line. */
function inOnePiece(fact: string): string {
  return fact.length <= 40 ? fact.replaceAll(' ', noBreak) : fact;
}

/** What a person knows the subject by. */
export function subjectName(result: Pick<CheckResult, 'subject' | 'sha256'>): string {
  const { subject } = result;
  return printable(subject.label ?? subject.url ?? subject.locator?.ref ?? result.sha256 ?? '(no name)');
}

/** The colour of a disposition. */
export function paint(disposition: Disposition, colours: Colours): (text: string) => string {
  switch (disposition) {
    case 'malicious':
      return (text) => colours.strong(colours.bad(text));
    case 'suspicious':
    case 'unknown':
      return colours.doubtful;
    case 'clean':
      return colours.good;
  }
}

function factsOf(result: CheckResult): string[] {
  const { verdict, decision, pending, occasion } = result;
  const late = occasion === 'now' ? [] : [`${occasion} result`];
  const access = `access: ${decision.access}`;
  const remedy = remedySentence(result);
  const done = remedy === undefined ? [] : [printable(remedy)];
  if (verdict.disposition === 'unknown') {
    const flagged = pending.kind === 'queued' ? ['flagged for verification'] : [];
    return [reasonWords[verdict.reason ?? 'internal'], ...webFacts(verdict), ...late, ...flagged, access, ...done];
  }
  const names = verdict.threats.map((threat) => printable(threat.name));
  const threats = names.length === 0 ? [] : [names.join(', ')];
  const about = webFacts(verdict);
  const partly = verdict.reason === undefined ? [] : [`search cut short: ${reasonWords[verdict.reason]}`];
  return [...threats, ...about, printable(sourceWords(verdict)), ...late, ...partly, access, ...done];
}

/** What is known about a URL besides its threats: the rating, what it is filed under, and which part of it was meant. */
export function webFacts({ score, class: webClass, categories = [], expression }: CheckResult['verdict']): string[] {
  const rating = score === undefined ? [] : [webClass === undefined ? `score ${score}` : `score ${score} (${webClass.replace('-', ' ')})`];
  const filed = categories.length === 0 ? [] : [printable(`filed under ${categories.join(', ')}`)];
  return [...rating, ...filed, ...(expression === undefined ? [] : [printable(`listed as ${expression}`)])];
}
