/** Hostile URLs cost no more than their length. Sizes are beyond the default limit on purpose. */
import { describe, expect, it } from 'vitest';
import { canonicalizeUrl } from '../../src/fingerprint/url-canonical.js';
import { urlExpressions } from '../../src/fingerprint/url-expressions.js';
import { registrableDomain } from '../../src/url.js';
import { fitExponent, measure } from '../support/complexity.js';

const sizes = [16_384, 32_768, 65_536, 131_072];

const hostile: Readonly<Record<string, (size: number) => string>> = {
  'escapes within escapes': (size) => `http://h/${`%${'25'.repeat(1000)}`.repeat(size / 2001)}`,
  'shallow escapes': (size) => `http://h/${'%2541'.repeat(size / 5)}`,
  'percent signs': (size) => `http://h/${'%'.repeat(size)}`,
  dots: (size) => `http://${'.'.repeat(size)}a/`,
  labels: (size) => `http://${'a.'.repeat(size / 2)}com/`,
  digits: (size) => `http://${'1'.repeat(size)}/`,
  'at signs': (size) => `http://${'@'.repeat(size)}h/`,
  'parent directories': (size) => `http://h${'/a/..'.repeat(size / 5)}`,
  directories: (size) => `http://h${'/a'.repeat(size / 2)}`,
  'plain directories': (size) => `https://www.example.com/${'ab/'.repeat(size / 3)}`,
  slashes: (size) => `http://h${'/'.repeat(size)}`,
  backslashes: (size) => `http://h${'\\a'.repeat(size / 2)}`,
  spaces: (size) => `a${' '.repeat(size)}a`,
  'a long scheme': (size) => 'a'.repeat(size),
  'combining marks': (size) => `http://a${'\u0301\u0327'.repeat(size / 4)}/`,
  'foreign labels': (size) => `http://${'é中.'.repeat(size / 6)}com/`,
};

function look(text: string): void {
  const url = canonicalizeUrl(text, { maxBytes: 1 << 24 });
  if (url.kind === 'url') {
    urlExpressions(url, { hostRule: 'psl', registrableDomain });
    urlExpressions(url, { hostRule: 'labels5' });
  }
}

describe('a hostile URL', () => {
  it.each(Object.entries(hostile))('made of %s costs linear time', { retry: 2 }, (_, make) => {
    expect(fitExponent(measure(sizes, make, look))).toBeLessThan(1.6);
  });

  it('would be found out if unescaping went round by round', () => {
    const charactersRead = (text: string): number => {
      let read = 0;
      for (let before = ''; before !== text; read += text.length) {
        before = text;
        text = text.replaceAll('%25', '%');
      }
      return read;
    };
    const points = [1000, 2000, 4000].map((size) => ({ size, cost: charactersRead(`%${'25'.repeat(size)}`) }));
    expect(fitExponent(points)).toBeGreaterThan(1.6);
  });
});
