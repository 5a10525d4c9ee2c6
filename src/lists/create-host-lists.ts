/** The host's own lists in memory: step 0 of a check. A store that survives restarts feeds it at start and on change. */
import { assertInteger } from '../base/assert.js';
import { VedetteError } from '../base/errors.js';
import type { Clock } from '../base/seams.js';
import type { HostLists, ListRule } from './host-lists.js';
import { checkRule } from './list-rule.js';
import type { CheckedRule, RuleReader } from './list-rule.js';
import { createRuleIndex } from './rule-index.js';

/** What host lists are made of. */
export interface HostListsOptions extends RuleReader {
  /** Decides which rules have expired. */
  readonly clock: Pick<Clock, 'now'>;
  readonly rules?: Iterable<ListRule> | undefined;
  /** Default 100,000. An expired rule gives way when room is needed. */
  readonly maxRules?: number | undefined;
  /** Rules with a regular expression, among all; default 100. Each is a pass over every URL that nothing else decides. */
  readonly maxRegexRules?: number | undefined;
}

const defaultMaxRules = 100_000;
const defaultMaxRegexRules = 100;

/**
 * Host lists over the given rules. `entries` yields expired rules too: they hold again when the wall clock goes back.
 * @throws what `add` rejects with, for the first of `rules` that is refused; RangeError for a bad `maxRules`.
 */
export function createHostLists(options: HostListsOptions): HostLists {
  const { clock } = options;
  const maxRules = options.maxRules ?? defaultMaxRules;
  const maxRegexRules = options.maxRegexRules ?? defaultMaxRegexRules;
  assertInteger('maxRules', maxRules, { min: 0 });
  assertInteger('maxRegexRules', maxRegexRules, { min: 0 });
  const byId = new Map<string, CheckedRule>();
  const index = createRuleIndex(options.port);

  const remove = (id: string): void => {
    const known = byId.get(id);
    if (known !== undefined) {
      index.remove(known);
      byId.delete(id);
    }
  };
  const add = (rule: ListRule): void => {
    const checked = checkRule(rule, options);
    const { id } = checked.rule;
    if (!hasRoomFor(checked)) {
      expiredIds(byId, clock.now()).forEach(remove);
      assertRoomFor(checked);
    }
    remove(id);
    byId.set(id, checked);
    index.add(checked);
  };

  /** Without the rule that this one replaces. */
  const besides = ({ rule }: CheckedRule): { readonly rules: number; readonly regexes: number } => {
    const replaced = byId.get(rule.id);
    return { rules: byId.size - (replaced === undefined ? 0 : 1), regexes: index.regexes - (replaced?.target.kind === 'regex' ? 1 : 0) };
  };
  const hasRoomFor = (checked: CheckedRule): boolean => {
    const { rules, regexes } = besides(checked);
    return rules < maxRules && (checked.target.kind !== 'regex' || regexes < maxRegexRules);
  };
  const assertRoomFor = (checked: CheckedRule): void => {
    if (!hasRoomFor(checked)) {
      const limit = besides(checked).rules < maxRules ? { maxRegexRules } : { maxRules };
      throw new VedetteError('config-invalid', `host lists: expected at most ${JSON.stringify(limit)}`, { detail: limit });
    }
  };

  for (const rule of options.rules ?? []) {
    add(rule);
  }
  return {
    judge: (key) => index.judge(key, clock.now()),
    hasUrlRules: () => index.urlRules > 0,
    hasFileRules: () => index.hashRules > 0,
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
