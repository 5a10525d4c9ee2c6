/** The host's own lists in memory: step 0 of a check. A store that survives restarts feeds it at start and on change. */
import { assertInteger } from '../base/assert.js';
import { VedetteError } from '../base/errors.js';
import type { Clock } from '../base/seams.js';
import type { HostLists, ListRule } from './host-lists.js';
import { checkRule } from './list-rule.js';
import type { CheckedRule, Expression } from './list-rule.js';
import { createRuleIndex } from './rule-index.js';

/** What host lists are made of. */
export interface HostListsOptions {
  readonly expression: Expression;
  /** Decides which rules have expired. */
  readonly clock: Pick<Clock, 'now'>;
  readonly rules?: Iterable<ListRule> | undefined;
  /** Default 100,000. An expired rule gives way when room is needed. */
  readonly maxRules?: number | undefined;
}

const defaultMaxRules = 100_000;

/**
 * Host lists over the given rules. `entries` yields expired rules too: they hold again when the wall clock goes back.
 * @throws what `add` rejects with, for the first of `rules` that is refused; RangeError for a bad `maxRules`.
 */
export function createHostLists(options: HostListsOptions): HostLists {
  const { expression, clock } = options;
  const maxRules = options.maxRules ?? defaultMaxRules;
  assertInteger('maxRules', maxRules, { min: 0 });
  const byId = new Map<string, CheckedRule>();
  const index = createRuleIndex();

  const remove = (id: string): void => {
    const known = byId.get(id);
    if (known !== undefined) {
      index.remove(known);
      byId.delete(id);
    }
  };
  const add = (rule: ListRule): void => {
    const checked = checkRule(rule, expression);
    remove(checked.rule.id);
    if (byId.size >= maxRules) {
      expiredIds(byId, clock.now()).forEach(remove);
      assertRoom(byId, maxRules);
    }
    byId.set(checked.rule.id, checked);
    index.add(checked);
  };

  for (const rule of options.rules ?? []) {
    add(rule);
  }
  return {
    judge: (key) => index.judge(key, clock.now()),
    add: async (rule) => add(rule),
    remove: async (id) => remove(id),
    async *entries() {
      for (const { rule } of [...byId.values()]) {
        yield rule;
      }
    },
  };
}

function expiredIds(byId: ReadonlyMap<string, CheckedRule>, now: number): string[] {
  return [...byId.values()]
    .filter(({ rule }) => rule.untilAt !== undefined && now >= rule.untilAt)
    .map(({ rule }) => rule.id);
}

function assertRoom(byId: ReadonlyMap<string, CheckedRule>, maxRules: number): void {
  if (byId.size >= maxRules) {
    throw new VedetteError('config-invalid', `host lists: expected at most ${maxRules} rules`, { detail: { maxRules } });
  }
}
