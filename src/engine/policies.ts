/** Policies by table and level, each made once; all anew when another action table is in force. */
import type { ActionTable } from '../action/action-table.js';
import type { Policy, PolicyTable, WebLevels } from '../action/policy.js';
import type { Rooms } from './rooms.js';

/** The policies of one engine family. */
export interface Policies {
  policy(table: PolicyTable, level: WebLevels): Policy;
  clear(): void;
}

/** None is made yet. `actions`: the action table in force, undefined for the default one. */
export function createPolicies(rooms: Pick<Rooms, 'createPolicy'>, actions: () => ActionTable | undefined): Policies {
  const policies = new Map<string, Policy>();
  let last: { readonly table: PolicyTable; readonly level: WebLevels; readonly policy: Policy } | undefined;
  let inForce: ActionTable | undefined;
  const clear = (): void => {
    policies.clear();
    last = undefined;
  };
  return {
    policy(table, level) {
      const now = actions();
      if (now !== inForce) {
        inForce = now;
        clear();
      }
      if (last !== undefined && last.table === table && last.level === level) {
        return last.policy;
      }
      const key = JSON.stringify([table, level]);
      const policy = policies.get(key) ?? rooms.createPolicy(table, level, now);
      policies.set(key, policy);
      // Asked for at every decision, nearly always in the same words: the text of a table takes longer than the decision.
      last = { table, level, policy };
      return policy;
    },
    clear,
  };
}
