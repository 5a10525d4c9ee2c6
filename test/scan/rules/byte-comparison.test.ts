/** Numbers in contents, as clamscan 1.4.6 read them. */
import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../../src/base/bytes.js';
import { parseComparison } from '../../../src/compile/readers/logical/byte-comparison.js';
import type { ByteComparison } from '../../../src/pattern/signature.js';
import { comparesTrue, numberIn } from '../../../src/scan/rules/byte-comparison.js';

function comparisonOf(options: string, conditions = '>0'): ByteComparison {
  const parsed = parseComparison(`0(>>0#${options}#${conditions})`);
  if (parsed.kind !== 'ok') {
    throw new TypeError(parsed.reason);
  }
  return parsed.part;
}

const rows: readonly (readonly [string, string, bigint | undefined])[] = [
  ['hb4', '0x10', 16n], ['hb4', '10..', 16n], ['hb4', ' 10 ', 16n], ['hb4', '1 0 ', 1n], ['hb4', '+010', 16n], ['hb4', '-010', -16n], ['hb4', 'g010', 0n], ['hb4', '0xg.', 0n],
  ['hbe4', '0x10', 16n], ['hbe4', '0010', 16n], ['hbe4', ' 10 ', undefined], ['hbe4', '10..', undefined], ['hbe4', 'g010', undefined],
  ['hb8', '\t\n12zzzz', 0x12n], ['hb8', '12345678', 0x12345678n],
  ['hl4', '0010', 0x1000n], ['hl4', '1234', 0x3412n], ['hl4', '12g4', 0x12n], ['hl4', '0x12', 0x12n], ['hl4', ' 123', 0x2301n], ['hl3', 'abC', 0xbc0an], ['hl8', '0x1234zz', 0x3412n], ['hl4', '+10z', 0n],
  ['hle4', '0x10', undefined], ['hle4', '10..', 0x10n], ['hle4', 'abCD', 0xcdabn], ['hle4', ' 123', undefined], ['hle4', 'x10z', undefined], ['hl4', 'x10z', 0n],
  ['d4', '0x10', 0n], ['d4', '0010', 10n], ['d4', ' 123', 123n], ['d4', '-016', -16n], ['de4', '10..', undefined], ['de4', '0010', 10n],
  ['ab4', '0x10', 16n], ['ab4', '0010', 10n], ['al8', '0x1234zz', 0x3412n], ['al8', '1234zzzz', undefined],
  ['il1', '\xff', 255n], ['il2', '\x10\x01', 0x110n], ['ib2', '\x10\x01', 0x1001n], ['ib4', '\xff\xff\xff\xff', 0xffff_ffffn], ['il8', '\xff'.repeat(8), -1n], ['ib8', `${'\0'.repeat(7)}\x10`, 16n],
];

describe('a number in a content', () => {
  it.each(rows)('%s of %j is %s', (options, text, expected) => {
    expect(numberIn(comparisonOf(options), fromLatin1(text))).toBe(expected);
  });

  it('is none where the content ends before it', () => {
    expect(numberIn(comparisonOf('il4'), fromLatin1('abc'))).toBeUndefined();
    expect(numberIn(comparisonOf('hb4'), fromLatin1('10'))).toBeUndefined();
  });

  it('stops at 63 bits', () => {
    expect(numberIn(comparisonOf('d40'), fromLatin1('9'.repeat(40)))).toBe(2n ** 63n - 1n);
    expect(numberIn(comparisonOf('d40'), fromLatin1(`-${'9'.repeat(39)}`))).toBe(-(2n ** 63n));
  });

  it('has to fulfil every condition', () => {
    expect([['>15,<17', true], ['=16', true], ['=16,=17', false], ['>16', false], ['<0', false]].map(([text]) => comparesTrue(comparisonOf('il1', text as string), fromLatin1('\x10')))).toEqual([true, true, false, false, false]);
  });
});
