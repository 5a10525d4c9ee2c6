import { describe, expect, it } from 'vitest';
import { maxWaitMs, nextServerState, shownState, unknownState, unnamedWaitMs, wantsProbe } from '../../src/query/decide/server-state.js';
import { createServerList, shuffled } from '../../src/query/server-list.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { createScriptedSource } from '../../src/testing/doubles/scripted-source.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import type { ServerNote, ServerState } from '../../src/query/decide/server-state.js';

describe('the state of a server', () => {
  const at = (nowMs: number) => ({ nowMs, scope: 'local' }) as const;
  const unnamed = { kind: 'wait', waitMs: undefined } as const;
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
    ['one that only says "not now" is not', [...failed, [0, unnamed]], 100, 'open'],
    ['it said no time three times', [[0, unnamed], [5_000, unnamed], [10_000, unnamed]], 14_999, 'open'],
    ['it said no time three times at once', [[0, unnamed], [0, unnamed], [0, unnamed]], 5_000, 'closed'],
    ['it said no time, then answered', [[0, unnamed], [5_000, unnamed], [9_000, { kind: 'success' }], [10_000, unnamed]], 15_000, 'closed'],
    ['it said no time when it was tried', [...failed, [5_000, { kind: 'trial' }], [5_000, unnamed]], 14_999, 'open'],
    ['an earlier process was told to wait', [[0, { kind: 'recalled', waitMs: 100 }]], 99, 'waiting'],
    ['an earlier process was told to wait longer than anybody may say', [[0, { kind: 'recalled', waitMs: 1e12 }]], maxWaitMs, 'closed'],
  ])('%s', (_, notes, nowMs, expected) => {
    expect(shownState(after(notes), nowMs)).toBe(expected);
  });

  it.each<[string, readonly (readonly [number, ServerNote])[], boolean]>([
    ['nothing is known', [], true],
    ['it answered', [[0, { kind: 'success' }]], false],
    ['it failed since', [[0, { kind: 'success' }], [0, { kind: 'attempt-failed' }]], true],
    ['it is left alone', [...failed], true],
    ['it asked for a wait', [[0, { kind: 'success' }], [0, { kind: 'wait', waitMs: 5 }]], true],
    ['the network has changed', [[0, { kind: 'success' }], [0, { kind: 'reset' }]], true],
  ])('a probe is of use: %s', (_, notes, expected) => {
    expect(wantsProbe(after(notes))).toBe(expected);
  });

  it('tells of each wait how much of it is left', () => {
    const clock = new FakeClock();
    const told: [string, number][] = [];
    const list = createServerList({ sources: [createScriptedSource()], clock, random: () => 0, order: 'listed', onState: () => undefined, onWait: (...wait) => told.push(wait) });
    const [entry] = list.inOrder();
    [100, 10, undefined].forEach((waitMs) => entry?.note({ kind: 'wait', waitMs }));
    entry?.note({ kind: 'recalled', waitMs: 60_000 });
    expect(told).toEqual([['scripted', 100], ['scripted', 100], ['scripted', 5_000]]);
  });

  it('shuffles fairly', () => {
    const random = createSeededRandom(5);
    const firsts = Array.from({ length: 3000 }, () => shuffled(['a', 'b', 'c'], random)[0]);
    for (const one of ['a', 'b', 'c']) {
      expect(firsts.filter((first) => first === one).length).toBeGreaterThan(900);
    }
  });
});
