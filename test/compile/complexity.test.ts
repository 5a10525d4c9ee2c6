/** Hostile sources cost no more than their length. */
import { describe, expect, it } from 'vitest';
import { readers } from '../../src/compile/readers/index.js';
import { fitExponent, measure } from '../support/complexity.js';
import { contextOf } from './context.js';

// Far apart: what else runs on the machine must not pass for growth.
const sizes = [32_768, 524_288];
const md5 = '5eb63bbbe01eeed093cb22bb8f5acdc3';

const hostile: Readonly<Record<string, (size: number) => string>> = {
  commas: (size) => ','.repeat(size),
  quotes: (size) => '"'.repeat(size),
  'quotes and commas': (size) => '","'.repeat(size / 3),
  blanks: (size) => `${' '.repeat(size)}x`,
  'blanks and tabs': (size) => ' \t'.repeat(size / 2),
  'comments that look like headings': (size) => '# a,b\n'.repeat(size / 6),
  colons: (size) => ':'.repeat(size),
  'a name without end': (size) => `${md5}:1:${'a.'.repeat(size / 2)}`,
  'empty lines': (size) => '\n'.repeat(size),
  'carriage returns': (size) => '\r'.repeat(size),
  hashes: (size) => `${md5},`.repeat(size / 33),
};

describe('a hostile source', () => {
  it.each(Object.entries(hostile))('made of %s costs linear time', { retry: 2 }, (_, make) => {
    const read = (text: string): void => {
      for (const format of ['hashes', 'approved-hashes', 'hdb', 'fp', 'ign2', 'ldb'] as const) {
        readers[format](text, contextOf());
      }
    };
    expect(fitExponent(measure(sizes, make, read))).toBeLessThan(1.6);
  });
});
