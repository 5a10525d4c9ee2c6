import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../../src/scan/pcre/expression.js';
import { readExpressionFlags } from '../../../src/scan/pcre/flags.js';
import { defaultExpressionLimits } from '../../../src/scan/pcre/limits.js';
import { bytesOf, expressionOf, found, limitedSteps } from './support.js';

const { flags: plain } = readExpressionFlags('');

describe('an expression', () => {
  it.each<readonly [string, string, string, string | undefined]>([
    ['b+?', '', 'abbb', 'b'],
    ['B+', 'i', 'abbb', 'bbb'],
    ['\\xE9', 'i', '\u00c9', undefined],
    ['a.b', '', 'a\nb', undefined],
    ['a.b', 's', 'a\nb', 'a\nb'],
    ['^b$', 'm', 'a\nb\nc', 'b'],
    ['^b$', '', 'b\n', 'b'],
    ['^b$', 'E', 'b\n', undefined],
    ['a b # c', 'x', 'ab', 'ab'],
    ['b', 'A', 'ab', undefined],
    ['a+', 'U', 'aaa', 'a'],
    ['a+?', 'U', 'aaa', 'aaa'],
    ['(?<q>[\'"]).*?(?P=q)', '', `x"it's"`, `"it's"`],
    ['(?P<a>x)\\k{a}\\g{-1}\\1', '', 'xxxx', 'xxxx'],
    ['(x)(?i)\\1', '', 'xX', 'xX'],
    ['(?<!a)b(?=c)', '', 'abc bc', 'b'],
    ['(?>a+)ab', '', 'aaab', undefined],
    ['a++b', '', 'aaab', 'aaab'],
    ['(<)?a(?(1)>)', '', '<a>', '<a>'],
    ['(?|(a)|(b))\\1', '', 'ab bb', 'bb'],
    ['foo\\Kbar', '', 'foobar', 'bar'],
    ['\\Qa.b\\E', '', 'axb a.b', 'a.b'],
    ['[[:upper:]]+\\h\\d', '', 'AB\t1', 'AB\t1'],
    ['\\x{41}\\101\\o{101}\\cA', '', 'AAA\x01', 'AAA\x01'],
    ['a\\Rb', '', 'a\r\nb', 'a\r\nb'],
    ['(?i:a)b(?-i)c', 'i', 'ABc', 'ABc'],
  ])('/%s/%s in %j finds %j', (source, flags, text, wanted) => {
    expect(found(source, flags, text)).toBe(wanted);
  });

  it('sees what stands before the place where a search begins', () => {
    expect(found('(?<=a)b|^b', '', 'ab', 1)).toBe('b');
    expect(found('\\bb', '', 'ab', 1)).toBeUndefined();
    expect(found('\\Gb', '', 'ab', 1)).toBe('b');
  });

  it('finds the empty match at the end, and nothing beyond', () => {
    const expression = expressionOf('x*');
    expect(expression.search(bytesOf('ab'), 2, limitedSteps(100))).toEqual({ kind: 'match', start: 2, end: 2 });
    expect(expression.search(bytesOf('ab'), 3, limitedSteps(100))).toEqual({ kind: 'none' });
  });

  it.each([
    ['(?R)', 'calls of groups'],
    ['(a)(?1)', 'calls of groups'],
    ['(*COMMIT)a', 'verbs'],
    ['\\p{Lu}', '"\\p" is not supported'],
    ['\\X', '"\\X" is not supported'],
    ['(?<=a+)b', 'no fixed length'],
    ['a**', 'cannot be repeated'],
    ['(a', '")" is missing'],
    ['a)', 'has no "("'],
    ['[a', '"]" is missing'],
    ['[z-a]', 'not from a byte to a greater one'],
    ['\\1', 'no group 1'],
    ['(?<n>a)(?<n>b)', 'two groups have the name n'],
    ['a{3,2}', 'out of range'],
    ['a{65536}', 'out of range'],
    ['\\x{100}', 'greater than one byte'],
    ['\u0100', 'greater than one byte'],
    ['a\\', 'at the end'],
  ])('says why %s is not supported', (source, reason) => {
    const result = compileExpression(source, plain);
    expect(result.kind === 'unsupported' && result.reason).toContain(reason);
  });

  it.each<readonly [string, (n: number) => string, Partial<typeof defaultExpressionLimits>, number]>([
    ['length', (n) => 'a'.repeat(n), { maxLength: 100 }, 100],
    ['depth', (n) => '(?:'.repeat(n) + ')'.repeat(n), { maxDepth: 50 }, 50],
    ['groups', (n) => '()'.repeat(n), { maxGroups: 50 }, 50],
  ])('is bounded in %s, exactly', (_, make, bounds, most) => {
    const limits = { ...defaultExpressionLimits, ...bounds };
    expect(compileExpression(make(most), plain, limits).kind).toBe('expression');
    expect(compileExpression(make(most + 1), plain, limits).kind).toBe('unsupported');
  });

  it('that counts out to millions of states is matched without them', () => {
    expect(found('(?:(?:ab{2}){1000}){1000}|abb', '', 'xabb')).toBe('abb');
  });

  it('gives the flags back that are not its own', () => {
    expect(readExpressionFlags('gsire')).toMatchObject({ others: 'gre', flags: { dotAll: true, ignoreCase: true, anchored: false } });
  });
});
