/** From facts to a verdict. Pure: DESIGN rule 2 stands here and nowhere else. */
import type { AnswerRecord, Fingerprint } from '../../base/fingerprint.js';
import {
  isPendingReason,
  uniqueThreats,
  type Disposition,
  type Generations,
  type Reason,
  type Verdict,
  type VerdictSource,
} from '../../base/verdict.js';
import type { Facts, Find } from './facts.js';

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
  return cleanVerdict(facts, known);
}

/** A verdict that says why nothing can be said. */
export function unknown(reason: Reason, generations: Generations): Verdict {
  return { disposition: 'unknown', threats: [], source: 'none', reason, generations };
}

/**
 * What one source says about one fingerprint, as finds. Records of threat lists count as they are; a rating is turned
 * into a disposition by its score (DESIGN §5).
 */
export function findsFrom(
  records: readonly AnswerRecord[],
  origin: { readonly source: VerdictSource; readonly by: string; readonly rank: number; readonly expiresAt?: number },
): Find[] {
  return records.map((record) => ({
    disposition: record.score === undefined ? record.disposition : dispositionOfScore(record.score),
    threats: record.threats,
    ...origin,
    ...(record.score === undefined ? {} : { score: record.score }),
  }));
}

/** Web reputation: up to 50 malicious, up to 80 suspicious, above clean. */
export function dispositionOfScore(score: number): Disposition {
  return score <= 50 ? 'malicious' : score <= 80 ? 'suspicious' : 'clean';
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
  const listed = bad.filter((find) => find.score === undefined);
  const rating = mostSpecificRating(facts.finds);
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
    ...(worst.expiresAt === undefined ? {} : { expiresAt: worst.expiresAt }),
    generations,
  };
}

function cleanVerdict(facts: Facts, generations: Generations): Verdict {
  const rating = mostSpecificRating(facts.finds);
  const known = facts.finds.find((find) => find.disposition === 'clean');
  return {
    disposition: 'clean',
    threats: [],
    source: known?.source ?? facts.settledBy,
    ...(known?.by === undefined ? {} : { by: known.by }),
    ...(rating?.score === undefined ? {} : { score: rating.score }),
    ...(facts.expiresAt === undefined ? {} : { expiresAt: facts.expiresAt }),
    generations,
  };
}

function mostSpecificRating(finds: readonly Find[]): Find | undefined {
  const rated = finds.filter((find) => find.score !== undefined);
  return rated.reduce<Find | undefined>((best, one) => (best === undefined || one.rank < best.rank ? one : best), undefined);
}

/** A reason that a server can settle weighs more than one that nobody can: it keeps the subject in the queue. */
function weightiestDoubt(doubts: readonly Reason[]): Reason | undefined {
  return doubts.find((doubt) => isPendingReason(doubt)) ?? doubts[0];
}
