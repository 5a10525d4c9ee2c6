/**
 * A site's approved and blocked subjects: the rules of a signed `lists` component, read only. Asked after the host's
 * own lists in step 0. A new generation of the component is a new object.
 */
import { describeError, VedetteError } from '../base/errors.js';
import type { Clock } from '../base/seams.js';
import type { HostLists, ListRule } from './host-lists.js';
import { checkRule } from './list-rule.js';
import type { RuleReader } from './list-rule.js';
import { createRuleIndex } from './rule-index.js';

/** As in host lists: each is a pass over every URL that nothing else decides. */
const maxRegexRules = 100;

/** What site lists are made of. */
export interface SiteListsOptions extends RuleReader {
  /** Decoded rules of a verified component. */
  readonly rules: Iterable<ListRule>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Lists that nobody here can change. */
export interface SiteLists extends Pick<HostLists, 'judge' | 'hasUrlRules'> {
  /** Rules in use, expired ones included. */
  readonly count: number;
  /** Rules that could not be used, to be reported: the other rules hold all the same. */
  readonly refused: readonly { readonly rule: string; readonly reason: string }[];
}

/** A judge over the rules. A rule that cannot be used is refused alone: it does not switch the others off. */
export function createSiteLists(options: SiteListsOptions): SiteLists {
  const { rules, clock } = options;
  const index = createRuleIndex(options.port);
  const refused: { rule: string; reason: string }[] = [];
  let count = 0;
  for (const rule of rules) {
    try {
      const checked = checkRule(rule, options);
      if (checked.target.kind === 'regex' && index.regexes >= maxRegexRules) {
        throw new VedetteError('config-invalid', `expected at most ${maxRegexRules} rules with a regular expression`);
      }
      index.add(checked);
      count++;
    } catch (error) {
      refused.push({ rule: String(rule.id), reason: describeError(error) });
    }
  }
  return { judge: (key) => index.judge(key, clock.now()), hasUrlRules: () => index.urlRules > 0, count, refused };
}
