/**
 * The statements of a batch written into an answer: what `lookup` finds, without its records. The batch is gone through three
 * times, each time for one thing, so that the processor fetches the memory for several prefixes at once. What a row says
 * is copied where it was encoded before; what is rare (several rows under a prefix, a size, a name met for the first
 * time) goes the way of the records.
 */
import type { AnswerRecord } from '../../base/fingerprint.js';
import { prefixNumber } from '../../pattern/hashes/hash-groups.js';
import { maxRecords, maxStatementBytes } from '../../protocol/limits.js';
import type { QueryGroup } from '../../protocol/messages.js';
import type { StatementList } from '../encoded/statement-list.js';
import type { WrittenHits } from '../encoded/statement-writer.js';
import { classOf, isForAnySize, nameOf } from './row-layout.js';
import type { SaidCache } from './said.js';
import type { StoredRows } from './stored/stored-rows.js';

/** What writing needs. */
export interface WriteParts {
  readonly to: StatementList;
  /** Absent where nothing is listed by that kind and algorithm. */
  readonly rows: StoredRows | undefined;
  readonly said: SaidCache | undefined;
  readonly recordsUnder: (prefix: number) => readonly AnswerRecord[];
}

/** No row. */
const none = 0xffff_ffff;

/** Appends the statement of each prefix, in order. */
export function writeGroup({ prefixes }: QueryGroup, { to, rows, said, recordsUnder }: WriteParts): WrittenHits {
  const found = rowsOf(prefixes, rows);
  const threats: string[] = [];
  let hits = 0;
  for (let i = 0; i < prefixes.length; i++) {
    const prefix = prefixNumber(prefixes[i]!);
    const row = found[i]!;
    if (row === none || rows === undefined || said === undefined) {
      to.appendEmpty(prefix);
      continue;
    }
    hits++;
    const threat = writeSingle(row, prefix, { to, rows, said }) ?? writeRecords(prefix, recordsUnder(prefix), to);
    if (threat !== '') {
      threats.push(threat);
    }
  }
  return { hits, threats };
}

/** The first row under each prefix, or `none`. */
function rowsOf(prefixes: readonly Uint8Array[], rows: StoredRows | undefined): Uint32Array {
  const found = new Uint32Array(prefixes.length).fill(none);
  if (rows === undefined) {
    return found;
  }
  for (let i = 0; i < prefixes.length; i++) {
    if (rows.mayHold(prefixNumber(prefixes[i]!))) {
      found[i] = 0;
    }
  }
  for (let i = 0; i < prefixes.length; i++) {
    if (found[i] === 0) {
      const prefix = prefixNumber(prefixes[i]!);
      const row = rows.lowerBound(prefix);
      found[i] = row < rows.count && rows.prefixAt(row) === prefix ? row : none;
    }
  }
  return found;
}

/** Writes the one row under a prefix, and gives its first threat or ''. Undefined, and nothing is written, for all but the usual. */
function writeSingle(row: number, prefix: number, { to, rows, said }: { readonly to: StatementList; readonly rows: StoredRows; readonly said: SaidCache }): string | undefined {
  if (row + 1 < rows.count && rows.prefixAt(row + 1) === prefix) {
    return undefined;
  }
  const { layout } = rows;
  const bytes = rows.partOf(row);
  const at = rows.offsetOf(row);
  const encoded = isForAnySize(bytes, at, layout) ? said.encoded(nameOf(bytes, at, layout), classOf(bytes, at, layout)) : undefined;
  if (encoded === undefined) {
    return undefined;
  }
  to.appendRecord(prefix, { bytes, at, width: layout.width }, encoded);
  return encoded.threat ?? '';
}

function writeRecords(prefix: number, records: readonly AnswerRecord[], to: StatementList): string {
  if (records.length <= maxRecords) {
    to.appendRecords(prefix, records, maxStatementBytes);
  }
  return records[0]?.threats[0]?.name ?? '';
}
