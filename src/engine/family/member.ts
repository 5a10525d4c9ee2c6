/** One engine of a family: its own name, policy, lists and hands on the same tables. */
import { withDefaults } from '../../base/defaults.js';
import { throwIfAborted, VedetteError } from '../../base/errors.js';
import type { DeriveOptions } from '../checker.js';
import type { Member } from './core.js';
import type { Family } from './family.js';

/**
 * A member, entered in the family under its name.
 * @throws VedetteError `config-invalid` when the name is taken, `closed` when the family has ended.
 */
export function createMember(family: Family, options: DeriveOptions): Member {
  const { core } = family;
  throwIfAborted(core.closing);
  const closing = new AbortController();
  if (core.members.has(options.name)) {
    throw new VedetteError('config-invalid', `an engine named "${options.name}" exists in this family`, {
      detail: { faults: [{ path: 'name', message: 'is taken' }] },
    });
  }
  const member: Member = {
    name: options.name,
    closing: closing.signal,
    leave() {
      closing.abort(new VedetteError('closed', `the engine "${options.name}" was closed`));
      core.members.delete(options.name);
    },
    // Read at every decision, so that `configure` reaches members that did not choose for themselves.
    policy: (facts) => policyFor()(facts),
    policyName: () => labelOf(policyFor()),
    lists: options.lists ?? (core.members.size === 0 ? core.rooms.lists : core.rooms.createLists()),
    actions: options.actions ?? core.rooms.actions,
    get limits() {
      return withDefaults(core.settings().limits, options.limits);
    },
  };
  core.members.set(member.name, member);
  return member;

  function policyFor(): Member['policy'] {
    if (typeof options.policy === 'function') {
      return options.policy;
    }
    const settings = core.settings();
    return family.policy(options.policy ?? settings.policy, options.level ?? settings.level);
  }
}

const maxLabelChars = 256;

/** untrusted: a policy of the host's own may carry anything under the name. */
function labelOf({ label }: Member['policy']): string {
  return typeof label === 'string' && label !== '' ? label.slice(0, maxLabelChars) : 'host';
}
