import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialFacts, type Facts, type Find } from '../../src/engine/story/facts.js';
import { verdictOf } from '../../src/engine/story/verdicts.js';
import type { Reason } from '../../src/base/verdict.js';

const start: Facts = { ...initialFacts({ kind: 'file', layers: 'all', allMatches: false }), settledBy: 'query' };
const find = (name: string, change: Partial<Find> = {}): Find => ({
  disposition: 'malicious',
  threats: [{ name, type: 'trojan' }],
  source: 'query',
  by: 'server',
  rank: 0,
  ...change,
});

describe('the verdict', () => {
  it('is clean only when no layer found anything and nothing is in doubt', () => {
    expect(verdictOf(start, {})).toMatchObject({ disposition: 'clean', source: 'query', threats: [] });
  });

  it.each<Reason>(['unreachable', 'budget', 'limit', 'server-behind', 'no-pattern', 'no-content', 'deadline'])(
    'is unknown and says why when the only thing known is the doubt "%s"',
    (reason) => {
      expect(verdictOf({ ...start, doubts: [reason] }, {})).toMatchObject({ disposition: 'unknown', reason });
    },
  );

  it('names the doubt that a server can settle before one that nobody can', () => {
    expect(verdictOf({ ...start, doubts: ['budget', 'unreachable'] }, {}).reason).toBe('unreachable');
  });

  it('lets a find stand beside a doubt', () => {
    const verdict = verdictOf({ ...start, finds: [find('A')], doubts: ['unreachable'] }, {});
    expect(verdict).toMatchObject({ disposition: 'malicious', reason: 'unreachable' });
  });

  it('is malicious when one source says suspicious and another malicious', () => {
    const finds = [find('S', { disposition: 'suspicious' }), find('M')];
    const verdict = verdictOf({ ...start, finds }, {});
    expect(verdict.disposition).toBe('malicious');
    expect(verdict.threats.map((threat) => threat.name)).toEqual(['M', 'S']);
  });

  it('follows the approval of the allow list against every find', () => {
    expect(verdictOf({ ...start, finds: [find('A')], approvedBy: 'agent pattern 1' }, {}).disposition).toBe('clean');
  });

  it('follows the host before everything else', () => {
    const blocked = verdictOf({ ...start, listed: { effect: 'blocked', rule: 'r', list: 'host' } }, {});
    expect(blocked).toMatchObject({ disposition: 'malicious', source: 'list', by: 'host:r' });
    const approved = verdictOf({ ...start, listed: { effect: 'approved', rule: 'r', list: 'host' }, finds: [find('A')] }, {});
    expect(approved).toMatchObject({ disposition: 'clean', source: 'list' });
  });

  it('takes the most specific rating and lets a threat list beat all ratings', () => {
    const bad = find('', { disposition: 'malicious', threats: [], score: 10, rank: 3 });
    const good = find('', { disposition: 'clean', threats: [], score: 90, rank: 1 });
    expect(verdictOf({ ...start, finds: [bad, good] }, {})).toMatchObject({ disposition: 'clean', score: 90 });
    expect(verdictOf({ ...start, finds: [bad, good, find('L', { rank: 5 })] }, {})).toMatchObject({
      disposition: 'malicious',
      score: 90,
    });
  });

  it('carries the generation of the answers that it rests on', () => {
    expect(verdictOf({ ...start, serverGeneration: 7 }, { agent: 3, filter: 6 }).generations).toEqual({ agent: 3, filter: 6, server: 7 });
  });

  it('is never clean while anything was found or is in doubt (unless the host or the allow list says so)', () => {
    const reasons = fc.constantFrom<Reason>('unreachable', 'budget', 'untested', 'bad-answer', 'limit');
    const finds = fc.constantFrom(find('A'), find('B', { disposition: 'suspicious' }));
    fc.assert(
      fc.property(fc.array(finds, { maxLength: 3 }), fc.array(reasons, { maxLength: 3 }), (found, doubts) => {
        const verdict = verdictOf({ ...start, finds: found, doubts }, {});
        expect(verdict.disposition === 'clean').toBe(found.length === 0 && doubts.length === 0);
        expect(verdict.disposition !== 'unknown' || verdict.reason !== undefined).toBe(true);
      }),
    );
  });
});
