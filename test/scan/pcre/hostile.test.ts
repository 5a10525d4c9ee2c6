import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../../src/scan/pcre/expression.js';
import { readExpressionFlags } from '../../../src/scan/pcre/flags.js';
import { defaultExpressionLimits, searchSteps } from '../../../src/scan/pcre/limits.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { sharedPath } from '../../shared.js';
import { fitExponent } from '../../support/complexity.js';
import { ExpressionSampler, filled } from '../../support/expression-samples.js';
import { bytesOf, expressionOf, limitedSteps } from './support.js';

interface Corpus {
  readonly vectors: readonly { readonly signature: string; readonly pattern: string; readonly flags: string }[];
}

interface Attacks {
  readonly cases: readonly { readonly pattern: string; readonly subject: string }[];
}

function read<Shape>(path: string | undefined, empty: Shape): Shape {
  return path === undefined ? empty : (JSON.parse(readFileSync(path, 'utf8')) as Shape);
}

const corpus = read<Corpus>(sharedPath('data/clamav-unit/pcre-corpus.json'), { vectors: [] });
const attacks = read<Attacks>(sharedPath('data/attacks/redos.json'), { cases: [] });
const every = Number(process.env['FUZZ_RUNS'] ?? 100) > 1000 ? 1 : 20;

/** `a*40+!` means forty of them and then the rest. */
function subjectOf(recipe: string): string {
  const [, character = '', count = '0', rest = ''] = /^(.)\*(\d+)\+?(.*)$/s.exec(recipe) ?? [];
  return character.repeat(Number(count)) + rest;
}

/** Steps that a search takes, without a bound that matters. */
function stepsOf(source: string, flags: string, subject: Uint8Array): number {
  const counter = limitedSteps(2 ** 40);
  expressionOf(source, flags).search(subject, 0, counter);
  return counter.used;
}

function exponent(source: string, make: (size: number) => Uint8Array, least = 4096): number {
  return fitExponent([least, least * 2, least * 4, least * 8].map((size) => ({ size, cost: stepsOf(source, '', make(size)) })));
}

describe('a hostile subject', () => {
  it.skipIf(attacks.cases.length === 0).each(attacks.cases.map(({ pattern, subject }) => [pattern, subject]))(
    'does not hold /%s/ up in %s (skipped without the shared data)',
    (pattern, subject) => {
      const counter = limitedSteps(searchSteps(64));
      expect(['none', 'match', 'budget']).toContain(expressionOf(pattern).search(bytesOf(subjectOf(subject)), 0, counter).kind);
      expect(counter.used).toBeLessThan(searchSteps(64) + 10_000);
    },
  );

  it.each([
    ['(a+)+$', (size: number) => filled(size, () => [0x61])],
    ['(a|aa)+$', (size: number) => filled(size, () => [0x61, 0x61, 0x61, 0x62])],
    ['(.*)*x', (size: number) => filled(size, () => [0x61])],
    ['(?:.*a){20}z', (size: number) => filled(size, () => [0x61])],
    ['x[^y]*?y\\s*z', (size: number) => filled(size, () => [0x78, 0x79])],
    ['(?=(a+))a*b\\1c', (size: number) => filled(size, () => [0x61])],
    ['a{0,300}b', (size: number) => filled(size, () => [0x61, 0x61, 0x62, 0x62].slice(0, 2))],
    ['\\s*+(\\w)\\1(?!x)=', (size: number) => filled(size, () => [0x20])],
  ])('costs /%s/ no more than in proportion', (source, make) => {
    expect(exponent(source, make)).toBeLessThanOrEqual(1.6);
  });

  it('that costs more is seen to, and is ended (sabotage of this test)', () => {
    // The automaton finds a match that the look denies, so every start is tried up to the end.
    const denied = (size: number): Uint8Array => filled(size, () => [...new Array<number>(size - 2).fill(0x61), 0x63, 0x0a]);
    expect(exponent('a[^b]*c(?!\\n)', denied, 256)).toBeGreaterThan(1.6);
    expect(expressionOf('a[^b]*c(?!\\n)').search(denied(2 ** 16), 0, limitedSteps(searchSteps(2 ** 16)))).toEqual({ kind: 'budget' });
  });

  it('ends a search at its last step, as a result of its own kind', () => {
    const expression = expressionOf('(?!b)(a|aa)+\\1$');
    const subject = bytesOf(`${'a'.repeat(60)}!`);
    const counter = limitedSteps(100_000);
    expect(expression.search(bytesOf(`${'a'.repeat(60)}b${'a'.repeat(60)}!aa`), 0, limitedSteps(Number.POSITIVE_INFINITY)).kind).toBe('match');
    expect(['none', 'budget']).toContain(expression.search(subject, 0, counter).kind);
    expect(counter.used).toBeLessThan(110_000);
  });

  it('cannot make the matcher remember more places than allowed', () => {
    const { flags } = readExpressionFlags('s');
    const compiled = compileExpression('(?:(a|b)|c)+(?!x)\\1!', flags, { ...defaultExpressionLimits, maxFrames: 1000 });
    const subject = bytesOf(`${'abc'.repeat(5000)}b!`);
    expect(compiled.kind === 'expression' && compiled.expression.search(subject, 0, limitedSteps(1e9)).kind).toBe('budget');
    expect(expressionOf('(?:(a|b)|c)+(?!x)\\1!', 's').search(bytesOf('abcbb!'), 0, limitedSteps(1e6)).kind).toBe('match');
  });
});

describe.skipIf(corpus.vectors.length === 0)('the expressions of real signature sets (skipped without the shared data)', () => {
  it('are all supported', () => {
    const refused = corpus.vectors.flatMap(({ signature, pattern, flags }) => {
      const result = compileExpression(pattern, readExpressionFlags(flags).flags);
      return result.kind === 'unsupported' ? [`${signature}: ${result.reason}`] : [];
    });
    expect(refused).toEqual([]);
  }, 60_000);

  it('find an end in texts made to nearly match, within the steps that are allowed', () => {
    const size = 65_536;
    const late = corpus.vectors.flatMap(({ signature, pattern, flags: letters }, index) => {
      if (index % every !== 0) {
        return [];
      }
      const { flags } = readExpressionFlags(letters);
      const sampler = new ExpressionSampler(pattern, flags, createSeededRandom(index));
      const counter = limitedSteps(searchSteps(size));
      expressionOf(pattern, letters).search(filled(size, () => sampler.nearMiss()), 0, counter);
      // What is worked out in one go may pass the bound once.
      return counter.used > searchSteps(size) + 50_000 ? [`${signature}: ${counter.used}`] : [];
    });
    expect(late).toEqual([]);
  }, 600_000);
});
