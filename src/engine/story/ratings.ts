/**
 * Ratings among the finds of a URL. Pure: of several ratings the most specific one counts, whatever order the answers
 * came in (DESIGN §5).
 */
import type { AnswerRecord } from '../../base/fingerprint.js';
import type { VerdictSource } from '../../base/verdict.js';
import { dispositionOfClass, webClassOf } from '../../base/web-reputation.js';
import type { Facts, Find } from './facts.js';

/**
 * What one source says about one fingerprint, as finds. Records of threat lists count as they are; a rating is turned
 * into a disposition by its class.
 */
export function findsFrom(
  records: readonly AnswerRecord[],
  origin: { readonly source: VerdictSource; readonly by: string; readonly rank: number; readonly expiresAt?: number },
): Find[] {
  return records.map((record) => {
    const webClass = webClassOf(record);
    return {
      disposition: webClass === undefined ? record.disposition : dispositionOfClass(webClass),
      threats: record.threats,
      ...origin,
      ...(record.score === undefined ? {} : { score: record.score }),
      ...(record.categories === undefined ? {} : { categories: record.categories }),
    };
  });
}

/** The expression that a find speaks of, where the subject is a URL and a layer named one. */
export function expressionOf(find: Find, facts: Pick<Facts, 'examined'>): string | undefined {
  return facts.examined?.kind === 'url' ? facts.examined.expressions[find.rank] : undefined;
}

/** The rating of the longest host and path; of two for one expression, the worse. Untested is no rating beside others. */
export function mostSpecificRating(facts: Pick<Facts, 'examined' | 'finds'>): Find | undefined {
  const rated = facts.finds.filter((find) => webClassOf(find) !== undefined);
  const tested = rated.filter((find) => webClassOf(find) !== 'untested');
  return (tested.length > 0 ? tested : rated).reduce<Find | undefined>(
    (best, one) => (best === undefined || isMoreSpecific(one, best, facts) ? one : best),
    undefined,
  );
}

/** What the finds say the URL is filed under. */
export function categoriesOf(finds: readonly Find[]): { readonly categories?: readonly string[] } {
  const categories = [...new Set(finds.flatMap((find) => find.categories ?? []))].sort();
  return categories.length === 0 ? {} : { categories };
}

function isMoreSpecific(one: Find, other: Find, facts: Pick<Facts, 'examined'>): boolean {
  const [a, b] = [specificity(one, facts), specificity(other, facts)];
  const order = a.host - b.host || a.path - b.path || other.rank - one.rank;
  return order > 0 || (order === 0 && (one.score ?? 100) < (other.score ?? 100));
}

/** Expressions of one URL: a longer host is under a shorter one, and of one host a longer path under a shorter. */
function specificity(find: Find, facts: Pick<Facts, 'examined'>): { readonly host: number; readonly path: number } {
  const expression = expressionOf(find, facts) ?? '';
  const host = Math.max(0, expression.indexOf('/'));
  return { host, path: expression.length - host };
}
