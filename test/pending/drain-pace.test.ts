import { describe, expect, it } from 'vitest';
import { drainPace, nextDue, releaseAfter, type StayReason } from '../../src/pending/drain-pace.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';

const now = 1_000_000;
const least = { now, random: () => 0 };
const most = { now, random: () => 1 };

describe('nextDue', () => {
  it.each([
    [1, 30_000, 60_000],
    [2, 60_000, 120_000],
    [3, 120_000, 240_000],
    [6, 960_000, 1_920_000],
    [7, 1_800_000, 3_600_000],
    [8, 1_800_000, 3_600_000],
    [1e9, 1_800_000, 3_600_000],
    [0, 30_000, 60_000],
  ])('after %d attempts waits between %d and %d ms', (attempts, from, to) => {
    expect(nextDue(attempts, least)).toBe(now + from);
    expect(nextDue(attempts, most)).toBe(now + to);
  });

  it('spreads entries over the whole range', () => {
    const random = createSeededRandom(1);
    const waits = Array.from({ length: 1000 }, () => nextDue(1, { now, random }) - now);
    expect(Math.min(...waits)).toBeLessThan(31_500);
    expect(Math.max(...waits)).toBeGreaterThan(58_500);
  });
});

describe('releaseAfter', () => {
  const fresh = { attempts: 0 };

  it.each(['unreachable', 'throttled', 'server-behind', 'bad-answer', 'pattern-expired', 'deadline', 'overloaded', 'no-pattern', 'pending-full'] as const)(
    'never sets an entry aside for %s, however often',
    (reason) => {
      expect(releaseAfter({ attempts: 10_000, failures: 10_000 }, reason, most)).toEqual({ notBeforeAt: expect.any(Number) as number });
    },
  );

  it.each(['unreachable', 'throttled'] as const)('keeps a short and even wait while the servers are %s', (reason) => {
    for (const attempts of [0, 5, 100]) {
      expect(releaseAfter({ attempts }, reason, least).notBeforeAt).toBe(now + 5_000);
      expect(releaseAfter({ attempts }, reason, most).notBeforeAt).toBe(now + 60_000);
    }
  });

  it('backs off from an answer that does not help', () => {
    expect(releaseAfter(fresh, 'bad-answer', most)).toEqual({ notBeforeAt: now + 60_000 });
    expect(releaseAfter({ attempts: 4 }, 'server-behind', most)).toEqual({ notBeforeAt: now + 960_000 });
  });

  it.each(['failed', 'internal', 'limit'] as const)('counts %s against the entry and sets it aside at the limit', (reason: StayReason) => {
    const { deadAfter } = drainPace;
    expect(releaseAfter({ attempts: 300, failures: deadAfter - 2 }, reason, most)).toMatchObject({ failed: true, dead: false });
    expect(releaseAfter({ attempts: 300, failures: deadAfter - 1 }, reason, most)).toMatchObject({ failed: true, dead: true });
  });

  it('follows a pace of the host', () => {
    const pace = { ...drainPace, deadAfter: 1, firstMs: 10 };
    expect(releaseAfter(fresh, 'failed', { ...most, pace })).toEqual({ notBeforeAt: now + 10, failed: true, dead: true });
  });
});
