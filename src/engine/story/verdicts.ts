/** From facts to a verdict. Pure: DESIGN rule 2 stands here and nowhere else. */
import type { Fingerprint } from '../../base/fingerprint.js';
import {
  isPendingReason,
  uniqueThreats,
  type Generations,
  type Reason,
  type Verdict,
} from '../../base/verdict.js';
import { webClassOf } from '../../base/web-reputation.js';
import type { Facts, Find } from './facts.js';
import { categoriesOf, expressionOf, mostSpecificRating } from './ratings.js';

/** The verdict that the facts allow. */
export function verdictOf(facts: Facts, generations: Generations): Verdict {
  const known =
    facts.serverGeneration === undefined ? generations : { ...generations, server: facts.serverGeneration };
  if (facts.examined?.kind === 'failed') {
    return unknown(facts.examined.reason, known);
  }
  if (facts.listed !== undefined) {
    return listVerdict(facts.listed, known);
  }
  if (facts.approvedBy !== undefined) {
    return { disposition: 'clean', threats: [], source: 'scan', by: facts.approvedBy, generations: known };
  }
  const doubt = weightiestDoubt(facts.doubts);
  const found = foundVerdict(facts, known, doubt);
  if (found !== undefined) {
    return found;
  }
  if (doubt !== undefined) {
    return unknown(doubt, known);
  }
  return untestedVerdict(facts, known) ?? cleanVerdict(facts, known);
}

/** A verdict that says why nothing can be said. */
export function unknown(reason: Reason, generations: Generations): Verdict {
  return { disposition: 'unknown', threats: [], source: 'none', reason, generations };
}

/** Position of a fingerprint among those of its subject; the first is the most specific. */
export function rankOf(fingerprint: Fingerprint, all: readonly Fingerprint[]): number {
  return Math.max(0, all.indexOf(fingerprint));
}

function listVerdict(listed: NonNullable<Facts['listed']>, generations: Generations): Verdict {
  const by = `${listed.list}:${listed.rule}`;
  return listed.effect === 'approved'
    ? { disposition: 'clean', threats: [], source: 'list', by, generations }
    : {
        disposition: 'malicious',
        threats: [{ name: `Blocked.${by}`, type: 'blocked-by-list' }],
        source: 'list',
        by,
        generations,
      };
}

/** Threat lists: any find counts. Ratings: only the most specific one, and only where no threat list spoke. */
function foundVerdict(facts: Facts, generations: Generations, doubt: Reason | undefined): Verdict | undefined {
  const bad = facts.finds.filter((find) => find.disposition === 'malicious' || find.disposition === 'suspicious');
  const listed = bad.filter((find) => webClassOf(find) === undefined);
  const rating = mostSpecificRating(facts);
  const relevant = listed.length > 0 ? listed : rating !== undefined && bad.includes(rating) ? [rating] : [];
  const worst = relevant.find((find) => find.disposition === 'malicious') ?? relevant[0];
  if (worst === undefined) {
    return undefined;
  }
  return {
    disposition: worst.disposition,
    threats: uniqueThreats(relevant.flatMap((find) => find.threats)),
    source: worst.source,
    ...(worst.by === undefined ? {} : { by: worst.by }),
    ...(doubt === undefined ? {} : { reason: doubt }),
    ...(rating?.score === undefined ? {} : { score: rating.score }),
    ...aboutUrl(facts, worst, relevant),
    ...(worst.expiresAt === undefined ? {} : { expiresAt: worst.expiresAt }),
    generations,
  };
}

/** A record that says "unknown" is an opinion of its own: it must not end as "not listed", unless a rating says more. */
function untestedVerdict(facts: Facts, generations: Generations): Verdict | undefined {
  const rating = mostSpecificRating(facts);
  if (rating === undefined || webClassOf(rating) !== 'untested') {
    return undefined;
  }
  return {
    disposition: 'unknown',
    threats: [],
    source: rating.source,
    ...(rating.by === undefined ? {} : { by: rating.by }),
    reason: 'untested',
    ...(rating.score === undefined ? {} : { score: rating.score }),
    ...aboutUrl(facts, rating, [rating]),
    ...(facts.expiresAt === undefined ? {} : { expiresAt: facts.expiresAt }),
    generations,
  };
}

function cleanVerdict(facts: Facts, generations: Generations): Verdict {
  const rating = mostSpecificRating(facts);
  const known = rating ?? facts.finds.find((find) => find.disposition === 'clean');
  return {
    disposition: 'clean',
    threats: [],
    source: known?.source ?? facts.settledBy,
    ...(known?.by === undefined ? {} : { by: known.by }),
    ...(rating?.score === undefined ? {} : { score: rating.score }),
    ...(rating === undefined ? {} : aboutUrl(facts, rating, [rating])),
    ...(facts.expiresAt === undefined ? {} : { expiresAt: facts.expiresAt }),
    generations,
  };
}

/** Class, categories and expression: what a page that blocks a URL tells about it. */
function aboutUrl(facts: Facts, find: Find, relevant: readonly Find[]): Pick<Verdict, 'class' | 'categories' | 'expression'> {
  // The local pattern does not say which of the expressions it knows.
  const expression = find.source === 'scan' ? undefined : expressionOf(find, facts);
  const webClass = facts.kind === 'url' ? webClassOf(find) : undefined;
  return {
    ...(webClass === undefined ? {} : { class: webClass }),
    ...categoriesOf(relevant),
    ...(expression === undefined ? {} : { expression }),
  };
}

/** A reason that a server can settle weighs more than one that nobody can: it keeps the subject in the queue. */
function weightiestDoubt(doubts: readonly Reason[]): Reason | undefined {
  return doubts.find((doubt) => isPendingReason(doubt)) ?? doubts[0];
}
