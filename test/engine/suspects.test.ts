/** What the retro-hunt suspects: due at once, or later after it was tried in vain; bounded, and none holds up another. */
import { describe, expect, it } from 'vitest';
import { Suspects } from '../../src/engine/life/retro/suspects.js';

const none = new Map<string, never>();

describe('suspects', () => {
  it('are due at once, in their order, so many at a time', () => {
    const suspects = new Suspects();
    ['a', 'b', 'c'].forEach((key) => suspects.add(key));
    expect(suspects.due(5, 2)).toEqual({ keys: ['a', 'b'], nextInMs: 0 });
    expect([...suspects.take(['a', 'b', 'x']).keys()]).toEqual(['a', 'b']);
    expect(suspects.due(5, 2)).toEqual({ keys: ['c'], nextInMs: Number.POSITIVE_INFINITY });
  });

  it('on which nobody could give a word come again after 1, 2, 4 … minutes, an hour at most', () => {
    const suspects = new Suspects();
    suspects.add('a');
    const waits: number[] = [];
    for (let now = 0, round = 0; round < 9; round++) {
      const taken = suspects.take(suspects.due(now, 10).keys);
      suspects.defer('a', taken, now);
      const { keys, nextInMs } = suspects.due(now, 10);
      expect(keys).toEqual([]);
      waits.push(nextInMs / 60_000);
      now += nextInMs;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it('that are suspected anew are due at once again', () => {
    const suspects = new Suspects();
    suspects.defer('a', none, 0);
    suspects.add('a');
    expect(suspects.due(0, 10).keys).toEqual(['a']);
  });

  it('that could not be judged are put back, but not over a newer suspicion', () => {
    const suspects = new Suspects();
    suspects.defer('a', none, 0);
    suspects.defer('b', none, 0);
    const taken = suspects.take(['a', 'b']);
    suspects.add('b');
    suspects.restore(taken);
    expect(suspects.due(0, 10)).toEqual({ keys: ['b'], nextInMs: 60_000 });
  });

  it('are 10,000 at most; one of them may always come again', () => {
    const suspects = new Suspects();
    const room = Array.from({ length: 10_001 }, (_, i) => suspects.add(`${i}`));
    expect(room.indexOf(false)).toBe(10_000);
    expect([suspects.size, suspects.add('5'), suspects.defer('6', none, 0), suspects.defer('new', none, 0)]).toEqual([10_000, true, true, false]);
  });
});
