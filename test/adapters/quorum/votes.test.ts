import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, disagrees, type Opinion, type Outcome, type Vote } from '../../../src/adapters/quorum/votes.js';

const opinions: readonly Opinion[] = ['malicious', 'suspicious', 'clean', 'unlisted', 'abstains', 'absent'];
const letters: Readonly<Record<string, Opinion>> = { m: 'malicious', s: 'suspicious', c: 'clean', u: 'unlisted', '-': 'abstains', '?': 'absent' };
/** One letter is one vote of weight 1. */
const votesOf = (text: string): Vote[] => [...text].map((letter, i) => ({ source: String(i), weight: 1, opinion: letters[letter]! }));

describe('a vote', () => {
  it.each<[string, number, number, Outcome]>([
    // votes, need, find
    ['mmu', 2, 2, 'malicious'],
    ['msu', 2, 2, 'suspicious'],
    ['muu', 2, 2, 'unlisted'],
    ['muu', 2, 1, 'malicious'],
    ['suu', 2, 1, 'suspicious'],
    ['uu?', 2, 2, 'unlisted'],
    ['cu?', 2, 2, 'clean'],
    ['ccm', 2, 2, 'unlisted'],
    ['u??', 2, 2, 'undecided'],
    ['c??', 2, 2, 'undecided'],
    ['m??', 2, 2, 'undecided'],
    ['m??', 2, 1, 'malicious'],
    ['mu?', 2, 2, 'undecided'],
    ['mu-', 2, 2, 'split'],
    ['su', 2, 2, 'split'],
    ['u--', 2, 2, 'unknown'],
    ['---', 1, 1, 'unknown'],
    ['???', 1, 1, 'undecided'],
    ['u-?', 1, 1, 'unlisted'],
    ['c-?', 1, 1, 'clean'],
  ])('%s with need %d and find %d is %s', (text, need, find, outcome) => {
    expect(decide(votesOf(text), { need, find })).toBe(outcome);
  });

  it('sums of weights that miss their bound by rounding reach it', () => {
    const votes = [0.7, 0.1, 0.2].map((weight, i): Vote => ({ source: String(i), weight, opinion: 'unlisted' }));
    expect(decide(votes, { need: 1, find: 1 })).toBe('unlisted');
  });

  const vote = fc.record({ weight: fc.integer({ min: 1, max: 5 }), opinion: fc.constantFrom(...opinions) });
  const poll = fc.tuple(fc.array(vote, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }));
  const named = (votes: readonly { readonly weight: number; readonly opinion: Opinion }[]): Vote[] => votes.map((one, i) => ({ ...one, source: String(i) }));
  const numRuns = 10 * Number(process.env.FUZZ_RUNS ?? 100);

  it('nothing against it is said only by enough weight, whoever is missing', () => {
    fc.assert(
      fc.property(poll, ([votes, need, find]) => {
        const outcome = decide(named(votes), { need, find });
        const weight = (...of: readonly Opinion[]): number => votes.filter((one) => of.includes(one.opinion)).reduce((sum, one) => sum + one.weight, 0);
        if (outcome === 'clean' || outcome === 'unlisted') {
          expect(weight('clean', 'unlisted')).toBeGreaterThanOrEqual(need);
          expect(weight('malicious', 'suspicious')).toBeLessThan(find);
        }
        expect(outcome === 'malicious').toBe(weight('malicious') >= find);
      }),
      { numRuns },
    );
  });

  it('a member that fails makes nothing clean that was not, and no order of members matters', () => {
    const isGood = (outcome: Outcome): boolean => outcome === 'clean' || outcome === 'unlisted';
    fc.assert(
      fc.property(poll, fc.nat(), ([votes, need, find], which) => {
        const before = decide(named(votes), { need, find });
        // Who is missing may have been the one that made a find; the good ones alone must have had enough.
        const after = decide(named(votes.map((one, i) => (i === which % votes.length ? { ...one, opinion: 'absent' as const } : one))), { need, find });
        const failing = votes[which % votes.length]!.opinion;
        if (isGood(after) && !isGood(before)) {
          expect(['malicious', 'suspicious']).toContain(failing);
        }
        expect(decide(named([...votes].reverse()), { need, find })).toBe(before);
      }),
      { numRuns },
    );
  });

  it('would be noticed if it counted those who are absent as having nothing against it (sabotage of these tests)', () => {
    const sabotaged = (votes: readonly Vote[]): Outcome => decide(votes.map((one) => (one.opinion === 'absent' ? { ...one, opinion: 'unlisted' } : one)), { need: 2, find: 2 });
    expect(sabotaged(votesOf('u??'))).toBe('unlisted');
  });

  it.each([['mu', true], ['sc', true], ['ms', false], ['m-', false], ['m?', false], ['cu', false]])('%s disagrees: %s', (text, expected) => {
    expect(disagrees(votesOf(text))).toBe(expected);
  });
});
