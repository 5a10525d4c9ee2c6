import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterQuestion, afterRetry, afterRetryOfWait, backoffMs, defaultRetryLimits, newRetryBudget } from '../../src/query/decide/backoff.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };

describe('backoffMs', () => {
  it.each([
    [1, 0, 0],
    [1, 0.5, 125],
    [1, 0.999999, 249.99975],
    [2, 0.5, 500],
    [3, 0.5, 2000],
    [4, 0.5, 2000],
    [100, 0.5, 2000],
  ])('after round %d with chance %d pauses %d ms', (round, chance, expected) => {
    expect(backoffMs(round, () => chance)).toBeCloseTo(expected, 6);
  });
});

describe('the retry budget', () => {
  const spend = (budget: ReturnType<typeof newRetryBudget>, nowMs: number): number => {
    let count = 0;
    for (let left = afterRetry(budget, defaultRetryLimits, nowMs); left !== undefined; left = afterRetry(left, defaultRetryLimits, nowMs)) {
      count++;
    }
    return count;
  };
  const full = newRetryBudget(defaultRetryLimits, 0);
  const empty = { tokens: 0, afterWait: 0, creditedMs: 0 };

  it.each<[string, number, number, number]>([
    ['begins with ten', full.tokens, 0, 10],
    ['earns one a second', 0, 3_000, 3],
    ['saves ten seconds at most', 0, 3_600_000, 10],
    ['earns nothing when the clock stands', 0, 0, 0],
  ])('%s', (_, tokens, nowMs, expected) => {
    expect(spend({ ...empty, tokens }, nowMs)).toBe(expected);
  });

  it.each([[95, 9], [1000, 100], [100_000, 100]])('earns a tenth of %d questions, a hundred at most', (questions, expected) => {
    let budget = empty as ReturnType<typeof newRetryBudget>;
    for (let i = 0; i < questions; i++) {
      budget = afterQuestion(budget, defaultRetryLimits, 0);
    }
    expect(Math.abs(spend(budget, 0) - expected)).toBeLessThanOrEqual(1);
  });

  it.each([[0, 0], [19, 0], [20, 1], [100, 5], [1_000_000, 10]])('after %d questions allows %d repeats at servers that asked for a wait, however much time passes', (questions, expected) => {
    let budget = newRetryBudget(defaultRetryLimits, 0);
    for (let i = 0; i < questions; i++) {
      // A question more than needed: what is added in twentieths may fall short of a whole by a rounding.
      budget = afterQuestion(budget, { ...defaultRetryLimits, ratio: 0.1 + 1e-9 }, 0);
    }
    let count = 0;
    for (let left = afterRetryOfWait(budget, defaultRetryLimits, 3_600_000); left !== undefined; left = afterRetryOfWait(left, defaultRetryLimits, 3_600_000)) {
      count++;
    }
    expect(count).toBe(expected);
  });

  it('allows no repeat after a wait where it allows none at all', () => {
    expect(afterRetryOfWait({ tokens: 0.5, afterWait: 5, creditedMs: 0 }, defaultRetryLimits, 0)).toBeUndefined();
  });

  it('never allows more than a tenth of the questions plus what time earned', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ afterMs: fc.nat(500), isRetry: fc.boolean() }), { maxLength: 300 }), (steps) => {
        let budget = newRetryBudget(defaultRetryLimits, 0);
        let [nowMs, questions, retries] = [0, 0, 0];
        for (const { afterMs, isRetry } of steps) {
          nowMs += afterMs;
          const next = isRetry ? afterRetry(budget, defaultRetryLimits, nowMs) : afterQuestion(budget, defaultRetryLimits, nowMs);
          retries += isRetry && next !== undefined ? 1 : 0;
          questions += isRetry ? 0 : 1;
          budget = next ?? budget;
        }
        expect(retries).toBeLessThanOrEqual(10 + 0.1 * questions + nowMs / 1000 + 1e-6);
      }),
      runs,
    );
  });
});
