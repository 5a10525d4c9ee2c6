/** What is known about one subject while it is checked. Immutable: each step of the story returns new facts. */
import type { Fingerprint } from '../../base/fingerprint.js';
import type { FileGlance } from '../../base/subject.js';
import type { Disposition, Reason, Threat, VerdictSource } from '../../base/verdict.js';
import type { ListJudgement } from '../../lists/host-lists.js';

/** The steps of the story that can be taken. */
export type StepName = 'examine' | 'lists' | 'scan' | 'filter' | 'cache' | 'query';

/** What opening a subject brought. */
export type Examined =
  | {
      readonly kind: 'file' | 'digest';
      readonly sha256: Uint8Array;
      readonly size?: number;
      readonly fingerprints: readonly Fingerprint[];
      /** What the byte signatures found, where they were run. */
      readonly threats: readonly Threat[];
      /** Why the byte signatures did not see everything. */
      readonly doubt?: Reason;
      /** The state of the file that this was read of, where the engine has a scan cache. */
      readonly seen?: FileGlance;
    }
  | {
      readonly kind: 'url';
      readonly canonical: string;
      readonly expressions: readonly string[];
      readonly fingerprints: readonly Fingerprint[];
    }
  | { readonly kind: 'failed'; readonly reason: Reason; readonly detail: string };

/** One thing that a layer found. */
export interface Find {
  readonly disposition: Disposition;
  readonly threats: readonly Threat[];
  readonly source: VerdictSource;
  readonly by?: string;
  readonly score?: number;
  readonly categories?: readonly string[];
  readonly expiresAt?: number;
  /** Position of the fingerprint among those of the subject; of a URL, that of its expression. */
  readonly rank: number;
}

/** Everything that is known so far. */
export interface Facts {
  readonly kind: 'file' | 'url' | 'digest';
  readonly layers: 'all' | 'local' | 'remote';
  readonly allMatches: boolean;
  readonly did: readonly StepName[];
  readonly examined?: Examined;
  readonly listed?: ListJudgement & { readonly list: string };
  /** Set when the allow list of the agent pattern has the subject. */
  readonly approvedBy?: string;
  readonly finds: readonly Find[];
  /** Why "nothing found" may not be taken for clean. */
  readonly doubts: readonly Reason[];
  /** Fingerprints on which no layer has given its word yet. */
  readonly open: readonly Fingerprint[];
  /** Fingerprints that are still to be rated, whether they are listed or not: only servers that rate are asked. */
  readonly unrated: readonly Fingerprint[];
  /** Layer that last said "not listed". */
  readonly settledBy: VerdictSource;
  /** Oldest server generation by which anything was taken for "not listed", 0 where a source has none. */
  readonly clearedBy?: number;
  /** Generation of the server answers that were used, the oldest of them. */
  readonly serverGeneration?: number;
  /** Earliest instant at which one of the answers ends. */
  readonly expiresAt?: number;
}

/** Facts before anything was done. */
export function initialFacts(start: Pick<Facts, 'kind' | 'layers' | 'allMatches'>): Facts {
  return { ...start, did: [], finds: [], doubts: [], open: [], unrated: [], settledBy: 'none' };
}

/** The facts with one step more done. */
export function afterStep(facts: Facts, step: StepName, change: Partial<Facts>): Facts {
  return { ...facts, ...change, did: [...facts.did, step] };
}

/** The older of two generations, where there are two. */
export function olderOf(known: number | undefined, generation: number): number {
  return known === undefined ? generation : Math.min(known, generation);
}

/**
 * True when a find ends the search: malicious, and not every match was asked for. A rating ends nothing: a more specific
 * one may say something else.
 */
export function foundEnough(facts: Facts): boolean {
  return !facts.allMatches && facts.finds.some((find) => find.disposition === 'malicious' && find.score === undefined);
}
