/**
 * A loaded agent pattern: the matcher over its byte signatures, and what its own hashes say about a subject. The
 * decision about hashes is here and nowhere else: approved before found, and approval by a weak digest only with the
 * size (DESIGN rule 6), however the entry got into the table.
 */
import type { Fingerprint } from '../base/fingerprint.js';
import { sizeFits, unionOfWants } from '../base/fingerprint.js';
import { uniqueThreats } from '../base/verdict.js';
import type { AgentPatternTables } from '../pattern/agent-pattern.js';
import type { HashEntry } from '../pattern/hash-entry.js';
import type { HashTable } from '../pattern/hashes/hash-table.js';
import { wantsOf } from '../pattern/wants.js';
import type { LocalHashJudgement, LocalPattern } from './local-pattern.js';
import type { RuleMatcherOptions } from './rules/rule-matcher.js';
import { createRuleMatcher } from './rules/rule-matcher.js';

/**
 * A pattern ready for use. The tables are kept, not copied.
 * @throws TypeError for a signature that is none (a decoded pattern has none of these).
 */
export function createLocalPattern(tables: AgentPatternTables, generation: number, options: RuleMatcherOptions = {}): LocalPattern {
  return {
    generation,
    wants: unionOfWants(wantsOf(approvals(tables.allow)), tables.hashes.wants()),
    byteSignatures: tables.signatures.count + tables.logical.length + tables.sectionHashes.count + tables.importHashes.count,
    matcher: createRuleMatcher(tables, options),
    judgesUrls: [tables.allow, tables.hashes].some((table) => table.groups.some((group) => group.kind === 'url')),
    judge: (fingerprints) => judge(tables, fingerprints),
  };
}

const nothing: LocalHashJudgement = { kind: 'none' };

function judge(tables: AgentPatternTables, fingerprints: readonly Fingerprint[]): LocalHashJudgement {
  const approval = entriesOf(tables.allow, fingerprints).find(isApproval);
  if (approval !== undefined) {
    return { kind: 'approved', by: approval.threat.name };
  }
  const entries = entriesOf(tables.hashes, fingerprints);
  if (entries.length === 0) {
    return nothing;
  }
  const found = entries.filter((entry) => entry.disposition !== 'clean');
  return found.length === 0 ? { kind: 'none' } : { kind: 'found', threats: uniqueThreats(found.map((entry) => entry.threat)) };
}

const noEntries: readonly HashEntry[] = [];

/** The entries that mean one of these: same kind, algorithm and hash, and same size where the entry has one. */
function entriesOf(table: HashTable, fingerprints: readonly Fingerprint[]): readonly HashEntry[] {
  if (table.count === 0) {
    return noEntries;
  }
  return fingerprints.flatMap(({ kind, algorithm, hash, size }) =>
    table.find(kind, algorithm, hash).filter((entry) => sizeFits(entry, size)),
  );
}

function isApproval(entry: HashEntry): boolean {
  return entry.disposition === 'clean' && (entry.algorithm === 'sha256' || entry.size !== undefined);
}

function* approvals(allow: HashTable): Generator<HashEntry> {
  for (const entry of allow.entries()) {
    if (isApproval(entry)) {
      yield entry;
    }
  }
}
