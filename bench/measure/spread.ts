/** Middle and ends of values that were measured. */
import type { Spread } from './result.js';

/** The median and the ends of at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, low: sorted[0]!, high: sorted[sorted.length - 1]! };
}

/** Value by value, as far as both have one: what was measured in the same round is compared. */
export function ratiosOf(values: readonly number[], baseline: readonly number[]): number[] {
  return values.slice(0, baseline.length).map((value, i) => value / baseline[i]!);
}
