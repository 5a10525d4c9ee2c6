/** Classes, levels, locations and the switch for untested URLs, as one table over every score. */
import { describe, expect, it } from 'vitest';
import { createPolicy } from '../../src/action/create-policy.js';
import type { PolicyFacts, PolicyName, WebLevel, WebLevels } from '../../src/action/policy.js';
import type { Access, Verdict } from '../../src/base/verdict.js';
import { classOfScore, dispositionOfClass } from '../../src/base/web-reputation.js';

const levels = ['low', 'medium', 'high'] as const satisfies readonly WebLevel[];
const locations = ['internal', 'external', 'a place nobody knows'] as const;
const switches = ['allow', 'warn', 'hold', 'block'] as const satisfies readonly Access[];

function facts(verdict: Partial<Verdict>, where: Partial<PolicyFacts> = {}): PolicyFacts {
  return {
    verdict: { disposition: 'unknown', threats: [], source: 'query', generations: {}, ...verdict },
    subject: { kind: 'url', url: 'http://h.example/' },
    occasion: 'now',
    pending: { kind: 'none' },
    location: 'external',
    ...where,
  };
}

function rated(score: number): Partial<Verdict> {
  const webClass = classOfScore(score);
  return { disposition: dispositionOfClass(webClass), score, class: webClass };
}

/** DESIGN §5 read aloud: what is blocked, and nothing of how it is worked out. */
function isBlocked(score: number, level: WebLevel): boolean {
  return score <= 50 || (level !== 'low' && score <= 65) || (level === 'high' && score <= 80);
}

describe('a rated URL', () => {
  it.each(levels)('is blocked at level %s as the table says, at every score, in every location', (level) => {
    for (const base of ['endpoint', 'gateway'] as const) {
      for (const location of locations) {
        for (const localServersOnly of [true, false]) {
          for (let score = 0; score <= 100; score++) {
            const decision = createPolicy(base, { level })(facts(rated(score), { location, localServersOnly }));
            const expected = isBlocked(score, level) ? 'block' : score <= 80 ? 'warn' : 'allow';
            expect([base, score, decision]).toEqual([base, score, { access: expected, remedy: 'none' }]);
          }
        }
      }
    }
  });

  it('is never blocked by the policy that only reports', () => {
    for (let score = 0; score <= 100; score++) {
      expect(createPolicy('report', { level: 'high' })(facts(rated(score)))).toEqual({ access: 'allow', remedy: 'none' });
    }
  });

  it.each<readonly [WebLevels | undefined, string, WebLevel]>([
    [undefined, 'internal', 'low'],
    [undefined, 'external', 'medium'],
    [undefined, 'a place nobody knows', 'medium'],
    [{}, 'internal', 'low'],
    [{ internal: 'high' }, 'internal', 'high'],
    [{ internal: 'high' }, 'external', 'medium'],
    [{ external: 'high' }, 'elsewhere', 'high'],
    [{ external: 'high' }, 'internal', 'low'],
    ['high', 'internal', 'high'],
    ['low', 'external', 'low'],
  ])('of levels %j meets in location %j the level %s', (given, location, level) => {
    const policy = createPolicy('endpoint', given === undefined ? {} : { level: given });
    for (let score = 0; score <= 100; score++) {
      expect(policy(facts(rated(score), { location })).access === 'block').toBe(isBlocked(score, level));
    }
  });

  it('external is the stricter of the two locations, unless told otherwise', () => {
    const policy = createPolicy('endpoint');
    for (let score = 0; score <= 100; score++) {
      const [inside, outside] = ['internal', 'external'].map((location) => policy(facts(rated(score), { location })).access);
      expect(inside === 'block' && outside !== 'block').toBe(false);
    }
    expect(policy(facts(rated(60), { location: 'internal' })).access).toBe('warn');
    expect(policy(facts(rated(60))).access).toBe('block');
  });

  it('is not spared by a table that lets other suspicious subjects through', () => {
    const policy = createPolicy({ base: 'endpoint', suspicious: 'allow' }, { level: 'medium' });
    expect(policy(facts(rated(65))).access).toBe('block');
    expect(policy(facts(rated(66))).access).toBe('allow');
    expect(policy(facts({ disposition: 'suspicious' })).access).toBe('allow');
  });

  it('is blocked when it is dangerous, whatever its threats are called', () => {
    const verdict = { ...rated(20), threats: [{ name: 'Maybe', type: 'probable' }] };
    expect(createPolicy('endpoint')(facts(verdict)).access).toBe('block');
    const { score: _, class: __, ...listed } = verdict;
    expect(createPolicy('endpoint')(facts(listed)).access).toBe('warn');
  });

  it('does not spare what a threat list calls suspicious: a good rating changes nothing, a bad one blocks', () => {
    for (const [score, access] of [[undefined, 'hold'], [95, 'hold'], [70, 'hold'], [60, 'block'], [10, 'block']] as const) {
      const verdict = { disposition: 'suspicious', ...(score === undefined ? {} : { score }) } as const;
      expect([score, createPolicy('gateway', { level: 'medium' })(facts(verdict)).access]).toEqual([score, access]);
    }
  });

  it('is never quarantined, deleted or renamed, unless the table says so', () => {
    const trojan: Partial<Verdict> = { disposition: 'malicious', threats: [{ name: 'T', type: 'trojan' }] };
    expect(createPolicy('endpoint', { remedy: 'delete' })(facts(trojan))).toEqual({ access: 'block', remedy: 'none' });
    expect(createPolicy({ base: 'endpoint', malicious: { remedy: 'delete' } })(facts(trojan)).remedy).toBe('delete');
  });
});

describe('an untested URL', () => {
  const untested: Partial<Verdict> = { disposition: 'unknown', reason: 'untested', score: 71, class: 'untested' };

  it('meets its own switch alone, and is never blocked or held where only local servers are asked', () => {
    for (const base of ['endpoint', 'gateway', 'report'] as const satisfies readonly PolicyName[]) {
      for (const level of levels) {
        for (const location of locations) {
          for (const chosen of [undefined, ...switches]) {
            const table = { base, unknown: { any: 'block' }, suspicious: 'block', ...(chosen === undefined ? {} : { untested: chosen }) } as const;
            const access = (localServersOnly: boolean): Access => createPolicy(table, { level })(facts(untested, { location, localServersOnly })).access;
            expect(access(false)).toBe(chosen ?? 'allow');
            expect(access(true)).toBe(chosen === 'warn' ? 'warn' : 'allow');
          }
        }
      }
    }
  });

  it('can be blocked where nobody says which servers are asked', () => {
    expect(createPolicy({ base: 'endpoint', untested: 'block' })(facts(untested)).access).toBe('block');
  });

  it('is not the same as one with the score 71', () => {
    for (const level of levels) {
      const policy = createPolicy({ base: 'endpoint', untested: 'block' }, { level });
      expect(policy(facts(rated(71))).access).toBe(level === 'high' ? 'block' : 'warn');
    }
  });
});
