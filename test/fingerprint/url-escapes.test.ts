import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeBytes, maxUnescapeRounds, unescapeUntilStable } from '../../src/fingerprint/url-escapes.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) * 10 };

/** The specification word for word: rounds over the whole text until nothing changes. */
function clearUnescape(text: string): string | undefined {
  let current = text;
  for (let round = 0; round <= maxUnescapeRounds; round++) {
    const next = oneRound(current);
    if (next === current) {
      return current;
    }
    current = next;
  }
  return undefined;
}

function oneRound(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, pair: string) => String.fromCharCode(Number.parseInt(pair, 16)));
}

const escapeish = fc
  .array(fc.constantFrom('%', '%25', '25', '2', '5', '%2', '%32', '%35', '%41', 'a', 'F', 'g', '\x00', '\xff', '%fF'), { maxLength: 24 })
  .map((atoms) => atoms.join(''));

/** `%` escaped `depth` times over. */
function nested(depth: number): string {
  return `%${'25'.repeat(depth)}`;
}

describe('unescaping', () => {
  it('gives what repeated rounds give', () => {
    fc.assert(
      fc.property(escapeish, (text) => {
        expect(unescapeUntilStable(text)).toBe(clearUnescape(text));
      }),
      runs,
    );
  });

  it('is told from a single round by the same texts', () => {
    expect(() =>
      fc.assert(
        fc.property(escapeish, (text) => {
          expect(oneRound(text)).toBe(clearUnescape(text));
        }),
        { numRuns: 1000 },
      ),
    ).toThrow();
  });

  it('does 1024 rounds and no more', () => {
    expect(unescapeUntilStable(nested(maxUnescapeRounds))).toBe('%');
    expect(unescapeUntilStable(nested(maxUnescapeRounds + 1))).toBeUndefined();
    expect(clearUnescape(nested(maxUnescapeRounds))).toBe('%');
    expect(clearUnescape(nested(maxUnescapeRounds + 1))).toBeUndefined();
  });

  it('counts rounds in depth, not in number', () => {
    expect(unescapeUntilStable('%41'.repeat(5000))).toBe('A'.repeat(5000));
  });
});

/** The specification word for word. */
function clearEscape(text: string): string {
  return text.replace(/[\x00-\x20#%\x7f-\xff]/g, (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

describe('escaping', () => {
  it('writes each byte as specified', () => {
    fc.assert(
      fc.property(fc.oneof(escapeish, fc.array(fc.nat(255)).map((bytes) => String.fromCharCode(...bytes))), (text) => {
        expect(escapeBytes(text)).toBe(clearEscape(text));
      }),
      runs,
    );
  });

  it('is undone by unescaping what was stable', () => {
    fc.assert(
      fc.property(escapeish, (text) => {
        const stable = clearUnescape(text)!;
        expect(unescapeUntilStable(escapeBytes(stable))).toBe(stable);
      }),
      runs,
    );
  });

  it.each([
    [' ', '%20'],
    ['!', '!'],
    ['~', '~'],
    ['\x7f', '%7F'],
    ['\x00\n\xff', '%00%0A%FF'],
    ['#%', '%23%25'],
    ['/?&=:@[]\\"<>^`{|}', '/?&=:@[]\\"<>^`{|}'],
  ])('of %j is %s', (text, escaped) => {
    expect(escapeBytes(text)).toBe(escaped);
  });
});
