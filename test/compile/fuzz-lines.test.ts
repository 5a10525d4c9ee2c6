import { describe, expect, it } from 'vitest';
import { fuzzLines, readLine } from '../fuzz/fuzz-lines.js';

/** 2,000 lines; a million by FUZZ_RUNS=50000, or `node test/fuzz/run.mjs lines 1000000`, which measures time and memory as well. */
const runs = 20 * Number(process.env['FUZZ_RUNS'] ?? 100);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);

describe('mutated signature lines', () => {
  it('are loaded, skipped with a reason or blank, and never break a reader', () => {
    const report = fuzzLines({ runs, seed });
    expect(report.faults).toEqual([]);
    // Both sides of the border are tried.
    expect(report.accepted).toBeGreaterThan(runs / 20);
    expect(report.accepted).toBeLessThan(runs);
  });

  it('would be noticed to break a reader that throws, loses a line, or loads what breaks a rule', () => {
    const throws = () => {
      throw new RangeError('no');
    };
    expect(fuzzLines({ runs: 50, seed, read: throws }).faults).not.toEqual([]);
    expect(fuzzLines({ runs: 50, seed, read: (format, text) => ({ ...readLine(format, text), lines: 9 }) }).faults).not.toEqual([]);
    const nodeless: typeof readLine = (format, text) => {
      const output = readLine(format, text);
      return { ...output, signatures: output.signatures.map((one) => ({ ...one, nodes: [] })) };
    };
    expect(fuzzLines({ runs: 50, seed, read: nodeless }).faults).not.toEqual([]);
  });
});
