import { describe, expect, it } from 'vitest';
import { classOfScore, dispositionOfClass, speaksAgainst, webClassOf } from '../../src/base/web-reputation.js';

/** DESIGN §5, read aloud. */
function clearClass(score: number): string {
  return score >= 81 ? 'safe' : score >= 66 ? 'suspicious' : score >= 51 ? 'highly-suspicious' : 'dangerous';
}

describe('the class of a rating', () => {
  it('follows the table for every score from 0 to 100', () => {
    for (let score = 0; score <= 100; score++) {
      expect([score, classOfScore(score)]).toEqual([score, clearClass(score)]);
    }
  });

  it.each([
    [0, 'malicious'],
    [50, 'malicious'],
    [51, 'suspicious'],
    [65, 'suspicious'],
    [66, 'suspicious'],
    [80, 'suspicious'],
    [81, 'clean'],
    [100, 'clean'],
  ] as const)('makes a score of %i %s', (score, disposition) => {
    expect(dispositionOfClass(classOfScore(score))).toBe(disposition);
  });

  it.each([
    [{ disposition: 'unknown', score: 71 }, 'untested'],
    [{ disposition: 'unknown' }, 'untested'],
    [{ disposition: 'unknown', score: 95 }, 'untested'],
    [{ disposition: 'unknown', score: 70 }, 'suspicious'],
    [{ disposition: 'unknown', score: 20 }, 'dangerous'],
    [{ disposition: 'suspicious', score: 71 }, 'suspicious'],
    [{ disposition: 'clean', score: 71 }, 'suspicious'],
    [{ disposition: 'malicious', score: 99 }, 'safe'],
    [{ disposition: 'malicious' }, undefined],
    [{ disposition: 'clean' }, undefined],
  ] as const)('of %j is %s', (rating, webClass) => {
    expect(webClassOf(rating)).toBe(webClass);
  });

  it.each([
    [{ disposition: 'malicious' }, true],
    [{ disposition: 'suspicious' }, true],
    [{ disposition: 'clean' }, false],
    [{ disposition: 'unknown' }, false],
    [{ disposition: 'clean', score: 80 }, true],
    [{ disposition: 'malicious', score: 81 }, false],
    [{ disposition: 'unknown', score: 71 }, false],
  ] as const)('speaks against its subject, as of %j: %s', (rating, against) => {
    expect(speaksAgainst(rating)).toBe(against);
  });
});
