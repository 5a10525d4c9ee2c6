import { describe, expect, it } from 'vitest';
import { actionFor, changedDecision, defaultActionTable, type ActionTable } from '../../src/action/action-table.js';
import { createPolicy } from '../../src/action/create-policy.js';
import type { PolicyTable } from '../../src/action/policy.js';
import type { Occasion } from '../../src/base/check-result.js';
import type { Decision } from '../../src/base/verdict.js';

const table: ActionTable = {
  trojan: { access: 'block', remedy: 'quarantine', second: 'delete', late: { remedy: 'rename', second: 'quarantine' }, retro: { access: 'warn' } },
  exploit: { access: 'block', remedy: 'none', late: { remedy: 'quarantine' } },
  other: { access: 'warn', remedy: 'none' },
};

describe('the action of a set of threats', () => {
  const cases: readonly (readonly [readonly string[], Occasion, Decision])[] = [
    [['trojan'], 'now', { access: 'block', remedy: 'quarantine', second: 'delete' }],
    [['trojan'], 'late', { access: 'block', remedy: 'rename', second: 'quarantine' }],
    [['trojan'], 'retro', { access: 'warn', remedy: 'quarantine', second: 'delete' }],
    [['exploit'], 'now', { access: 'block', remedy: 'none' }],
    [['exploit'], 'late', { access: 'block', remedy: 'quarantine' }],
    [['exploit'], 'retro', { access: 'block', remedy: 'none' }],
    [['unheard-of'], 'late', { access: 'warn', remedy: 'none' }],
    [[], 'now', { access: 'warn', remedy: 'none' }],
    // The strongest counts as it is on that occasion.
    [['trojan', 'exploit'], 'retro', { access: 'block', remedy: 'none' }],
    [['exploit', 'trojan'], 'late', { access: 'block', remedy: 'quarantine' }],
  ];

  it.each(cases)('%j, %s', (types, occasion, expected) => {
    expect(actionFor(table, types, occasion)).toEqual(expected);
  });

  it('by default is that of now on every occasion', () => {
    for (const type of Object.keys(defaultActionTable)) {
      const now = actionFor(defaultActionTable, [type], 'now');
      expect([actionFor(defaultActionTable, [type], 'late'), actionFor(defaultActionTable, [type], 'retro')]).toEqual([now, now]);
    }
  });
});

describe('a decision that is changed', () => {
  const both: Decision = { access: 'block', remedy: 'quarantine', second: 'delete' };
  it.each<[Partial<Decision>, Decision]>([
    [{}, both],
    [{ access: 'hold' }, { ...both, access: 'hold' }],
    [{ remedy: 'quarantine' }, both],
    [{ remedy: 'rename' }, { access: 'block', remedy: 'rename' }],
    [{ remedy: 'none' }, { access: 'block', remedy: 'none' }],
    [{ remedy: 'delete', second: 'rename' }, { access: 'block', remedy: 'delete', second: 'rename' }],
    [{ second: 'none' }, { access: 'block', remedy: 'quarantine' }],
    [{ remedy: 'delete', second: 'delete' }, { access: 'block', remedy: 'delete' }],
    [{ remedy: 'none', second: 'delete' }, { access: 'block', remedy: 'none' }],
  ])('by %j', (by, expected) => {
    expect(changedDecision(both, by)).toEqual(expected);
  });
});

describe('a policy over a table of the host', () => {
  const decide = (policy: PolicyTable, how: { readonly occasion?: Occasion; readonly overdue?: boolean; readonly bad?: boolean }): Decision =>
    createPolicy(policy, { actions: table })({
      verdict: how.bad === true
        ? { disposition: 'malicious', threats: [{ name: 'T', type: 'trojan' }], source: 'scan', generations: {} }
        : { disposition: 'unknown', reason: 'unreachable', threats: [], source: 'none', generations: {} },
      subject: { kind: 'file' },
      occasion: how.occasion ?? 'now',
      pending: { kind: 'none' },
      location: 'external',
      ...(how.overdue === undefined ? {} : { overdue: how.overdue }),
    });

  it('follows the occasion', () => {
    expect(decide('endpoint', { bad: true })).toEqual({ access: 'block', remedy: 'quarantine', second: 'delete' });
    expect(decide('endpoint', { bad: true, occasion: 'late' })).toEqual({ access: 'block', remedy: 'rename', second: 'quarantine' });
  });

  it.each<[string, PolicyTable, boolean, Decision['access']]>([
    ['stays as it was where the table says nothing', 'endpoint', true, 'allow'],
    ['changes where the table says so', { base: 'endpoint', overdue: 'block' }, true, 'block'],
    ['comes before the reason', { base: 'endpoint', overdue: 'hold', unknown: { unreachable: 'warn' } }, true, 'hold'],
    ['counts only when it is overdue', { base: 'endpoint', overdue: 'block' }, false, 'allow'],
  ])('access to what is overdue %s', (_, policy, overdue, access) => {
    expect(decide(policy, { overdue }).access).toBe(access);
  });
});
