/** An ability of stores: what they know is written into an answer as it travels, without records in between. */
import type { QueryGroup } from '../../protocol/messages.js';
import type { ReputationStore } from '../reputation-store.js';
import type { StatementList } from './statement-list.js';

/** What was found while statements were written, for who counts it. */
export interface WrittenHits {
  /** Prefixes under which something is listed. */
  readonly hits: number;
  /** The first threat of each hit that has one. */
  readonly threats: readonly string[];
}

/** A store that writes statements. */
export interface StatementWriter {
  /** Appends the statement of each prefix of the group, in order; those over a limit are left out. @throws as `lookup`. */
  writeStatements(group: QueryGroup, to: StatementList): WrittenHits;
}

/** True for a store that does. */
export function writesStatements(store: ReputationStore): store is ReputationStore & StatementWriter {
  return 'writeStatements' in store && typeof store.writeStatements === 'function';
}
