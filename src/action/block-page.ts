/**
 * Why a URL was not let through, for the page that its user sees instead: facts to lay out and one plain sentence. Pure.
 * Names and categories come from lists and servers; controls are taken out of them, escaping them is the page's part.
 */
import type { Verdict } from '../base/verdict.js';
import type { WebClass } from '../base/web-reputation.js';

/** What a block page can show. */
export interface BlockPageReason {
  /**
   * `rule`: one of the host's or site's own rules; `threat`: on a threat list; `rating`: rated badly; `untested`: nobody
   * has rated it; `unverified`: nobody could tell now; `none`: there is nothing against it.
   */
  readonly kind: 'rule' | 'threat' | 'rating' | 'untested' | 'unverified' | 'none';
  /** One sentence in English, for a page that has none of its own. */
  readonly text: string;
  /** Names of the threats, sorted. */
  readonly threats: readonly string[];
  readonly categories: readonly string[];
  readonly class?: WebClass;
  /** 0 (worst) to 100. */
  readonly score?: number;
  /** What was listed or rated: `host/path`. */
  readonly expression?: string;
  /** The rule, source or server that said so. */
  readonly by?: string;
}

/** The reason behind a verdict on a URL, whatever the decision was. */
export function blockPageReason(verdict: Verdict): BlockPageReason {
  const kind = kindOf(verdict);
  const { class: webClass, score, expression, by } = verdict;
  const threats = kind === 'rule' ? [] : verdict.threats.map((threat) => shown(threat.name));
  const categories = (verdict.categories ?? []).map(shown);
  return {
    kind,
    text: sentence(kind, { verdict, threats, categories }),
    threats,
    categories,
    ...(webClass === undefined ? {} : { class: webClass }),
    ...(score === undefined ? {} : { score }),
    ...(expression === undefined ? {} : { expression: shown(expression) }),
    ...(by === undefined ? {} : { by: shown(by) }),
  };
}

function kindOf(verdict: Verdict): BlockPageReason['kind'] {
  switch (verdict.disposition) {
    case 'clean':
      return 'none';
    case 'unknown':
      return verdict.reason === 'untested' ? 'untested' : 'unverified';
    case 'malicious':
    case 'suspicious':
      if (verdict.source === 'list') {
        return 'rule';
      }
      return verdict.class === undefined ? 'threat' : 'rating';
  }
}

const classWords: Readonly<Record<WebClass, string>> = {
  safe: 'safe',
  untested: 'untested',
  suspicious: 'suspicious',
  'highly-suspicious': 'highly suspicious',
  dangerous: 'dangerous',
};

function sentence(
  kind: BlockPageReason['kind'],
  of: { readonly verdict: Verdict; readonly threats: readonly string[]; readonly categories: readonly string[] },
): string {
  const { verdict, threats, categories } = of;
  const filed = categories.length === 0 ? '' : `, filed under ${categories.join(', ')}`;
  switch (kind) {
    case 'rule':
      return 'This address is blocked by a rule of this site.';
    case 'threat':
      return `This address is on a threat list${threats.length === 0 ? '' : `: ${threats.join(', ')}`}${filed}.`;
    case 'rating':
      return `This address is rated ${classWords[verdict.class ?? 'dangerous']}${scoreWords(verdict.score)}${filed}.`;
    case 'untested':
      return `This address has not been rated yet${filed}.`;
    case 'unverified':
      return 'This address could not be verified.';
    case 'none':
      return 'There is nothing known against this address.';
  }
}

function scoreWords(score: number | undefined): string {
  return score === undefined ? '' : ` (${score} of 100)`;
}

const maxShown = 200;

/** Text from outside without controls and invisible characters that turn text around, cut to a length that pages bear. */
function shown(text: string): string {
  const characters = [...text.slice(0, 2 * maxShown).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '\ufffd')];
  return characters.length <= maxShown ? characters.join('') : `${characters.slice(0, maxShown - 1).join('')}…`;
}
