/** Leases and waits over processes and clocks that jump, and the turns of lanes, as tables. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elapsedMs, type Instant } from '../../../src/adapters/indexeddb/instants.js';
import type { Head } from '../../../src/adapters/indexeddb/pending/records.js';
import { hasLapsed, stateOf } from '../../../src/adapters/indexeddb/pending/state-of.js';
import { takeInTurn } from '../../../src/adapters/indexeddb/pending/turns.js';
import { Lanes } from '../../pending/plain-lanes.js';

const start = 1_700_000_000_000;
const day = 86_400_000;

/** So much later by each clock, seen by this process. */
function later(wallMs: number, monoMs: number, process = 'one'): Instant {
  return { wall: start + wallMs, mono: 1000 + monoMs, process };
}

const base: Head = {
  seq: 1,
  id: 'e',
  owner: 'main',
  identity: 'file:k',
  lane: 'file',
  at: start,
  items: 1,
  open: 1,
  bytes: 700,
  standing: { attempts: 0, failures: 0, notBeforeAt: start, dead: false },
  stoodAt: later(0, 0),
  claims: 0,
};

describe('time that has passed', () => {
  it.each([
    ['is what the monotonic clock says to the process itself', later(99_999, 5), 5],
    ['is what the wall clock says to another', later(99_999, 5, 'two'), 99_999],
    ['is unknown, so endless, to another when the wall clock was set back', later(-1, 5, 'two'), Number.POSITIVE_INFINITY],
    ['is none at the same instant', later(0, 0, 'two'), 0],
  ])('%s', (_, now, expected) => {
    expect(elapsedMs(later(0, 0), now)).toBe(expected);
  });
});

describe('a lease of a minute', () => {
  const leased: Head = { ...base, lease: { from: later(0, 0), ms: 60_000 } };
  it.each([
    ['holds within the minute', later(59_999, 59_999), 'claimed'],
    ['is over after it', later(60_000, 60_000), 'due'],
    ['holds in its process though the wall clock was set on', later(day, 59_999), 'claimed'],
    ['is over in its process though the wall clock was set back', later(-day, 60_000), 'due'],
    ['holds in another tab', later(59_999, 7, 'two'), 'claimed'],
    ['is over in another tab', later(60_000, 7, 'two'), 'due'],
    ['is over in another tab when the wall clock was set back before it', later(-1, 7, 'two'), 'due'],
  ])('%s', (_, now, state) => {
    expect([stateOf(leased, now), hasLapsed(leased, now)]).toEqual([state, state === 'due']);
  });
});

describe('a wait of an hour', () => {
  const hour = 3_600_000;
  const waiting: Head = { ...base, standing: { ...base.standing, notBeforeAt: start + hour } };
  const forYears: Head = { ...base, standing: { ...base.standing, notBeforeAt: start + 1000 * day } };
  it.each([
    ['lasts the hour', waiting, later(hour - 1, hour - 1), 'waiting'],
    ['is over after it', waiting, later(hour, hour), 'due'],
    ['is over when the wall clock says so', waiting, later(hour, 1), 'due'],
    ['is over when the hour has passed, though the wall clock was set back', waiting, later(-day, hour), 'due'],
    ['lasts in another process', waiting, later(hour - 1, 0, 'two'), 'waiting'],
    ['is over in another process when the wall clock was set back before it', waiting, later(-1, 0, 'two'), 'due'],
    ['of years ends after a day', forYears, later(day, day), 'due'],
    ['of years ends after a day in another process', forYears, later(day, 0, 'two'), 'due'],
    ['of years lasts a day', forYears, later(day - 1, 0, 'two'), 'waiting'],
    ['does not bring the dead back', { ...waiting, standing: { ...waiting.standing, dead: true } }, later(hour, hour), 'dead'],
  ])('%s', (_, head, now, state) => {
    expect(stateOf(head, now)).toBe(state);
  });
});

describe('lanes in records', () => {
  it('take the same turns as lanes in memory', () => {
    const entry = fc.record({ lane: fc.constantFrom('a', 'b', 'c', 'd'), may: fc.boolean() });
    const runs = Number(process.env['FUZZ_RUNS'] ?? 100);
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), fc.array(fc.nat({ max: 6 }), { maxLength: 4 }), (entries, limits) => {
        const heads = entries.map(({ lane }, order) => ({ ...base, seq: order, identity: `${order}`, lane, order }));
        const memory = new Lanes<(typeof heads)[number]>();
        heads.forEach((head) => memory.add(head));
        let turns: string[] = [...new Set(heads.map(({ lane }) => lane))];
        for (const limit of limits) {
          const may = (head: Head): boolean => entries[head.seq]?.may === true;
          const taken = takeInTurn(turns, heads.filter(may), limit);
          expect(taken.heads.map(({ seq }) => seq)).toEqual(memory.take(limit, may).map(({ seq }) => seq));
          for (const lane of taken.lanes) {
            turns = [...turns.filter((one) => one !== lane), lane];
          }
        }
      }),
      { numRuns: runs },
    );
  });
});
