/** The pure decisions of the room, by tables. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeAnswer, matchAnswers, parseReply } from '../../src/query/answers.js';
import { afterQuestion, afterRetry, backoffMs, defaultRetryLimits, newRetryBudget } from '../../src/query/backoff.js';
import { admits, closedBreaker, nextBreaker } from '../../src/query/breaker.js';
import { nextAttempt } from '../../src/query/schedule.js';
import { maxWaitMs, nextServerState, shownState, shuffled, unknownState, unnamedWaitMs, wantsProbe } from '../../src/query/server-list.js';
import { createSeededRandom } from '../../src/testing/seeded-random.js';
import { answerTo, fileOf, hashOf } from './scripted-source.js';
import type { Breaker, BreakerEvent } from '../../src/query/breaker.js';
import type { NextAttempt, ScheduleFacts, ServerFacts } from '../../src/query/schedule.js';
import type { ServerNote, ServerState } from '../../src/query/server-list.js';

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
  const empty = { tokens: 0, creditedMs: 0 };

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

describe('nextAttempt', () => {
  const server = (more: Partial<ServerFacts> = {}): ServerFacts => ({ state: 'ready', attempts: 0, readyAtMs: -1e9, ...more });
  const facts = (servers: readonly ServerFacts[], more: Partial<ScheduleFacts> = {}): ScheduleFacts => ({
    servers,
    round: 1,
    rounds: 3,
    roundStartsAtMs: -1e9,
    holdEndsAtMs: 10_000,
    perServerMs: 3_000,
    mayRetry: true,
    ...more,
  });
  const stop: NextAttempt = { kind: 'stop' };
  const attempt = (index: number, forMs: number): NextAttempt => ({ kind: 'attempt', server: index, forMs });
  const until = (untilMs: number | undefined): NextAttempt => ({ kind: 'wait', untilMs });

  it.each<[string, ScheduleFacts, number, NextAttempt]>([
    ['no server: stops', facts([]), 0, stop],
    ['one server: gives it three seconds', facts([server()]), 0, attempt(0, 3_000)],
    ['five servers: gives each its share', facts([1, 2, 3, 4, 5].map(() => server())), 0, attempt(0, 2_000)],
    ['a short hold: shares that', facts([server(), server()], { holdEndsAtMs: 500 }), 0, attempt(0, 250)],
    ['the second server: gets its share of what is left', facts([server({ attempts: 1, state: 'busy' }), server(), server()]), 8_000, attempt(1, 1_000)],
    ['an attempt on the wire: waits for its share', facts([server({ state: 'busy', attempts: 1 }), server()], { attemptEndsAtMs: 3_000 }), 0, until(3_000)],
    ['its share is over: asks the next one meanwhile', facts([server({ state: 'busy', attempts: 1 }), server()], { attemptEndsAtMs: 3_000 }), 3_000, attempt(1, 3_000)],
    ['only servers that are left alone: stops', facts([server({ state: 'open' }), server({ state: 'open' })]), 0, stop],
    ['skips a server that is left alone', facts([server({ state: 'open' }), server()]), 0, attempt(1, 3_000)],
    ['skips a server that has nothing more to say', facts([server({ state: 'spent', attempts: 1 }), server()]), 0, attempt(1, 3_000)],
    ['all have said all they can: stops', facts([server({ state: 'spent', attempts: 1 })]), 0, stop],
    ['the round is over: begins the next', facts([server({ attempts: 1 }), server({ attempts: 1 })]), 100, { kind: 'next-round' }],
    ['the pause lasts: waits for its end', facts([server({ attempts: 1 })], { round: 2, roundStartsAtMs: 300 }), 100, until(300)],
    ['the pause is over: asks again', facts([server({ attempts: 1 })], { round: 2, roundStartsAtMs: 300 }), 300, attempt(0, 3_000)],
    ['the pause would outlast the hold: stops', facts([server({ attempts: 1 })], { round: 2, roundStartsAtMs: 300, holdEndsAtMs: 300 }), 100, stop],
    ['the last round is over: stops', facts([server({ attempts: 3 })], { round: 3 }), 100, stop],
    ['one round only: stops after it', facts([server({ attempts: 1 })], { rounds: 1 }), 100, stop],
    ['no budget for a repeat: stops', facts([server({ attempts: 1 })], { mayRetry: false }), 100, stop],
    ['no budget for a repeat: still asks whom it has not asked', facts([server({ attempts: 1 }), server()], { mayRetry: false }), 100, attempt(1, 3_000)],
    ['a server asked for a wait within the hold: waits', facts([server({ readyAtMs: 2_000 })]), 0, until(2_000)],
    ['a server asked for a wait beyond the hold: stops at once', facts([server({ readyAtMs: 10_000 })]), 0, stop],
    ['a wait is over: asks', facts([server({ readyAtMs: 2_000 })]), 2_000, attempt(0, 3_000)],
    ['one waits, the other is ready: asks that one', facts([server({ readyAtMs: 2_000 }), server()]), 0, attempt(1, 3_000)],
    ['one waits, the other failed: does not sit the wait out', facts([server({ readyAtMs: 2_000 }), server({ attempts: 1 })]), 0, { kind: 'next-round' }],
    ['one waits, the other has failed for good: sits the wait out', facts([server({ readyAtMs: 2_000 }), server({ attempts: 3 })], { round: 3 }), 0, until(2_000)],
    ['told to wait when asked: obeys in the next round', facts([server({ attempts: 1, readyAtMs: 2_000 })], { round: 2, roundStartsAtMs: 200 }), 100, until(2_000)],
    ['only a slow server is left: listens to the end of the hold', facts([server({ state: 'busy', attempts: 1 })]), 3_000, until(10_000)],
    ['the hold is over: stops', facts([server()]), 10_000, stop],
    ['the hold is over with a question on the wire: lets it come in', facts([server({ state: 'busy', attempts: 1 })]), 10_000, until(undefined)],
    ['nobody waits: asks nobody', facts([server()], { holdEndsAtMs: undefined }), 0, stop],
    ['nobody waits with a question on the wire: lets it come in', facts([server({ state: 'busy' })], { holdEndsAtMs: undefined }), 0, until(undefined)],
  ])('%s', (_, given, nowMs, expected) => {
    expect(nextAttempt(given, nowMs)).toEqual(expected);
  });

  it('never lets an attempt or a wait outlast the hold, whatever the facts', () => {
    const anyServer = fc.record({
      state: fc.constantFrom<ServerFacts['state'][]>('ready', 'open', 'spent', 'busy'),
      attempts: fc.nat(4),
      readyAtMs: fc.integer({ min: -100, max: 12_000 }),
    });
    fc.assert(
      fc.property(
        fc.array(anyServer, { maxLength: 5 }),
        fc.record({ round: fc.integer({ min: 1, max: 3 }), roundStartsAtMs: fc.nat(11_000), mayRetry: fc.boolean() }),
        fc.nat(11_000),
        (servers, more, nowMs) => {
          const next = nextAttempt(facts(servers, more), nowMs);
          if (next.kind === 'attempt') {
            expect(next.forMs).toBeGreaterThan(0);
            expect(nowMs + next.forMs).toBeLessThanOrEqual(10_000);
            expect(servers[next.server]).toMatchObject({ state: 'ready' });
            expect(servers[next.server]!.readyAtMs).toBeLessThanOrEqual(nowMs);
            expect(servers[next.server]!.attempts).toBeLessThan(3);
          }
          if (next.kind === 'wait' && next.untilMs !== undefined) {
            expect(next.untilMs).toBeGreaterThan(nowMs);
            expect(next.untilMs).toBeLessThanOrEqual(10_000);
          }
        },
      ),
      runs,
    );
  });
});

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

describe('answers', () => {
  const question = { kind: 'file', algorithm: 'sha256', hashes: [1, 2, 3].map((n) => hashOf(n).slice(0, 4)) } as const;
  const [one, two, three] = question.hashes as [Uint8Array, Uint8Array, Uint8Array];

  it('are matched by what was asked, in any order', () => {
    const matched = matchAnswers(question, [answerTo(three), answerTo(one)]);
    expect([...matched.values()].map((answer) => answer.asked)).toEqual([three, one]);
  });

  it('to what was not asked are ignored', () => {
    expect(matchAnswers(question, [answerTo(hashOf(9).slice(0, 4)), answerTo(hashOf(1)), answerTo(new Uint8Array())]).size).toBe(0);
  });

  it('that are given twice are none', () => {
    const matched = matchAnswers(question, [answerTo(one), answerTo(two, { lists: [hashOf(2)] }), answerTo(two)]);
    expect([...matched.values()]).toEqual([answerTo(one)]);
  });

  it.each<[string, { generation?: number; lists?: readonly Uint8Array[] }, number | undefined, string]>([
    ['not listed, no generation wanted', {}, undefined, 'settles'],
    ['not listed, new enough', { generation: 7 }, 7, 'settles'],
    ['not listed, too old', { generation: 6 }, 7, 'behind'],
    ['not listed, no generation', {}, 7, 'behind'],
    ['listed, new enough', { generation: 7, lists: [hashOf(1)] }, 7, 'settles'],
    ['listed, too old', { generation: 6, lists: [hashOf(1)] }, 7, 'find'],
    ['listed, no generation', { lists: [hashOf(1)] }, 7, 'settles'],
    ['another hash of the prefix listed, too old', { generation: 6, lists: [hashOf(1, 9)] }, 7, 'behind'],
  ])('%s', (_, says, minGeneration, expected) => {
    expect(judgeAnswer(answerTo(one, says), fileOf(1), minGeneration)).toBe(expected);
  });

  it('that say clean, of an older generation, are not kept in reserve', () => {
    const clean = { ...answerTo(one, { lists: [hashOf(1)], generation: 6 }) };
    const answer = { ...clean, records: clean.records.map((record) => ({ ...record, disposition: 'clean' as const })) };
    expect(judgeAnswer(answer, fileOf(1), 7)).toBe('behind');
  });

  const good = { kind: 'answer', body: { answers: [answerTo(one, { lists: [hashOf(1)] })] } };
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'answer'],
    ['an unknown kind', { kind: 'ok' }],
    ['no body', { kind: 'answer' }],
    ['no list', { kind: 'answer', body: { answers: {} } }],
    ['an answer of nothing', { kind: 'answer', body: { answers: [null] } }],
    ['an answer to a text', { kind: 'answer', body: { answers: [{ ...answerTo(one), asked: 'x' }] } }],
    ['no records', { kind: 'answer', body: { answers: [{ ...answerTo(one), records: undefined }] } }],
    ['a record of nothing', { kind: 'answer', body: { answers: [{ ...answerTo(one), records: [7] }] } }],
    ['an unknown disposition', { kind: 'answer', body: { answers: [{ ...answerTo(one), records: [{ hash: one, disposition: 'safe', threats: [] }] }] } }],
    ['no life', { kind: 'answer', body: { answers: [{ ...answerTo(one), ttlMs: '1' }] } }],
    ['a generation that is none', { kind: 'answer', body: { answers: [{ ...answerTo(one), generation: '1' }] } }],
    ['a strength that is none', { ...good, body: { ...good.body, strength: '4' } }],
  ])('of the wrong shape (%s) are a failure', (_, value) => {
    expect(parseReply(value)).toEqual({ kind: 'failed', retry: false, reason: 'bad-answer' });
  });

  it.each<[unknown, unknown]>([
    [good, good],
    [{ kind: 'wait' }, { kind: 'wait' }],
    [{ kind: 'wait', waitMs: 5, other: 1 }, { kind: 'wait', waitMs: 5 }],
    [{ kind: 'wait', waitMs: '5' }, { kind: 'wait' }],
    [{ kind: 'failed', retry: true }, { kind: 'failed', retry: true, reason: 'unreachable' }],
    [{ kind: 'failed' }, { kind: 'failed', retry: false, reason: 'unreachable' }],
    [{ kind: 'failed', retry: true, reason: 'bad-answer' }, { kind: 'failed', retry: true, reason: 'bad-answer' }],
  ])('%j is read as %j', (value, expected) => {
    expect(parseReply(value)).toEqual(expected);
  });
});
