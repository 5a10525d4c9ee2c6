import { describe, expect, it } from 'vitest';
import { admits, closedBreaker, nextBreaker } from '../../src/query/decide/breaker.js';
import type { Breaker, BreakerEvent } from '../../src/query/decide/breaker.js';

describe('the breaker', () => {
  const local = (nowMs: number) => ({ nowMs, scope: 'local' }) as const;
  const open = (untilMs: number, openings = 1): Breaker => ({ kind: 'open', untilMs, openings });

  it.each<[string, Breaker, BreakerEvent, number, Breaker]>([
    ['a first failure is counted', closedBreaker, 'question-failed', 0, { kind: 'closed', failures: 1 }],
    ['a second failure is counted', { kind: 'closed', failures: 1 }, 'question-failed', 0, { kind: 'closed', failures: 2 }],
    ['the third failure opens it', { kind: 'closed', failures: 2 }, 'question-failed', 10, open(5_010)],
    ['a success makes the count start again', { kind: 'closed', failures: 2 }, 'success', 0, closedBreaker],
    ['a question that fails late does not prolong it', open(100), 'question-failed', 50, open(100)],
    ['there is no trial before its time', open(100), 'trial', 99, open(100)],
    ['there is one trial when it is due', open(100), 'trial', 100, { kind: 'half-open', openings: 1 }],
    ['there is no second trial', { kind: 'half-open', openings: 1 }, 'trial', 100, { kind: 'half-open', openings: 1 }],
    ['a trial that succeeds closes it', { kind: 'half-open', openings: 4 }, 'success', 0, closedBreaker],
    ['a trial that fails doubles the time', { kind: 'half-open', openings: 1 }, 'trial-failed', 100, open(10_100, 2)],
    ['the time stops doubling at five minutes', { kind: 'half-open', openings: 60 }, 'trial-failed', 0, open(300_000, 61)],
    ['a trial that nobody waited for is due again', { kind: 'half-open', openings: 2 }, 'trial-abandoned', 7, open(7, 2)],
    ['a question that failed elsewhere says nothing about the trial', { kind: 'half-open', openings: 1 }, 'question-failed', 0, { kind: 'half-open', openings: 1 }],
    ['a late answer closes it', open(100), 'success', 0, closedBreaker],
    ['a trial that fails after a reset is no trial any more', closedBreaker, 'trial-failed', 0, closedBreaker],
    ['a reset closes it', open(100), 'reset', 0, closedBreaker],
  ])('%s', (_, breaker, event, nowMs, expected) => {
    expect(nextBreaker(breaker, event, local(nowMs))).toEqual(expected);
  });

  it.each<[Breaker, boolean]>([[closedBreaker, true], [open(100), true], [open(101), false], [{ kind: 'half-open', openings: 1 }, false]])(
    '%j lets an attempt through: %s',
    (breaker, expected) => {
      expect(admits(breaker, 100)).toBe(expected);
    },
  );

  it.each<['local' | 'global', number[]]>([
    ['local', [5, 10, 20, 40, 80, 160, 300, 300]],
    ['global', [300, 600, 1200, 1800, 1800]],
  ])('leaves a %s server alone for %j seconds', (scope, seconds) => {
    let breaker: Breaker = { kind: 'closed', failures: 2 };
    const times: number[] = [];
    for (let nowMs = 0; times.length < seconds.length; ) {
      breaker = nextBreaker(breaker, breaker.kind === 'half-open' ? 'trial-failed' : 'question-failed', { nowMs, scope });
      const untilMs = breaker.kind === 'open' ? breaker.untilMs : Number.NaN;
      times.push((untilMs - nowMs) / 1000);
      nowMs = untilMs;
      breaker = nextBreaker(breaker, 'trial', { nowMs, scope });
    }
    expect(times).toEqual(seconds);
  });
});
