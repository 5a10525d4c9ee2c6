import { describe, expect, it } from 'vitest';
import { createMemoryCache } from '../../src/cache/memory-cache.js';
import { entryOf } from './answers.js';

const slot = [entryOf()];

describe('createMemoryCache', () => {
  it.each([1, 2, 3, 4, 5, 10, 99, 100, 1000])('never holds more than its bound of %d, nor less than half of it', (maxEntries) => {
    const cache = createMemoryCache({ maxEntries });
    let most = 0;
    for (let i = 0; i < 5 * maxEntries + 7; i++) {
      cache.put([[`k${i}`, slot]]);
      cache.get([`k${Math.floor(i / 2)}`]);
      most = Math.max(most, cache.size());
    }
    expect(most).toBeLessThanOrEqual(maxEntries);
    expect(cache.size()).toBeGreaterThanOrEqual(Math.floor(maxEntries / 2));
  });

  it('keeps what is used and loses what is not', () => {
    const cache = createMemoryCache({ maxEntries: 10 });
    cache.put([['used', slot]]);
    for (let i = 0; i < 100; i++) {
      cache.put([[`k${i}`, slot]]);
      expect(cache.get(['used'])).toEqual([slot]);
    }
    expect(cache.get(['k0'])).toEqual([undefined]);
  });

  it('gives back the slots in the order of the keys', () => {
    const cache = createMemoryCache();
    const other = [entryOf({ from: 'other' })];
    cache.put([['a', slot], ['b', other]]);
    expect(cache.get(['b', 'x', 'a'])).toEqual([other, undefined, slot]);
  });

  it('forgets some, or everything', () => {
    const cache = createMemoryCache();
    cache.put([['a', slot], ['b', slot], ['c', slot]]);
    cache.forget(['a', 'unknown']);
    expect(cache.get(['a', 'b'])).toEqual([undefined, slot]);
    cache.forget('all');
    expect(cache.size()).toBe(0);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a bound of %d', (maxEntries) => {
    expect(() => createMemoryCache({ maxEntries })).toThrow(RangeError);
  });
});
