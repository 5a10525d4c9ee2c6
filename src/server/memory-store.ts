/** A store over one server pattern in memory: the columns of its table are searched where they lie. */
import { prefixNumber, type AnswerRecord } from '../base/fingerprint.js';
import type { Crypto } from '../base/seams.js';
import { openContainer, type Container } from '../pattern/container.js';
import type { HashTable } from '../pattern/hashes/hash-table.js';
import { decodeServerPattern } from '../pattern/server-pattern.js';
import { maxRecords, maxStatementBytes } from '../protocol/limits.js';
import type { QueryGroup } from '../protocol/messages.js';
import type { StatementList } from './encoded/statement-list.js';
import type { StatementWriter, WrittenHits } from './encoded/statement-writer.js';
import { recordsOf } from './records.js';
import type { ReputationStore } from './reputation-store.js';

/**
 * A store over a server pattern: its file, or the opened container. The bytes are kept, not copied.
 * @throws VedetteError `pattern-refused` when it is damaged or another component. Signatures are the caller's to verify.
 */
export function createMemoryStore(
  pattern: Uint8Array | Container,
  options: { readonly crypto: Pick<Crypto, 'sha256'> },
): ReputationStore {
  const container = pattern instanceof Uint8Array ? openContainer(pattern, options) : pattern;
  const { table, generation } = decodeServerPattern(container);
  const store: ReputationStore & StatementWriter = {
    generation,
    entries: table.count,
    lookup: (kind, algorithm, prefixes): readonly (readonly AnswerRecord[])[] =>
      prefixes.map((prefix) => recordsOf(table.byPrefix(kind, algorithm, prefix))),
    writeStatements: (group, to) => writeGroup(group, table, to),
  };
  return store;
}

/** What `lookup` finds; most prefixes are not listed, and need no records. */
function writeGroup({ kind, algorithm, prefixes }: QueryGroup, table: HashTable, to: StatementList): WrittenHits {
  const threats: string[] = [];
  let hits = 0;
  for (const prefix of prefixes) {
    const entries = table.byPrefix(kind, algorithm, prefix);
    if (entries.length === 0) {
      to.appendEmpty(prefixNumber(prefix));
      continue;
    }
    const records = recordsOf(entries);
    if (records.length <= maxRecords) {
      to.appendRecords(prefixNumber(prefix), records, maxStatementBytes);
    }
    hits++;
    const threat = records[0]?.threats[0]?.name;
    if (threat !== undefined) {
      threats.push(threat);
    }
  }
  return { hits, threats };
}
