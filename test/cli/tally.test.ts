import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-code.js';
import { coloursFor } from '../../src/cli/output/colours.js';
import { count, emptyTally, summaryLines, summaryRecord } from '../../src/cli/output/progress/tally.js';
import { fileResult, foundResult, unknownResult } from './results.js';

const facts = { stats: { questions: 3, cacheHits: 1 }, seconds: 1.23456, interrupted: false };

describe('the sums of a run', () => {
  const results = [
    fileResult(),
    foundResult('Bad.A'),
    unknownResult('unreachable', { pending: { kind: 'queued', id: 'p', durability: 'disk' } }),
    unknownResult('limit'),
  ];
  const tally = { ...emptyTally };
  results.forEach((result) => count(tally, result));

  it('counts every result once, and what is flagged', () => {
    expect(tally).toEqual({ subjects: 4, bytes: 40, malicious: 1, suspicious: 0, clean: 1, unknown: 2, pending: 1 });
  });

  it('has the keys of the contract first', () => {
    const record = summaryRecord(tally, facts);
    expect(Object.keys(record as object).slice(0, 9)).toEqual([
      'kind', 'subjects', 'bytes', 'malicious', 'suspicious', 'unknown', 'questions', 'cacheHits', 'seconds',
    ]);
    expect(record).toMatchObject({ kind: 'summary', questions: 3, cacheHits: 1, seconds: 1.235 });
  });

  it('says when the run ended early and what was left out', () => {
    const colours = coloursFor(false, {});
    const lines = summaryLines(tally, { ...facts, skipped: new Map([['symlink', 2], ['socket', 1]] as const), interrupted: true }, { noun: 'file', colours });
    expect(lines).toEqual([
      'checked  4 files, 40 bytes in 1.2 s',
      'found    1 malicious, 0 suspicious',
      'unknown  2 (1 flagged for verification)',
      'asked    3 questions, 1 answered by earlier ones',
      'skipped  2 symbolic links, 1 socket',
      'ended    early: the rest was not checked',
    ]);
    expect(summaryRecord(tally, { ...facts, interrupted: true })).toMatchObject({ interrupted: true });
  });
});

describe('the exit status', () => {
  it.each([
    [0, 0, 0],
    [1, 0, 1],
    [1, 5, 1],
    [0, 5, 3],
  ])('with %i found and %i unknown is %i', (found, unknown, expected) => {
    expect(exitCodeOf({ found, unknown })).toBe(expected);
  });
});
