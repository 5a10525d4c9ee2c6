/** Several results as one: for a message with attachments, or a page with links. */
import type { CheckResult } from '../base/check-result.js';
import { compareDispositions, type Access, type Decision, type Remedy, type Verdict } from '../base/verdict.js';

/**
 * The worst verdict (the first of equals), and the strictest access and remedy of all.
 * @throws TypeError without a result: nothing was judged, so nothing can be said.
 */
export function worst(results: readonly CheckResult[]): { readonly verdict: Verdict; readonly decision: Decision } {
  const [first, ...rest] = results;
  if (first === undefined) {
    throw new TypeError('worst: expected at least one result');
  }
  let { verdict, decision } = first;
  for (const result of rest) {
    if (compareDispositions(result.verdict.disposition, verdict.disposition) > 0) {
      ({ verdict } = result);
    }
    decision = stricter(decision, result.decision);
  }
  return { verdict, decision };
}

const accessOrder: readonly Access[] = ['allow', 'warn', 'hold', 'block'];
const remedyOrder: readonly Remedy[] = ['none', 'rename', 'quarantine', 'delete'];

function stricter(a: Decision, b: Decision): Decision {
  const { remedy, second } = remedyOrder.indexOf(a.remedy) >= remedyOrder.indexOf(b.remedy) ? a : b;
  const access = accessOrder.indexOf(a.access) >= accessOrder.indexOf(b.access) ? a.access : b.access;
  return { access, remedy, ...(second === undefined ? {} : { second }) };
}
