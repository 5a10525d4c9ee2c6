import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextAttempt } from '../../src/query/decide/schedule.js';
import type { NextAttempt, ScheduleFacts, ServerFacts } from '../../src/query/decide/schedule.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };

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
