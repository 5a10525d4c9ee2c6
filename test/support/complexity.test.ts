import { describe, expect, it } from 'vitest';
import { fitExponent, measure } from './complexity.js';

const sizes = [100, 200, 400, 800, 1600];

describe('the complexity fit', () => {
  it('finds 1 for linear and 2 for quadratic costs', () => {
    expect(fitExponent(sizes.map((size) => ({ size, cost: 3 * size })))).toBeCloseTo(1, 6);
    expect(fitExponent(sizes.map((size) => ({ size, cost: 0.1 * size ** 2 })))).toBeCloseTo(2, 6);
  });

  it('tells a measured linear function from a quadratic one', () => {
    const large = [20_000, 40_000, 80_000, 160_000];
    const linear = measure(large, (size) => new Uint8Array(size), (bytes) => bytes.reduce((sum, byte) => sum + byte, 0));
    const quadratic = measure([500, 1000, 2000, 4000], (size) => new Uint8Array(size), (bytes) => {
      let sum = 0;
      for (const a of bytes) {
        for (const b of bytes) {
          sum += a ^ b;
        }
      }
      return sum;
    });
    expect(fitExponent(linear)).toBeLessThan(1.6);
    expect(fitExponent(quadratic)).toBeGreaterThan(1.6);
  });
});
