import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../src/protocol/retry-after.js';

const now = Date.UTC(2025, 0, 1);
const numRuns = Number(process.env.FUZZ_RUNS ?? 100);
const longDays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** The three spellings of RFC 9110 § 5.6.7, taken from the platform's own. */
function spellings(at: number): { readonly fixed: string; readonly rfc850: string; readonly asctime: string } {
  const fixed = new Date(at).toUTCString();
  const [day = '', date = '', month = '', year = '', time = ''] = fixed.replace(',', '').split(' ');
  return {
    fixed,
    rfc850: `${longDays.find((one) => one.startsWith(day))}, ${date}-${month}-${year.slice(2)} ${time} GMT`,
    asctime: `${day} ${month} ${date.replace(/^0/, ' ')} ${time} ${year}`,
  };
}

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['7', 7000],
    [' 7\t', 7000],
    ['0007', 7000],
    ['9999999999', 9_999_999_999_000],
    ['99999999999', undefined],
    ['-1', undefined],
    ['+1', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['7 7', undefined],
    ['', undefined],
    [null, undefined],
    ['Wed, 01 Jan 2025 00:01:00 GMT', 60_000],
    ['Tue, 31 Dec 2024 00:00:00 GMT', 0],
    ['Wednesday, 01-Jan-25 00:01:00 GMT', 60_000],
    ['Wed Jan  1 00:01:00 2025', 60_000],
    ['Wed, 01 Jan 2025 00:01:00 +0000', undefined],
    ['Wed, 01 Jan 2025 00:01:00', undefined],
    ['Wed, 1 Jan 2025 00:01:00 GMT', undefined],
    ['wed, 01 jan 2025 00:01:00 gmt', undefined],
    ['Wed, 01 Jan 2025 25:00:00 GMT', undefined],
    ['Wed, 01 Jan 2025 00:60:00 GMT', undefined],
    ['Wed, 01 Jan 2025 00:00:60 GMT', undefined],
    ['Wed Jan  1 00:01:00 2025 GMT', undefined],
    ['Sat, 32 Feb 2025 00:00:00 GMT', undefined],
    ['Sat, 00 Feb 2025 00:00:00 GMT', undefined],
    ['Wed, 01 Jan 2025 00:01:00 GMT, 7', undefined],
    ['2025-01-01', undefined],
    ['Xyz, 99 Foo 2025 00:00:00 GMT', undefined],
    [`Wed, 01 Jan 2025 00:01:00 GMT${' '.repeat(100_000)}x`, undefined],
  ])('%.40j is %j ms', (value, expected) => {
    expect(retryAfterMs(value, now)).toBe(expected);
  });

  it('means the same in all three spellings of a date', () => {
    const seconds = fc.integer({ min: Date.UTC(2000, 0, 1) / 1000, max: Date.UTC(2060, 0, 1) / 1000 });
    fc.assert(
      fc.property(seconds, fc.integer({ min: -86_400, max: 40 * 366 * 86_400 }), (from, aheadSeconds) => {
        const at = (from + aheadSeconds) * 1000;
        const { fixed, rfc850, asctime } = spellings(at);
        for (const text of [fixed, rfc850, asctime]) {
          expect(retryAfterMs(text, from * 1000), text).toBe(Math.max(0, at - from * 1000));
        }
      }),
      { numRuns },
    );
  });

  it('takes a year of two digits for the latest that is not more than 50 years ahead', () => {
    const at2025 = (text: string): number | undefined => retryAfterMs(text, now);
    expect(at2025('Tuesday, 01-Jan-75 00:00:00 GMT')).toBe(Date.UTC(2075, 0, 1) - now);
    expect(at2025('Thursday, 01-Jan-76 00:00:00 GMT')).toBe(0);
    expect(at2025('Sunday, 06-Nov-94 08:49:37 GMT')).toBe(0);
    expect(retryAfterMs('Saturday, 01-Jan-00 00:00:00 GMT', Date.UTC(2099, 11, 31))).toBe(86_400_000);
  });

  it('is a wait or none for any text, never anything else', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789 ,:-GMTWedJan'.split('')), maxLength: 40 }));
    fc.assert(
      fc.property(text, fc.integer(), (value, at) => {
        const waitMs = retryAfterMs(value, at);
        expect(waitMs === undefined || (Number.isSafeInteger(waitMs) && waitMs >= 0)).toBe(true);
      }),
      { numRuns },
    );
  });
});
