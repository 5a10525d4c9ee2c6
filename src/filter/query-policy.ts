/**
 * Step 2, decided: whether "in no prefix set" means clean, and what may be asked at all. Pure; DESIGN §1,
 * "Generations" (a), (b) and (e).
 */
import type { FingerprintKind } from '../base/fingerprint.js';
import type { PatternState } from '../pattern/expiry.js';

/** What is known when the filter has been looked at. */
export interface FilterFacts {
  /** Undefined without one: no filter is not an empty filter. */
  readonly filter: { readonly covers: number; readonly state: PatternState } | undefined;
  /** The newest server generation that an answer or an update head has named. */
  readonly newestGeneration: number | undefined;
  /** Over all fingerprints of the subject: `maybe` if any of them is. */
  readonly judgement: 'not-listed' | 'maybe';
}

/** Pure. `clean`: surely not listed by the newest server generation known of; `ask`: only a server can tell. */
export function filterRuling({ filter, newestGeneration, judgement }: FilterFacts): 'clean' | 'ask' {
  if (filter === undefined || judgement === 'maybe' || filter.state === 'expired') {
    return 'ask';
  }
  return newestGeneration !== undefined && newestGeneration > filter.covers ? 'ask' : 'clean';
}

/** Which kinds of subject are asked about, by location. In a location that is not named, all are. */
export type QueryPolicy = Readonly<Record<string, readonly FingerprintKind[]>>;

/** The default. */
export const askEverything: QueryPolicy = {};

/** Pure. Whether a question about such a subject may be put to anybody. */
export function mayAsk(
  subject: { readonly kind: FingerprintKind; readonly location: string },
  policy: QueryPolicy = askEverything,
): boolean {
  return !Object.hasOwn(policy, subject.location) || policy[subject.location]!.includes(subject.kind);
}
