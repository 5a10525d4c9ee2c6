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
    policyName() {
      const table = options.policy ?? core.settings().policy;
      return typeof table === 'function' || core.rooms.ownPolicy === true ? 'host' : typeof table === 'string' ? table : table.base;
    },
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
