/** What people read for the words of verdicts and decisions. */
import type { CheckResult } from '../../base/check-result.js';
import type { Reason, Remedy, Verdict } from '../../base/verdict.js';

/** Why nothing can be said, as half a sentence. */
export const reasonWords: Readonly<Record<Reason, string>> = {
  unreachable: 'no server could be reached',
  throttled: 'the servers asked to wait',
  'bad-answer': 'no server gave an answer that can be believed',
  'server-behind': 'the servers are older than the filter',
  'pattern-expired': 'the pattern has expired',
  'no-pattern': 'there is no pattern to check against',
  'not-asked': 'only a server could tell, and none was to be asked',
  deadline: 'there was no time left',
  overloaded: 'too many checks were waiting',
  limit: 'it is over a size limit',
  budget: 'a signature took too many steps on it',
  encrypted: 'it is encrypted',
  unsupported: 'it cannot be checked',
  unreadable: 'it cannot be read',
  changed: 'it was changed while it was read',
  gone: 'it is gone',
  'no-content': 'only its content could tell, and that cannot be had any more',
  untested: 'no source has rated it',
  'pending-full': 'it could not be flagged: the pending queue is full or not to be had',
  internal: 'something went wrong inside',
};

const remedyWords: Readonly<Record<Remedy, string>> = {
  none: 'nothing was done',
  quarantine: 'quarantined',
  delete: 'deleted',
  rename: 'renamed',
};

/** Which layer gave the answer. */
export function sourceWords(verdict: Pick<Verdict, 'source' | 'by'>): string {
  switch (verdict.source) {
    case 'list':
      return verdict.by === undefined ? 'on a list' : `on a list (${verdict.by})`;
    case 'scan':
      return 'by the agent pattern';
    case 'filter':
      return 'not listed, says the filter';
    case 'cache':
      return `by an earlier answer of ${verdict.by ?? 'a server'}`;
    case 'query':
      return `by ${verdict.by ?? 'a server'}`;
    case 'none':
      return 'by no layer';
  }
}

/** What was done, or was to be done, about the object; undefined where nothing was to be. */
export function remedySentence(result: Pick<CheckResult, 'decision' | 'outcome'>): string | undefined {
  const { decision, outcome } = result;
  if (decision.remedy === 'none') {
    return undefined;
  }
  const remedy = outcome?.remedy ?? decision.remedy;
  switch (outcome?.kind) {
    case undefined:
      return `remedy ${remedy}, not carried out`;
    case 'done':
      // A handler may say more than that it is done: that other links to the content remain.
      return 'detail' in outcome && typeof outcome.detail === 'string' ? `${remedyWords[remedy]} (${outcome.detail})` : remedyWords[remedy];
    case 'not-needed':
      return `${remedy} was not needed`;
    case 'unable':
      return `could not ${remedy}: ${outcome.detail}`;
    case 'uncertain':
      return `${remedy} is uncertain: ${outcome.detail}`;
  }
}
