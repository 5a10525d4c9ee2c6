import { describe, expect, it } from 'vitest';
import { afterExchange, untriedUpstream, type UpstreamOutcome, type UpstreamState } from '../../../src/server/relay/upstream-pause.js';

const failed = { kind: 'failed' } as const;
const after = (outcomes: readonly UpstreamOutcome[], draw: number): UpstreamState =>
  outcomes.reduce((state, outcome) => afterExchange(state, outcome, { nowMs: 0, random: () => draw }), untriedUpstream);
const times = (count: number): UpstreamOutcome[] => Array.from({ length: count }, () => failed);

describe('the pause of an upstream', () => {
  it.each([
    [1, 500, 1_000], [2, 1_000, 2_000], [3, 2_000, 4_000], [6, 16_000, 32_000], [7, 30_000, 60_000], [8, 30_000, 60_000], [2_000, 30_000, 60_000],
  ])('after %i failures is from %i to %i ms', (failures, least, most) => {
    expect(after(times(failures), 0).pausedUntilMs).toBe(least);
    expect(after(times(failures), 1).pausedUntilMs).toBe(most);
  });

  it('ends with an answer', () => {
    expect(after([...times(9), { kind: 'answered' }], 0)).toEqual(untriedUpstream);
    expect(after([...times(9), { kind: 'answered' }, failed], 1).pausedUntilMs).toBe(1_000);
  });

  it.each([
    [undefined, 5_000], [0, 0], [1, 1], [3_600_000, 3_600_000], [3_600_001, 3_600_000], [10 ** 15, 3_600_000],
  ])('that is asked for as %j ms is %i ms', (waitMs, pause) => {
    expect(after([{ kind: 'wait', waitMs }], 0.5)).toMatchObject({ pausedUntilMs: pause, byRequest: true });
  });
});
