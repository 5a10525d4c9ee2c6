import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf, maxLineLength, readLines } from '../../src/compile/lines.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };

describe('the lines of a source', () => {
  it('are the same whether they end in LF or CRLF, and whether the last one ends at all', () => {
    fc.assert(
      fc.property(fc.array(fc.string().map((text) => text.replaceAll(/[\r\n\ufeff]/g, ''))), (lines) => {
        const expected = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
        expect([...linesOf(lines.join('\n'))]).toEqual(expected);
        expect([...linesOf(lines.map((line) => `${line}\r\n`).join(''))]).toEqual(lines);
        expect([...linesOf(`\ufeff${lines.map((line) => `${line}\n`).join('')}`)]).toEqual(lines);
      }),
      runs,
    );
  });

  it('are all accounted for', () => {
    const account = readLines('a\n\nb\r\nbad\n', (line) =>
      line === '' ? { kind: 'blank' } : line === 'bad' ? { kind: 'skipped', reason: 'bad', signature: 'B' } : { kind: 'loaded', items: [line, line] },
    );
    expect(account).toEqual({ items: ['a', 'a', 'b', 'b'], lines: 4, loaded: 2, skipped: [{ line: 4, signature: 'B', reason: 'bad' }], leftOut: [] });
    expect(readLines('', () => ({ kind: 'blank' }))).toEqual({ items: [], lines: 0, loaded: 0, skipped: [], leftOut: [] });
  });

  it('may hold any number of things, as a block of a document does', () => {
    const items = Array.from({ length: 300_000 }, (_, i) => i);
    expect(readLines('a\n', () => ({ kind: 'loaded', items })).items.length).toBe(items.length);
  });

  it('may be used in part, and what was left out of them is told', () => {
    const account = readLines('a\nb\n', (line) => ({ kind: 'loaded', items: [], leftOut: line === 'b' ? [{ signature: 'B', reason: 'x' }, { reason: 'y' }] : [] }));
    expect([account.loaded, account.skipped, account.leftOut]).toEqual([2, [], [{ line: 2, signature: 'B', reason: 'x' }, { line: 2, reason: 'y' }]]);
  });

  it('are skipped when they hold half a character, for no encoding can write that', () => {
    const account = readLines('a\ud800b\n\ud83d\ude00', (line) => ({ kind: 'loaded', items: [line] }));
    expect(account.items).toEqual(['\ud83d\ude00']);
    expect(account.skipped).toEqual([{ line: 1, reason: 'the line is no Unicode text' }]);
  });

  it('are looked at up to exactly 1 MiB', () => {
    const seen: number[] = [];
    const account = readLines(`${'x'.repeat(maxLineLength)}\n${'x'.repeat(maxLineLength + 1)}\r\nz`, (line) => {
      seen.push(line.length);
      return { kind: 'blank' };
    });
    expect(seen).toEqual([maxLineLength, 1]);
    expect(account.skipped).toEqual([{ line: 2, reason: 'the line is longer than 1 MiB' }]);
  });
});
