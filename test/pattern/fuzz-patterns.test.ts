import { describe, expect, it } from 'vitest';
import { fuzzPatterns } from '../fuzz/fuzz-patterns.js';

/** 500 files; a million by FUZZ_RUNS=200000, or `node test/fuzz/run.mjs patterns 1000000`, which measures time and memory as well. */
const runs = 5 * Number(process.env['FUZZ_RUNS'] ?? 100);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);

describe('mutated pattern files', () => {
  it('are loaded or refused with a cause, and never break the loader', async () => {
    const report = await fuzzPatterns({ runs, seed });
    expect(report.faults).toEqual([]);
    // Both sides of the border are tried.
    expect(report.accepted).toBeGreaterThan(runs / 50);
    expect(report.accepted).toBeLessThan(runs);
  });

  it('would be noticed to break a loader that throws something else, or writes to the file', async () => {
    const throws = (): void => {
      throw new TypeError('no');
    };
    expect((await fuzzPatterns({ runs: 10, seed, load: throws })).faults).toHaveLength(10);
    expect((await fuzzPatterns({ runs: 10, seed, load: (bytes) => void (bytes[0]! ^= 1) })).faults).toHaveLength(10);
  });
});
