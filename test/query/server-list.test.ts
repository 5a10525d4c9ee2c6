import { describe, expect, it } from 'vitest';
import { maxWaitMs, nextServerState, shownState, shuffled, unknownState, unnamedWaitMs, wantsProbe } from '../../src/query/server-list.js';
import { createSeededRandom } from '../../src/testing/seeded-random.js';
import type { ServerNote, ServerState } from '../../src/query/server-list.js';

describe('the state of a server', () => {
  const at = (nowMs: number) => ({ nowMs, random: () => 0, scope: 'local' }) as const;
  const after = (notes: readonly (readonly [number, ServerNote])[]): ServerState =>
    notes.reduce((state, [nowMs, note]) => nextServerState(state, note, at(nowMs)), unknownState);
  const failed = [[0, { kind: 'question-failed' }], [0, { kind: 'question-failed' }], [0, { kind: 'question-failed' }]] as const;

  it.each<[string, readonly (readonly [number, ServerNote])[], number, string]>([
    ['nothing is known', [], 0, 'closed'],
    ['three questions failed', failed, 4_999, 'open'],
    ['it may be tried again', failed, 5_000, 'half-open'],
    ['it is being tried', [...failed, [5_000, { kind: 'trial' }]], 60_000, 'half-open'],
    ['it asked for a wait', [[0, { kind: 'wait', waitMs: 100 }]], 99, 'waiting'],
    ['its wait is over', [[0, { kind: 'wait', waitMs: 100 }]], 100, 'closed'],
    ['a shorter wait does not shorten a longer one', [[0, { kind: 'wait', waitMs: 100 }], [0, { kind: 'wait', waitMs: 10 }]], 99, 'waiting'],
    ['it said no time', [[0, { kind: 'wait', waitMs: undefined }]], unnamedWaitMs - 1, 'waiting'],
    ['it said a negative time', [[0, { kind: 'wait', waitMs: -1 }]], unnamedWaitMs - 1, 'waiting'],
    ['it said no number', [[0, { kind: 'wait', waitMs: Number.NaN }]], unnamedWaitMs, 'closed'],
    ['it said for ever', [[0, { kind: 'wait', waitMs: Number.POSITIVE_INFINITY }]], maxWaitMs, 'closed'],
    ['a reset closes the breaker', [...failed, [0, { kind: 'reset' }]], 0, 'closed'],
    ['a reset leaves the wait', [[0, { kind: 'wait', waitMs: 100 }], [0, { kind: 'reset' }]], 99, 'waiting'],
    ['a server that asks for a wait is there', [...failed, [0, { kind: 'wait', waitMs: 100 }]], 100, 'closed'],
  ])('%s', (_, notes, nowMs, expected) => {
    expect(shownState(after(notes), nowMs)).toBe(expected);
  });

  it.each<[string, readonly (readonly [number, ServerNote])[], boolean]>([
    ['nothing is known', [], true],
    ['it answered', [[0, { kind: 'success' }]], false],
    ['it failed since', [[0, { kind: 'success' }], [0, { kind: 'attempt-failed' }]], true],
    ['it is left alone', [...failed], true],
    ['the network has changed', [[0, { kind: 'success' }], [0, { kind: 'reset' }]], true],
  ])('a probe is of use: %s', (_, notes, expected) => {
    expect(wantsProbe(after(notes))).toBe(expected);
  });

  it('spreads probes over 5 to 60 s', () => {
    const random = createSeededRandom(3);
    const instants = Array.from({ length: 500 }, () => nextServerState(unknownState, { kind: 'probed' }, { ...at(0), random }).probeAtMs);
    expect(Math.min(...instants)).toBeGreaterThanOrEqual(5_000);
    expect(Math.max(...instants)).toBeLessThanOrEqual(60_000);
    expect(Math.max(...instants) - Math.min(...instants)).toBeGreaterThan(50_000);
  });

  it('shuffles fairly', () => {
    const random = createSeededRandom(5);
    const firsts = Array.from({ length: 3000 }, () => shuffled(['a', 'b', 'c'], random)[0]);
    for (const one of ['a', 'b', 'c']) {
      expect(firsts.filter((first) => first === one).length).toBeGreaterThan(900);
    }
  });
});
