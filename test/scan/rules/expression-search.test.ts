/** Where and how often a PCRE subsignature matches, as clamscan 1.4.6 counts. */
import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../../src/base/bytes.js';
import { compileExpression } from '../../../src/scan/pcre/expression.js';
import { readExpressionFlags } from '../../../src/scan/pcre/flags.js';
import { countMatches } from '../../../src/scan/rules/expressions/expression-search.js';

const endless = { spend: () => true };

function count(content: string, source: string, flags: string, placement?: { lo: number; hi: number }): number | 'budget' {
  const compiled = compileExpression(source, readExpressionFlags(flags).flags);
  if (compiled.kind !== 'expression') {
    throw new TypeError(compiled.reason);
  }
  const place = { isRolling: flags.includes('r'), isConfined: flags.includes('e'), all: flags.includes('g'), maxCount: 100, counter: endless };
  return countMatches(compiled.expression, fromLatin1(content), { ...place, ...(placement === undefined ? {} : { placement }) });
}

const at = (lo: number, shift = 0): { lo: number; hi: number } => ({ lo, hi: lo + shift });

describe('an expression in a content', () => {
  it.each<[string, string, string, { lo: number; hi: number } | undefined, number]>([
    ['..ab1ab1', 'ab1', '', undefined, 1],
    ['..ab1ab1', 'ab1', 'g', undefined, 2],
    ['..aaaa', 'aa', 'g', undefined, 2],
    ['..ababa', 'aba', 'g', undefined, 1],
    ['..aaaa', 'a+?', 'g', undefined, 4],
    ['..aaaa', '^aa', 'g', undefined, 0],
    ['..aaa', 'b*', 'g', undefined, 6],
    ['..ab1ab1ab1', 'ab1', '', at(2), 1],
    ['..ab1ab1ab1', 'ab1', 'g', at(2), 3],
    ['...ab1ab1', 'ab1', '', at(2), 0],
    ['...ab1ab1', 'ab1', 'r', at(2), 1],
    ['...ab1ab1', 'ab1', 'gr', at(2), 2],
    ['...ab1', 'ab1', 'e', at(2), 0],
    ['..ab1ab1ab1', 'ab1', 'g', at(2, 3), 2],
    ['..ab1ab1ab1', 'ab1', 'ge', at(2, 3), 1],
    ['..ab1ab1ab1', 'ab1', 'ge', at(2, 6), 2],
    ['.....ab1', 'ab1', '', at(0, 4), 0],
    ['.....ab1', 'ab1', '', at(0, 5), 1],
    ['.....ab1', 'ab1', 'e', at(0, 7), 0],
    ['..\0\0', '^\\x00', '', at(2, 2), 1],
    ['..ab1', '(?<=\\.)ab1', '', at(2), 0],
    ['..ab1', '(?<=\\.)ab1', '', undefined, 1],
    ['..\0\0', '^\\x00', 'e', at(2, 2), 1],
    ['..\0\0', '^\\x00', 're', at(2), 1],
    ['..\0\0', '^\\x00', 'r', at(2), 1],
    ['ab1ab1', 'ab1', 'ge', at(0, 5), 1],
    ['..ab1', 'ab1', '', at(90), 0],
  ])('%j /%s/%s at %j: %i', (content, source, flags, placement, expected) => {
    expect(count(content, source, flags, placement)).toBe(expected);
  });

  it('is given up when the steps are used up', () => {
    let left = 10;
    const counter = { spend: (steps: number) => (left -= steps) >= 0 };
    const compiled = compileExpression('(x+x+)+\\1y', readExpressionFlags('').flags);
    const found = compiled.kind === 'expression' && countMatches(compiled.expression, fromLatin1(`${'x'.repeat(500)}zy`), { isRolling: false, isConfined: false, all: true, maxCount: 9, counter });
    expect(found).toBe('budget');
  });
});
