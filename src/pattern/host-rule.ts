/** The code of a host rule in files: which hosts of a URL its expressions were made of. */
import type { HostRule } from '../base/fingerprint.js';
import { refused } from './refused.js';

const hostRules: readonly HostRule[] = ['psl', 'labels5'];

/** The byte that stands for a rule. */
export function hostRuleCode(rule: HostRule): number {
  return hostRules.indexOf(rule);
}

/** @throws VedetteError `pattern-refused` (`version`) for a rule that is not known here. */
export function hostRuleOf(code: number): HostRule {
  const rule = hostRules[code];
  if (rule === undefined) {
    throw refused('version', `host rule ${code} is not known here`);
  }
  return rule;
}
