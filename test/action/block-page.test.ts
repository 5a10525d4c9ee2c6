import { describe, expect, it } from 'vitest';
import { blockPageReason } from '../../src/action/block-page.js';
import type { Verdict } from '../../src/base/verdict.js';

const verdict = (facts: Partial<Verdict>): Verdict => ({ disposition: 'malicious', threats: [], source: 'query', generations: {}, ...facts });

describe('the reason on a block page', () => {
  it.each<readonly [Partial<Verdict>, string, string]>([
    [{ threats: [{ name: 'A', type: 'phishing' }, { name: 'B', type: 't' }], categories: ['x', 'y'] }, 'threat', 'This address is on a threat list: A, B, filed under x, y.'],
    [{}, 'threat', 'This address is on a threat list.'],
    [{ score: 23, class: 'dangerous' }, 'rating', 'This address is rated dangerous (23 of 100).'],
    [{ disposition: 'suspicious', score: 60, class: 'highly-suspicious', categories: ['spam'] }, 'rating', 'This address is rated highly suspicious (60 of 100), filed under spam.'],
    [{ threats: [{ name: 'A', type: 't' }], score: 90 }, 'threat', 'This address is on a threat list: A.'],
    [{ source: 'list', by: 'host:7', threats: [{ name: 'Blocked.host:7', type: 'blocked-by-list' }] }, 'rule', 'This address is blocked by a rule of this site.'],
    [{ disposition: 'unknown', reason: 'untested', score: 71, class: 'untested' }, 'untested', 'This address has not been rated yet.'],
    [{ disposition: 'unknown', reason: 'unreachable' }, 'unverified', 'This address could not be verified.'],
    [{ disposition: 'clean', score: 90, class: 'safe' }, 'none', 'There is nothing known against this address.'],
  ])('of %j is %s', (facts, kind, text) => {
    expect(blockPageReason(verdict(facts))).toMatchObject({ kind, text });
  });

  it('carries class, score, expression and source as they are', () => {
    const facts = { score: 23, class: 'dangerous', expression: 'bad.example/a/', by: 'server' } as const;
    expect(blockPageReason(verdict(facts))).toEqual({
      kind: 'rating', text: 'This address is rated dangerous (23 of 100).', threats: [], categories: [], ...facts,
    });
  });

  it('shows no controls and no text without end', () => {
    const reason = blockPageReason(verdict({ threats: [{ name: `a\u202eb\u001b[31m\n${'x'.repeat(5000)}`, type: 't' }], categories: ['\u0000\ud800'] }));
    expect(reason.threats[0]).toHaveLength(200);
    expect(reason.threats[0]!.startsWith('a\ufffdb\ufffd[31m\ufffdx')).toBe(true);
    expect(reason.categories).toEqual(['\ufffd\ufffd']);
    expect(blockPageReason(verdict({ threats: [{ name: '💀'.repeat(200), type: 't' }] })).threats[0]).toBe('💀'.repeat(200));
  });
});
