/** What is done about which kind of threat, as data: DESIGN §5 "Remedies". A host may replace the whole table. */
import type { Access, Remedy } from '../base/verdict.js';

/** The actions for one type of threat. */
export interface ThreatAction {
  readonly access: Access;
  readonly remedy: Remedy;
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

/** The action of a set of threats: the strongest one that any of them asks for. */
export function actionFor(table: ActionTable, types: readonly string[]): ThreatAction {
  const actions = types.map((type) => (Object.hasOwn(table, type) ? table[type] ?? table.other : table.other));
  return actions.reduce((strongest, one) => (rank(one) > rank(strongest) ? one : strongest), actions[0] ?? table.other);
}

function rank(action: ThreatAction): number {
  const access: Readonly<Record<Access, number>> = { allow: 0, warn: 1, hold: 2, block: 3 };
  const remedy: Readonly<Record<Remedy, number>> = { none: 0, rename: 1, quarantine: 2, delete: 3 };
  return access[action.access] * 10 + remedy[action.remedy];
}
