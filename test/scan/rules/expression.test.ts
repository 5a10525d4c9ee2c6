/** Logical expressions: what clamscan 1.4.6 said about each, by how often the parts matched. */
import { describe, expect, it } from 'vitest';
import { parseExpression } from '../../../src/compile/readers/logical/expression.js';
import type { LogicalExpression } from '../../../src/pattern/signature.js';
import { costOf, largestCount, mayHold, tell } from '../../../src/scan/rules/expressions/expression.js';

function expressionOf(text: string): LogicalExpression {
  const parsed = parseExpression(text);
  if (parsed.kind !== 'ok') {
    throw new TypeError(`${text}: ${parsed.reason}`);
  }
  return parsed.expression;
}

const counted = (matches: string) => (part: number): number => [...matches].filter((letter) => letter === 'ABCD'[part]).length;
const holds = (text: string, matches: string): boolean => tell(expressionOf(text), counted(matches)).holds;

/** Matches: a letter for each match of part A, B, C or D. */
const rows: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['0&1', ['AB', 'AAB', 'ABC'], ['', 'A', 'B', 'CC']],
  ['0=0', ['', 'B'], ['A', 'AA']],
  ['0>1', ['AA', 'AAB'], ['A', '']],
  ['0<2', ['', 'A', 'B'], ['AA']],
  ['0&1|2', ['AB', 'ACD'], ['A', 'CC', 'C']],
  ['0|1&2', ['A', 'AA', 'BC'], ['B', 'CC']],
  ['0>1,2', ['AA', 'AAA'], ['A']],
  ['(0|1)=2', ['AA', 'AB'], ['A', 'AAB', 'AABB']],
  ['(0|1)=2,2', ['AB'], ['AA', 'A']],
  ['(0|1)>2,2', ['AAB', 'ABB', 'AABB'], ['AAA', 'AB']],
  ['(0|1)<3,2', ['AB'], ['', 'A', 'AA', 'AAB']],
  ['(0|1)<3,1', ['A', 'B', 'AA', 'AB'], ['', 'CC', 'AAB']],
  ['(0&1)=0', ['', 'A', 'AA', 'CC'], ['AB']],
  ['(0&1)=1', [], ['A', 'AB']],
  ['(0&1)<3', ['', 'A', 'AB', 'AAAA'], ['AAB']],
  ['((0|1)&2)>2', ['ABC'], ['AAB', 'ACD']],
  ['((0&1)|2)=1', ['ACD'], ['AB', 'ABC']],
  ['((0&1)|2)=2', ['AB', 'CC'], ['ABC', 'AC']],
  ['(0|(1&2))=2', ['AA', 'AAB'], ['ABC', 'A']],
  ['((0=2)|1)=2', ['AA', 'ABB'], ['AB', 'AABB', 'AAB']],
  ['((0=0)|1)=0', ['', 'A', 'C'], ['B', 'AB']],
  ['(0=0|2)=1,2', ['C', 'BC'], ['', 'A', 'AC', 'CC']],
  ['(0<2|1<2|2)=1,3', ['C'], ['A', 'AC', 'CC']],
  ['((0|1)=0|2)=1,1', ['C', 'AC', 'ABC'], ['', 'A', 'CC']],
  ['((0|1)>0|2)>0,2', [], ['AC', 'C', 'AB']],
  ['((0|1)>0|2)=2', ['AC', 'BC', 'AB', 'CC'], ['ABC', 'A']],
];

describe('a logical expression', () => {
  it.each(rows)('%s holds for %j, not for %j', (text, holding, failing) => {
    expect([holding.filter((one) => !holds(text, one)), failing.filter((one) => holds(text, one))]).toEqual([[], []]);
  });

  it('may hold when undecided parts could make it, and never says no to what will', () => {
    for (const [text, holding] of rows) {
      for (const matches of holding) {
        for (let hidden = 0; hidden < 16; hidden++) {
          const countOf = (part: number): number | undefined => ((hidden >> part) & 1 ? undefined : counted(matches)(part));
          expect([text, matches, hidden, mayHold(expressionOf(text), countOf)]).toEqual([text, matches, hidden, true]);
        }
      }
    }
  });

  it('may not hold when what is decided keeps it from that', () => {
    expect(mayHold(expressionOf('0&1&2'), (part) => (part === 2 ? undefined : part))).toBe(false);
    expect(mayHold(expressionOf('0|1'), () => 0)).toBe(false);
    expect(mayHold(expressionOf('(0|1)>3'), () => 1)).toBe(false);
  });

  it('costs what its terms cost, and the parts that are put together in blocks', () => {
    expect(costOf(expressionOf('0&1&2'), 3)).toBe(4);
    expect(costOf(expressionOf('(0|1)>3'), 2)).toBe(4);
    expect(costOf(expressionOf('(0|1)&(2|3)'), 4)).toBe(15);
  });

  it('says how far counting matters', () => {
    expect(largestCount(expressionOf('0&(1|2)>5,2&3=7'))).toBe(7);
    expect(largestCount(expressionOf('0&1'))).toBe(0);
  });
});
