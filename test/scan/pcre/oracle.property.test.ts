import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../../src/scan/pcre/expression.js';
import type { SearchResult } from '../../../src/scan/pcre/expression.js';
import { readExpressionFlags } from '../../../src/scan/pcre/flags.js';
import { defaultExpressionLimits } from '../../../src/scan/pcre/limits.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { ExpressionGenerator } from '../../support/expression-generator.js';
import type { OracleAnswer, OracleQuestion } from '../../support/pcre-oracle.js';
import { askPcre, hasPcreOracle } from '../../support/pcre-oracle.js';
import { bytesOf, limitedSteps } from './support.js';

const rounds = Number(process.env['FUZZ_RUNS'] ?? 100) * 5;
const seed = Number(process.env['FUZZ_SEED'] ?? 20261);
/** Without the automaton: the backtracking matcher alone. */
const backtrackOnly = { ...defaultExpressionLimits, maxStates: 0 };

function questions(count: number): OracleQuestion[] {
  const random = createSeededRandom(seed);
  const generator = new ExpressionGenerator(random);
  return Array.from({ length: count }, () => {
    const subjects = Array.from({ length: 8 }, () => generator.subject());
    const from = random() < 0.15 ? Math.min(2, ...subjects.map((subject) => subject.length)) : 0;
    return { source: generator.expression(), flags: generator.flags(), subjects, from };
  });
}

/** What our search says, in the oracle's words; `budget` where it gave up. */
function said(result: SearchResult): readonly [number, number] | 'budget' | null {
  if (result.kind === 'match') {
    return [result.start, result.end];
  }
  return result.kind === 'none' ? null : 'budget';
}

function differences(asked: readonly OracleQuestion[], answers: readonly OracleAnswer[], limits = defaultExpressionLimits): string[] {
  return asked.flatMap((question, index) => {
    const answer = answers[index]!;
    const compiled = compileExpression(question.source, readExpressionFlags(question.flags).flags, limits);
    const name = `/${question.source}/${question.flags}`;
    if (answer.kind === 'refused' || compiled.kind === 'unsupported') {
      return (answer.kind === 'refused') === (compiled.kind === 'unsupported') ? [] : [`${name} is ${answer.kind} and ${compiled.kind}`];
    }
    return question.subjects.flatMap((subject, at) => {
      const ours = said(compiled.expression.search(bytesOf(subject), question.from, limitedSteps(2_000_000)));
      const theirs = answer.results[at]!;
      const gaveUp = ours === 'budget' || typeof theirs === 'number';
      return gaveUp || JSON.stringify(ours) === JSON.stringify(theirs) ? [] : [`${name} in ${JSON.stringify(subject)}: ${JSON.stringify(theirs)}, not ${JSON.stringify(ours)}`];
    });
  });
}

describe.skipIf(!hasPcreOracle())(`expressions against PCRE2 (skipped where its library is not installed; seed ${seed})`, () => {
  const asked = questions(rounds);

  it('find the same first match, by whichever engine, and refuse the same expressions', () => {
    const answers = askPcre(asked);
    expect(differences(asked, answers)).toEqual([]);
    expect(differences(asked, answers, backtrackOnly)).toEqual([]);
  }, 600_000);

  it('would not, if greediness were turned around (sabotage of this test)', () => {
    const turned = asked.map((question) => ({ ...question, flags: question.flags.includes('U') ? question.flags.replace('U', '') : `${question.flags}U` }));
    expect(differences(asked, askPcre(turned)).length).toBeGreaterThan(10);
  }, 600_000);
});
