import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DefinitionResult, EngineResult } from '../../bench/measure/result.js';
import { wrap } from '../../bench/report/columns.js';
import { comparisonOf } from '../../bench/report/comparison.js';
import { thisMachine } from '../../bench/report/machine.js';
import { formatBytes, formatDuration, formatRate, formatRatio, threeDigits } from '../../bench/report/numbers.js';
import type { BenchRecord } from '../../bench/report/record.js';
import { readRecord, recordPath, writeRecord } from '../../bench/report/record.js';
import { tableOf } from '../../bench/report/table.js';

const dir = mkdtempSync(join(tmpdir(), 'vedette-record-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const once = (value: number) => ({ median: value, low: value, high: value });

function measured(engine: string, rate: number, ratio: number): EngineResult {
  return { engine, kind: 'measured', perSecond: once(rate), ratio: once(ratio), amount: 2_097_152, rounds: 7, setUpMs: 12.3, memoryBytes: 1_234_567 };
}

const result: DefinitionResult = {
  name: 'scan-10k',
  title: '10,000 literals of 8 to 64 bytes in 67.1 MB of mixed content',
  unit: { name: 'MB', per: 1e6 },
  clock: 'cpu',
  baseline: 'Buffer.indexOf',
  engines: [
    measured('Buffer.indexOf', 1.234567, 1),
    { ...measured('@monyone/aho-corasick', 21.3, 17.25), version: '1.1.11' },
    measured('a matcher with a rather long name (own)', 12_345.678, 9_999),
    { engine: 'mine (own)', kind: 'wrong', expected: '36 signatures (aaaaaaaaaaaa)', got: '35 signatures (bbbbbbbbbbbb)', amount: 1_024 },
    { engine: 'ahocorasick', kind: 'skipped', reason: 'not installed: npm ci --prefix bench' },
    { engine: 'other (own)', kind: 'failed', reason: 'expected a part with the methods open; missing: open' },
  ],
};

describe('the table of a definition', () => {
  const lines = tableOf(result).split('\n');

  it('fits into 100 columns', () => {
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
  });

  it('names the baseline, and lines up its columns', () => {
    expect(lines[2]).toContain('Buffer.indexOf, baseline');
    const ends = lines.slice(1, 5).map(({ length }) => length);
    expect(new Set(ends).size).toBe(1);
  });

  it('has a wrong engine without a time, with what was expected and what came', () => {
    expect(lines.slice(5)).toMatchInlineSnapshot(`
      [
        "  mine (own): WRONG, not timed",
        "    expected 36 signatures (aaaaaaaaaaaa)",
        "    got      35 signatures (bbbbbbbbbbbb)",
        "  ahocorasick: skipped, not installed: npm ci --prefix bench",
        "  other (own): FAILED, not timed: expected a part with the methods open; missing: open",
        "",
      ]
    `);
  });
});

describe('two records', () => {
  const record = (definitions: readonly DefinitionResult[], change: Partial<BenchRecord> = {}): BenchRecord => ({
    record: 1,
    at: '2026-01-02T03:04:05.678Z',
    commit: 'abc1234',
    machine: { cpu: 'Some CPU', cores: 2, memoryGiB: 8, os: 'Linux 6', arch: 'x64' },
    versions: { node: '20.19.0' },
    definitions,
    ...change,
  });
  const faster = { ...result, engines: [measured('Buffer.indexOf', 2, 1), measured('@monyone/aho-corasick', 69, 34.5)] };

  it('are compared by their ratios, side by side', () => {
    expect(comparisonOf(record([result]), record([faster]))).toMatchInlineSnapshot(`
      "A  2026-01-02 abc1234, Some CPU × 2, Node 20.19.0
      B  2026-01-02 abc1234, Some CPU × 2, Node 20.19.0

      scan-10k: × Buffer.indexOf
        engine                                         A     B  B/A  rate A  rate B
        Buffer.indexOf, baseline                       1     1         1.23       2
        @monyone/aho-corasick                       17.3  34.5    2    21.3      69
        a matcher with a rather long name (own)    9,999     –       12.3 k
        mine (own)                                 wrong     –
        ahocorasick                              skipped     –
        other (own)                               failed     –
      "
    `);
  });

  it('of other machines, haystacks or quick runs are marked', () => {
    const other = record([result], { quick: true, machine: { ...thisMachine(), cpu: 'Other CPU' } });
    expect(comparisonOf(record([result]), other)).toMatch(/other machines.*\n.*quick runs/);
  });

  it('may have definitions that the other has not', () => {
    expect(comparisonOf(record([result]), record([]))).toContain('scan-10k: only in A');
    expect(comparisonOf(record([]), record([result]))).toContain('scan-10k: only in B');
  });

  it('are written with five digits and never over each other', () => {
    const path = recordPath(dir, record([]));
    writeRecord(path, record([result]));
    expect(readRecord(path).definitions[0]?.engines[0]).toMatchObject({ perSecond: once(1.2346), amount: 2_097_152 });
    expect([path, recordPath(dir, record([]))].map((one) => one.slice(dir.length + 1))).toEqual(['2026-01-02-abc1234.json', '2026-01-02-abc1234-2.json']);
  });

  it('are refused when they are none', () => {
    writeRecord(join(dir, 'other.json'), record([]));
    expect(() => readRecord(join(dir, 'absent.json'))).toThrow();
    expect(readFileSync(join(dir, 'other.json'), 'utf8')).toContain('"record": 1');
  });
});

describe('numbers', () => {
  it.each([
    [0, '0'],
    [0.0123456, '0.0123'],
    [999.4, '999'],
    [999.6, '1,000'],
    [12_345.6, '12,346'],
  ])('%d is %s with three digits', (value, text) => {
    expect(threeDigits(value)).toBe(text);
  });

  it.each([
    [9_994, '9,994'],
    [9_996, '10 k'],
    [999_400, '999 k'],
    [17_234_567, '17.2 M'],
  ])('%d a second is %s', (value, text) => {
    expect(formatRate(value)).toBe(text);
  });

  it.each([
    [24.68, '24.7'],
    [0.5, '0.5'],
    [0.09, '1/11.1'],
    [0.000_123, '1/8,130'],
  ])('%d times the baseline is %s', (value, text) => {
    expect(formatRatio(value)).toBe(text);
  });

  it('have units of their size', () => {
    expect([12, 1_234, 67_108_864].map(formatBytes)).toEqual(['12 B', '1.23 kB', '67.1 MB']);
    expect([0.3, 12.3, 1_234].map(formatDuration)).toEqual(['< 1 ms', '12 ms', '1.23 s']);
  });
});

describe('long texts', () => {
  it('are broken between words, within 100 characters', () => {
    const lines = wrap(Array.from({ length: 60 }, () => 'seven').join(' '), '    ');
    expect(lines.every((line) => line.length <= 100 && line.startsWith('    seven'))).toBe(true);
    expect(lines.join(' ').split('seven').length).toBe(61);
  });
});
