/**
 * Step 6: from what was found to what follows. Fail-open and fail-closed live here and nowhere else.
 */
import type { CheckResult } from '../base/check-result.js';
import type { Access, Decision, Reason } from '../base/verdict.js';

/**
 * endpoint: allow what cannot be verified for the time being, block and treat what is malicious;
 * gateway: hold what cannot be verified, block what is malicious; report: allow everything, treat nothing.
 */
export type PolicyName = 'endpoint' | 'gateway' | 'report';

/** How strictly ratings of URLs are taken: `low` blocks dangerous ones, `medium` highly suspicious ones too, `high` all. */
export type WebLevel = 'low' | 'medium' | 'high';

/** One level everywhere, or one for each location: `low` inside and `medium` elsewhere, where nothing else is said. */
export type WebLevels = WebLevel | { readonly internal?: WebLevel | undefined; readonly external?: WebLevel | undefined };

/** A policy as data: a base and what differs from it. */
export type PolicyTable =
  | PolicyName
  | {
      readonly base: PolicyName;
      readonly unknown?: Readonly<Partial<Record<Reason | 'any', Access>>>;
      readonly suspicious?: Access;
      readonly malicious?: Partial<Decision>;
      readonly pendingFull?: Access;
      /** What is unverified for longer than `pending.deadlineMs` allows. Absent: as before. */
      readonly overdue?: Access;
      /**
       * "Block untested" is its own switch: what follows for a URL that no source has rated yet (`allow`). Where only
       * local servers are asked nothing untested is blocked or held: they rate little.
       */
      readonly untested?: Access;
    };

/** What a policy may look at. */
export type PolicyFacts = Pick<CheckResult, 'verdict' | 'subject' | 'occasion' | 'pending'> & {
  /** `internal`; anything else counts as external, the stricter. */
  readonly location: string;
  /** No global server can be asked. Absent means that one can. */
  readonly localServersOnly?: boolean;
  /** It has been waiting to be verified for longer than `pending.deadlineMs`. Absent means that it has not. */
  readonly overdue?: boolean;
};

/** Pure: the same facts, the same decision. */
export interface Policy {
  (facts: PolicyFacts): Decision;
  /** What records call it: the base of a table. One of the host's own without a label is called `host`. */
  readonly label?: string;
}
