import { describe, expect, it } from 'vitest';
import { filterRuling, mayAsk } from '../../src/filter/query-policy.js';

const filter = (state: 'fresh' | 'stale' | 'expired'): { covers: number; state: typeof state } => ({ covers: 5, state });

describe('the filter step', () => {
  it.each([
    ['no filter: everything is asked (a)', undefined, undefined, 'not-listed', 'ask'],
    ['no filter, whatever is known', undefined, 4, 'not-listed', 'ask'],
    ['surely not listed', filter('fresh'), undefined, 'not-listed', 'clean'],
    ['surely not listed by the newest generation', filter('fresh'), 5, 'not-listed', 'clean'],
    ['an older generation was seen', filter('fresh'), 4, 'not-listed', 'clean'],
    ['a newer generation is known (b)', filter('fresh'), 6, 'not-listed', 'ask'],
    ['a prefix is in the filter', filter('fresh'), 5, 'maybe', 'ask'],
    ['stale keeps deciding (e)', filter('stale'), 5, 'not-listed', 'clean'],
    ['stale, and a newer generation is known', filter('stale'), 6, 'not-listed', 'ask'],
    ['expired: "not found" counts for nothing (e)', filter('expired'), 5, 'not-listed', 'ask'],
    ['expired, listed', filter('expired'), undefined, 'maybe', 'ask'],
  ] as const)('%s', (_, known, newestGeneration, judgement, ruling) => {
    expect(filterRuling({ filter: known, newestGeneration, judgement })).toBe(ruling);
  });
});

describe('the query policy', () => {
  it.each([
    ['file', 'internal', undefined, true],
    ['url', 'external', undefined, true],
    ['file', 'external', { external: ['url'] }, false],
    ['url', 'external', { external: ['url'] }, true],
    ['file', 'internal', { external: ['url'] }, true],
    ['url', 'external', { external: [] }, false],
    ['url', 'constructor', { external: [] }, true],
  ] as const)('%s at %s under %j: %j', (kind, location, policy, allowed) => {
    expect(mayAsk({ kind, location }, policy)).toBe(allowed);
  });
});
