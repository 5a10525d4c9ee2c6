import { describe, expect, it } from 'vitest';
import { patternState } from '../../src/pattern/expiry.js';

const times = { createdAt: 1000, expiresAt: 5000, periodMs: 100 };

describe('the state of a pattern', () => {
  it.each([
    ['fresh', 1000, {}],
    ['fresh', 1199, {}],
    ['stale', 1200, {}],
    ['stale', 4999, {}],
    ['expired', 5000, {}],
    ['fresh', 0, {}],
    ['expired', 1050, { expiresAt: 1050 }],
    ['stale', 1000, { periodMs: 0 }],
    ['fresh', 4999, { periodMs: 2 ** 53 - 1 }],
  ] as const)('is %s at %d with %j', (state, now, changes) => {
    expect(patternState({ ...times, ...changes }, now)).toBe(state);
  });
});
