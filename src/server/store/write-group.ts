/**
 * The statements of a batch written into an answer: what `lookup` finds, without its records. What a row says is copied
 * where it was encoded before; what is rare (several rows under a prefix, a size, a name met for the first time) goes the
 * way of the records.
 */
import type { AnswerRecord } from '../../base/fingerprint.js';
import { maxRecords, maxStatementBytes } from '../../protocol/limits.js';
import type { StatementList } from '../encoded/statement-list.js';
import type { WrittenHits } from '../encoded/statement-writer.js';
import { classOf, isForAnySize, nameOf } from './row-layout.js';
import type { SaidCache } from './said.js';
import { noRow, severalRows } from './stored/row-search.js';
import type { StoredRows } from './stored/stored-rows.js';

/** What writing needs. */
export interface WriteParts {
  readonly to: StatementList;
  readonly rows: StoredRows;
  readonly said: SaidCache;
  readonly recordsUnder: (prefix: number, row: number) => readonly AnswerRecord[];
}

/** A batch of which is known what is listed. */
export interface FoundBatch {
  readonly count: number;
  readonly prefixes: Uint32Array;
  /** As `RowSearch.find` leaves it. */
  readonly found: Uint32Array;
}

/** Appends the statement of each prefix, in order. */
export function writeGroup({ count, prefixes, found }: FoundBatch, parts: WriteParts): WrittenHits {
  const threats: string[] = [];
  let hits = 0;
  for (let i = 0; i < count; i++) {
    const prefix = prefixes[i]!;
    const row = found[i]!;
    if (row === noRow) {
      parts.to.appendEmpty(prefix);
      continue;
    }
    hits++;
    const threat = (row === severalRows ? undefined : writeSingle(row, prefix, parts)) ?? writeRecords(prefix, parts.recordsUnder(prefix, row), parts.to);
    if (threat !== '') {
      threats.push(threat);
    }
  }
  return { hits, threats };
}

/** Writes the one row under a prefix, and gives its first threat or ''. Undefined, and nothing is written, for all but the usual. */
function writeSingle(row: number, prefix: number, { to, rows, said }: WriteParts): string | undefined {
  const { layout } = rows;
  const bytes = rows.partOf(row);
  const at = rows.offsetOf(row);
  if (!isForAnySize(bytes, at, layout)) {
    return undefined;
  }
  const [name, classIndex] = [nameOf(bytes, at, layout), classOf(bytes, at, layout)];
  const slot = said.slots.slotOf(name, classIndex);
  if (!said.slots.holds(slot, name, classIndex)) {
    return undefined;
  }
  to.appendRecord(prefix, { view: rows.viewOf(row), at, width: layout.width }, said.slots.at(slot));
  return said.threatIn(slot) ?? '';
}

function writeRecords(prefix: number, records: readonly AnswerRecord[], to: StatementList): string {
  if (records.length <= maxRecords) {
    to.appendRecords(prefix, records, maxStatementBytes);
  }
  return records[0]?.threats[0]?.name ?? '';
}
