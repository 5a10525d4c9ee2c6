import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { counted, dated, printable, sized, tabulated, wrapped } from '../../src/cli/output/text.js';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 100);

describe('printable', () => {
  it.each([
    ['plain.txt', 'plain.txt'],
    ['mit Ümlaut und 日本語.txt', 'mit Ümlaut und 日本語.txt'],
    ['two\nlines', 'two\\x0alines'],
    ['\u001b[2Jgone', '\\x1b[2Jgone'],
    ['c1\u009b31m', 'c1\\x9b31m'],
    ['txt.\u202eexe.doc', 'txt.\\u{202e}exe.doc'],
    ['zero\u200bwidth', 'zero\\u{200b}width'],
    ['line\u2028separator', 'line\\u{2028}separator'],
    ['half \ud800 pair', 'half \\u{d800} pair'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
  ])('makes %j harmless', (text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it('leaves nothing that a terminal obeys, whatever a name holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(printable(printable(text))).toBe(printable(text));
      }),
      { numRuns },
    );
  });
});

describe('numbers', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [1_234_567_890, '1.2 GB'],
    [5e18, '5000.0 PB'],
  ])('writes %i bytes as %s', (bytes, expected) => {
    expect(sized(bytes)).toBe(expected);
  });

  it('counts in the singular and the plural', () => {
    expect([counted(1, 'file'), counted(2, 'file'), counted(1234, 'entry', 'entries')]).toEqual(['1 file', '2 files', '1,234 entries']);
  });

  it('writes instants in UTC, and impossible ones as never', () => {
    expect(dated(0)).toBe('1970-01-01 00:00:00 UTC');
    expect(dated(1e300)).toBe('never');
  });
});

describe('wrapped', () => {
  it('keeps every line within the width and every word in its order', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(words, fc.integer({ min: 20, max: 120 }), (given, width) => {
        const lines = wrapped(given.join(' '), width, '    ');
        expect(lines.every((line) => line.length <= width && line.startsWith('    '))).toBe(true);
        expect(lines.map((line) => line.trim()).join(' ')).toBe(given.join(' '));
      }),
      { numRuns },
    );
  });

  it('lets a word that is too long stand alone', () => {
    expect(wrapped(`a ${'x'.repeat(30)} b`, 20, '  ')).toEqual(['  a', `  ${'x'.repeat(30)}`, '  b']);
  });

  it('does not part what belongs together', () => {
    expect(wrapped('one two\u00a0three', 10, '')).toEqual(['one', 'two three']);
  });
});

describe('tabulated', () => {
  it('aligns columns, numbers to the right', () => {
    expect(tabulated([['name', 'n', 'rest'], ['a', '1,000', 'x']], [1])).toEqual(['name      n  rest', 'a     1,000  x']);
  });
});
