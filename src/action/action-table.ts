/**
 * What is done about which kind of threat, as data: DESIGN §5 "Remedies". A host may replace the whole table, in its
 * configuration too.
 */
import type { Occasion } from '../base/check-result.js';
import type { Access, Decision, Remedy } from '../base/verdict.js';

/** What differs when a threat is found after its object was let through. */
export type LaterAction = Partial<Decision>;

/** The actions for one type of threat. */
export interface ThreatAction extends Decision {
  /** Found by a server that answered again. Absent: as now. */
  readonly late?: LaterAction;
  /** Found long after it was judged. Absent: as now. */
  readonly retro?: LaterAction;
}

/** Actions by threat type; `other` for every type that is not named. */
export type ActionTable = Readonly<Record<string, ThreatAction>> & { readonly other: ThreatAction };

const treated: ThreatAction = { access: 'block', remedy: 'quarantine' };
const blockedOnly: ThreatAction = { access: 'block', remedy: 'none' };

/** The table that `endpoint` starts from. */
export const defaultActionTable: ActionTable = {
  exploit: blockedOnly,
  'test-file': blockedOnly,
  'malicious-url': blockedOnly,
  phishing: blockedOnly,
  probable: { access: 'warn', remedy: 'none' },
  joke: treated,
  packer: treated,
  trojan: treated,
  virus: treated,
  other: treated,
};

/** The action of a set of threats on an occasion: the strongest one that any of them asks for. */
export function actionFor(table: ActionTable, types: readonly string[], occasion: Occasion = 'now'): Decision {
  const rows = types.length === 0 ? [table.other] : types.map((type) => (Object.hasOwn(table, type) ? table[type] ?? table.other : table.other));
  return rows.map((row) => onOccasion(row, occasion)).reduce((strongest, one) => (rank(one) > rank(strongest) ? one : strongest));
}

function onOccasion({ late, retro, ...row }: ThreatAction, occasion: Occasion): Decision {
  const differs = { now: undefined, late, retro }[occasion];
  return differs === undefined ? row : changedDecision(row, differs);
}

/** A decision with some of it changed. Another first remedy comes without the second one that stood beside the old. */
export function changedDecision(decision: Decision, by: Partial<Decision>): Decision {
  const remedy = by.remedy ?? decision.remedy;
  const second = by.second ?? (by.remedy === undefined || by.remedy === decision.remedy ? decision.second : undefined);
  const counts = second !== undefined && second !== 'none' && second !== remedy && remedy !== 'none';
  return { access: by.access ?? decision.access, remedy, ...(counts ? { second } : {}) };
}

function rank(action: Decision): number {
  const access: Readonly<Record<Access, number>> = { allow: 0, warn: 1, hold: 2, block: 3 };
  const remedy: Readonly<Record<Remedy, number>> = { none: 0, rename: 1, quarantine: 2, delete: 3 };
  return access[action.access] * 10 + remedy[action.remedy];
}
