import { describe, expect, it } from 'vitest';
import { createPolicy } from '../../src/action/create-policy.js';
import type { PolicyFacts, PolicyTable } from '../../src/action/policy.js';
import type { Decision, Verdict } from '../../src/base/verdict.js';

function facts(verdict: Partial<Verdict>): PolicyFacts {
  return {
    verdict: { disposition: 'unknown', threats: [], source: 'none', generations: {}, ...verdict },
    subject: { kind: 'file' },
    occasion: 'now',
    pending: { kind: 'none' },
    location: 'external',
  };
}

const trojan: Partial<Verdict> = { disposition: 'malicious', threats: [{ name: 'T', type: 'trojan' }] };
const exploit: Partial<Verdict> = { disposition: 'malicious', threats: [{ name: 'E', type: 'exploit' }] };
const unreachable: Partial<Verdict> = { disposition: 'unknown', reason: 'unreachable' };

describe('policies', () => {
  const table: readonly (readonly [string, PolicyTable, Partial<Verdict>, Decision])[] = [
    ['endpoint allows what is clean', 'endpoint', { disposition: 'clean' }, { access: 'allow', remedy: 'none' }],
    ['endpoint lets the unverifiable through for now', 'endpoint', unreachable, { access: 'allow', remedy: 'none' }],
    ['endpoint quarantines a trojan', 'endpoint', trojan, { access: 'block', remedy: 'quarantine' }],
    ['endpoint only blocks an exploit', 'endpoint', exploit, { access: 'block', remedy: 'none' }],
    ['endpoint blocks what the queue has no room for', 'endpoint', { disposition: 'unknown', reason: 'pending-full' }, { access: 'block', remedy: 'none' }],
    ['gateway holds the unverifiable', 'gateway', unreachable, { access: 'hold', remedy: 'none' }],
    ['gateway blocks without touching the object', 'gateway', trojan, { access: 'block', remedy: 'none' }],
    ['report allows everything', 'report', trojan, { access: 'allow', remedy: 'none' }],
    ['a table answers by reason', { base: 'endpoint', unknown: { unreachable: 'hold' } }, unreachable, { access: 'hold', remedy: 'none' }],
    ['a table answers any other reason', { base: 'endpoint', unknown: { any: 'block' } }, unreachable, { access: 'block', remedy: 'none' }],
    ['a table changes the remedy alone', { base: 'endpoint', malicious: { remedy: 'rename' } }, trojan, { access: 'block', remedy: 'rename' }],
    ['a table opens what a full queue refuses', { base: 'endpoint', pendingFull: 'allow' }, { disposition: 'unknown', reason: 'pending-full' }, { access: 'allow', remedy: 'none' }],
    ['untested is its own switch', { base: 'endpoint', unknown: { any: 'block' } }, { disposition: 'unknown', reason: 'untested' }, { access: 'allow', remedy: 'none' }],
    ['untested can be blocked', { base: 'endpoint', untested: 'block' }, { disposition: 'unknown', reason: 'untested' }, { access: 'block', remedy: 'none' }],
  ];

  it.each(table)('%s', (_name, policy, verdict, expected) => {
    expect(createPolicy(policy)(facts(verdict))).toEqual(expected);
  });

  it.each([
    ['low', 51, 'warn'],
    ['low', 50, 'block'],
    ['medium', 65, 'block'],
    ['medium', 66, 'warn'],
    ['high', 80, 'block'],
  ] as const)('level %s answers a score of %i with %s', (level, score, access) => {
    const decision = createPolicy('endpoint', { level })(facts({ disposition: 'suspicious', score }));
    expect(decision.access).toBe(access);
  });

  it('a chosen remedy replaces the one of the table, but treats nothing that is only blocked', () => {
    const policy = createPolicy('endpoint', { remedy: 'delete' });
    expect(policy(facts(trojan)).remedy).toBe('delete');
    expect(policy(facts(exploit)).remedy).toBe('none');
  });

  it('the strongest action of several threats counts', () => {
    const both: Partial<Verdict> = { disposition: 'malicious', threats: [...(exploit.threats ?? []), ...(trojan.threats ?? [])] };
    expect(createPolicy('endpoint')(facts(both)).remedy).toBe('quarantine');
  });

  it('a table of the host takes the place of the whole default', () => {
    const policy = createPolicy('endpoint', {
      actions: { trojan: { access: 'warn', remedy: 'delete' }, other: { access: 'hold', remedy: 'none' } },
    });
    expect(policy(facts(trojan))).toEqual({ access: 'warn', remedy: 'delete' });
    expect(policy(facts(exploit))).toEqual({ access: 'hold', remedy: 'none' });
  });

  it('a threat type named like a property of Object is just another type', () => {
    const verdict: Partial<Verdict> = { disposition: 'malicious', threats: [{ name: 'T', type: 'constructor' }] };
    expect(createPolicy('endpoint')(facts(verdict))).toEqual({ access: 'block', remedy: 'quarantine' });
  });
});
