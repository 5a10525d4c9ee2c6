/**
 * The built-in policies and tables over them. Pure: this is the only place that decides between fail-open and
 * fail-closed, and the only place that knows about web levels.
 */
import type { Access, Decision, Reason, Remedy } from '../base/verdict.js';
import { classOfScore } from '../base/web-reputation.js';
import { actionFor, changedDecision, defaultActionTable, type ActionTable } from './action-table.js';
import type { Policy, PolicyFacts, PolicyName, PolicyTable, WebLevels } from './policy.js';
import { isBlockedScore, isDangerousScore, levelIn } from './web-level.js';

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

/** What a policy is made with, besides its table. */
export interface PolicyOptions {
  /** One level, or one for each location. Default: `low` inside, `medium` elsewhere. */
  readonly level?: WebLevels | undefined;
  /** What is done about which type of threat; takes the place of the whole default. */
  readonly actions?: ActionTable | undefined;
  /** Replaces the remedy of everything that is treated at all. */
  readonly remedy?: Remedy | undefined;
}

/** One for everything that is clean: nearly all there is. */
const letThrough: Decision = Object.freeze({ access: 'allow', remedy: 'none' });

/** The policy that a table describes. URLs are never treated: a table or a host that wants it says so. */
export function createPolicy(table: PolicyTable, options: PolicyOptions = {}): Policy {
  const given = typeof table === 'string' ? { base: table } : table;
  const base = bases[given.base];
  const actions = options.actions ?? defaultActionTable;

  return Object.assign(decide, { label: given.base });

  function decide(facts: PolicyFacts): Decision {
    const { verdict } = facts;
    switch (verdict.disposition) {
      case 'clean':
        return letThrough;
      case 'malicious':
        return changedDecision(decideMalicious(facts), given.malicious ?? {});
      case 'suspicious':
        return { access: accessForSuspicious(facts), remedy: 'none' };
      case 'unknown':
        return { access: accessForUnknown(facts), remedy: 'none' };
    }
  }

  function decideMalicious({ verdict, subject, occasion }: PolicyFacts): Decision {
    if (base.malicious !== 'by-threat') {
      return base.malicious;
    }
    const action = actionFor(actions, verdict.threats.map((threat) => threat.type), occasion);
    if (subject.kind === 'url') {
      // Every level blocks what is rated dangerous, whatever its threats are called.
      return { access: isDangerousScore(verdict.score) ? 'block' : action.access, remedy: 'none' };
    }
    return action.remedy === 'none' || options.remedy === undefined ? action : changedDecision(action, { remedy: options.remedy });
  }

  /** A level says which ratings are blocked. Beside the word of a threat list it can only make things stricter. */
  function accessForSuspicious({ verdict, location }: PolicyFacts): Access {
    const { score } = verdict;
    if (score === undefined || given.base === 'report') {
      return given.suspicious ?? base.suspicious;
    }
    if (isBlockedScore(score, levelIn(location, options.level))) {
      return 'block';
    }
    // A verdict with a class is a rating's. Without one a score may stand beside the word of a list, which is no milder for it.
    const isRating = verdict.class !== undefined && classOfScore(score) !== 'safe';
    return given.suspicious ?? (isRating ? 'warn' : base.suspicious);
  }

  function accessForUnknown(facts: PolicyFacts): Access {
    const reason: Reason = facts.verdict.reason ?? 'internal';
    if (reason === 'pending-full') {
      return given.unknown?.['pending-full'] ?? given.pendingFull ?? base.pendingFull;
    }
    if (facts.overdue === true && given.overdue !== undefined) {
      return given.overdue;
    }
    if (reason === 'untested') {
      const access = given.untested ?? given.unknown?.untested ?? 'allow';
      return facts.localServersOnly === true && (access === 'block' || access === 'hold') ? 'allow' : access;
    }
    return given.unknown?.[reason] ?? given.unknown?.any ?? base.unknown;
  }
}
