/** Two filters, two lists of things to ask about: what either of them may know is asked. */
import type { Fingerprint } from '../../base/fingerprint.js';
import type { Filter } from '../../filter/filter.js';

/** The filter of the pattern and that of the host's own as one: what either of them may know is "maybe". */
export function bothFilters(installed: Filter | undefined, own: Filter | undefined): Filter | undefined {
  if (installed === undefined || own === undefined) {
    return installed ?? own;
  }
  const of = (filter: Filter, all: readonly Fingerprint[]): readonly string[] => filter.judgeAll?.(all) ?? all.map((one) => filter.judge(one));
  const judgeAll = (all: readonly Fingerprint[]): ('not-listed' | 'maybe')[] => {
    const [first, second] = [of(installed, all), of(own, all)];
    return all.map((_, i) => (first[i] === 'not-listed' && second[i] === 'not-listed' ? 'not-listed' : 'maybe'));
  };
  const { generation, covers, hostRule, wants } = installed;
  return { generation, covers, hostRule, wants, judgeAll, judge: (one) => judgeAll([one])[0]! };
}
