/**
 * Who holds what (DESIGN §1): signatures of content, hashes of parts of files and the allow list go to the agent pattern,
 * hashes of files and URL expressions in full to the server pattern, their first four bytes to the filter. Nothing is held twice, so the agent stays light and
 * agent, filter and server together decide as one local scan with everything would.
 */
import type { HostRule } from '../base/fingerprint.js';
import type { AgentPatternData } from '../pattern/agent-pattern.js';
import type { FilterData } from '../pattern/filter-pattern.js';
import type { HashEntry } from '../pattern/hash-entry.js';
import type { ServerPatternData } from '../pattern/server-pattern.js';
import type { ByteSignature, LogicalSignature, MacroBody } from '../pattern/signature.js';

/** Everything that the sources brought, ignored and duplicate entries left out. */
export interface SignatureSet {
  readonly signatures: readonly ByteSignature[];
  readonly logical: readonly LogicalSignature[];
  readonly macros: readonly MacroBody[];
  readonly sectionHashes: readonly HashEntry[];
  readonly importHashes: readonly HashEntry[];
  readonly hashes: readonly HashEntry[];
  readonly allow: readonly HashEntry[];
}

/** How it is split. */
export interface SplitOptions {
  /** Generation of the server pattern, which the filter covers. */
  readonly generation: number;
  readonly hostRule: HostRule;
  /** The agent pattern gets the hashes as well: for sites that have no server to ask. */
  readonly localHashes: boolean;
}

/** The content of the three components. */
export interface Split {
  readonly agent: AgentPatternData;
  readonly filter: FilterData;
  readonly server: ServerPatternData;
}

/** Pure. */
export function splitSignatures(set: SignatureSet, options: SplitOptions): Split {
  const { hashes: entries, ...local } = set;
  return {
    // A rating is no find: only a server's word carries its score.
    agent: { ...local, hashes: options.localHashes ? entries.filter((entry) => entry.score === undefined) : [] },
    filter: { covers: options.generation, hostRule: options.hostRule, entries },
    server: { hostRule: options.hostRule, entries },
  };
}
