/**
 * The built-in policies and tables over them. Pure: this is the only place that decides between fail-open and
 * fail-closed, and the only place that knows about web levels.
 */
import type { Access, Decision, Reason, Remedy, Verdict } from '../base/verdict.js';
import { actionFor, defaultActionTable, type ActionTable } from './action-table.js';
import type { Policy, PolicyFacts, PolicyName, PolicyTable, WebLevel } from './policy.js';

interface Base {
  /** Access for what cannot be verified. */
  readonly unknown: Access;
  readonly suspicious: Access;
  readonly pendingFull: Access;
  readonly malicious: 'by-threat' | Decision;
}

const bases: Readonly<Record<PolicyName, Base>> = {
  endpoint: { unknown: 'allow', suspicious: 'warn', pendingFull: 'block', malicious: 'by-threat' },
  gateway: { unknown: 'hold', suspicious: 'hold', pendingFull: 'block', malicious: { access: 'block', remedy: 'none' } },
  report: { unknown: 'allow', suspicious: 'allow', pendingFull: 'allow', malicious: { access: 'allow', remedy: 'none' } },
};

/** Highest score (DESIGN §5, web reputation) that a level blocks. */
const blockedScore: Readonly<Record<WebLevel, number>> = { low: 50, medium: 65, high: 80 };

/** The policy that a table describes. `remedy` replaces the remedy of everything that is treated at all. */
export function createPolicy(
  table: PolicyTable,
  options: { readonly level?: WebLevel; readonly actions?: ActionTable; readonly remedy?: Remedy } = {},
): Policy {
  const given = typeof table === 'string' ? { base: table } : table;
  const base = bases[given.base];
  const level = options.level ?? 'medium';
  const actions = options.actions ?? defaultActionTable;

  return (facts) => {
    const { verdict } = facts;
    switch (verdict.disposition) {
      case 'clean':
        return { access: 'allow', remedy: 'none' };
      case 'malicious':
        return overlay(decideMalicious(verdict), given.malicious);
      case 'suspicious':
        return { access: accessForSuspicious(verdict), remedy: 'none' };
      case 'unknown':
        return { access: accessForUnknown(facts), remedy: 'none' };
    }
  };

  function decideMalicious(verdict: Verdict): Decision {
    if (base.malicious !== 'by-threat') {
      return base.malicious;
    }
    const action = actionFor(actions, verdict.threats.map((threat) => threat.type));
    const remedy = action.remedy === 'none' ? 'none' : options.remedy ?? action.remedy;
    return { access: action.access, remedy };
  }

  function accessForSuspicious(verdict: Verdict): Access {
    if (given.suspicious !== undefined) {
      return given.suspicious;
    }
    if (verdict.score !== undefined && given.base !== 'report') {
      return verdict.score <= blockedScore[level] ? 'block' : 'warn';
    }
    return base.suspicious;
  }

  function accessForUnknown(facts: PolicyFacts): Access {
    const reason: Reason = facts.verdict.reason ?? 'internal';
    if (reason === 'pending-full') {
      return given.unknown?.['pending-full'] ?? given.pendingFull ?? base.pendingFull;
    }
    if (reason === 'untested') {
      return given.untested ?? given.unknown?.untested ?? 'allow';
    }
    return given.unknown?.[reason] ?? given.unknown?.any ?? base.unknown;
  }
}

function overlay(decision: Decision, over: Partial<Decision> | undefined): Decision {
  return over === undefined ? decision : { access: over.access ?? decision.access, remedy: over.remedy ?? decision.remedy };
}
