/**
 * A `ReputationStore` over a stored table. A batch is looked up in ascending order in one pass, whatever order it came
 * in, so that neighbours meet the same pages; what is said about a name and a class is made once and used again.
 */
import type { AnswerRecord, FingerprintKind, HashAlgorithm } from '../../base/fingerprint.js';
import { groupCode, hashGroups } from '../../pattern/hashes/hash-groups.js';
import { maxRecords, maxThreats } from '../../protocol/limits.js';
import type { StatementWriter } from '../encoded/statement-writer.js';
import { recordsOf } from '../records.js';
import type { ReputationStore } from '../reputation-store.js';
import { classOf, nameOf, sizeOf } from './row-layout.js';
import { SaidCache, type Said } from './said.js';
import type { StoredRows } from './stored/stored-rows.js';
import type { StoredTable } from './stored/stored-table.js';
import { writeGroup } from './write-group.js';
import { SortedBatch } from './sorted-batch.js';
import { noRow, RowSearch, severalRows } from './stored/row-search.js';

/** A statement cannot carry more rows than this: what is beyond changes nothing. */
const maxRows = maxRecords * maxThreats + 1;
const nothing: readonly AnswerRecord[] = [];

/** A store over a table. */
export interface TableStore extends ReputationStore, StatementWriter {
  /**
   * Goes through the table as answers would, a little in each step: pages are mapped and compared, and what is often said is
   * made. Who asks does not wait for it then. @throws VedetteError `store-damaged`.
   */
  warmUp(): Generator<void, void>;
}

/** Rows of a group that are looked at for what is often said, spread evenly; of 5,000 names 7 are missed. */
const samples = 32_768;
const samplesPerStep = 16;

/** The store. The table has to stay open. */
export function createTableStore(table: StoredTable): TableStore {
  const groups = new Map<number, Under>();
  const batch = new SortedBatch();
  const under = (kind: FingerprintKind, algorithm: HashAlgorithm): Under | undefined => {
    const code = groupCode(kind, algorithm);
    const known = groups.get(code);
    const rows = known === undefined ? table.rows(kind, algorithm) : undefined;
    if (known !== undefined || rows === undefined) {
      return known;
    }
    const made = { table, rows, search: new RowSearch(rows), said: new SaidCache(table, kind, algorithm), code };
    groups.set(code, made);
    return made;
  };
  return {
    generation: table.head.origin.generation,
    entries: table.entries,
    lookup(kind, algorithm, prefixes): readonly (readonly AnswerRecord[])[] {
      const answers = new Array<readonly AnswerRecord[]>(prefixes.length).fill(nothing);
      const group = under(kind, algorithm);
      if (group !== undefined) {
        batch.take(prefixes);
        group.search.find(batch.prefixes, batch.count, batch.found);
        for (let i = 0; i < batch.count; i++) {
          const row = batch.found[i]!;
          if (row !== noRow) {
            answers[batch.placeOf(i)] = recordsUnder(batch.prefixes[i]!, row, group);
          }
        }
      }
      return answers;
    },
    writeStatements({ kind, algorithm, prefixes }, to) {
      batch.takeInOrder(prefixes);
      const group = under(kind, algorithm);
      if (group === undefined) {
        batch.prefixes.subarray(0, batch.count).forEach((prefix) => to.appendEmpty(prefix));
        return { hits: 0, threats: [] };
      }
      group.search.find(batch.prefixes, batch.count, batch.found);
      return writeGroup(batch, { to, rows: group.rows, said: group.said, recordsUnder: (prefix, row) => recordsUnder(prefix, row, group) });
    },
    *warmUp() {
      yield* table.touchAll();
      for (const { kind, algorithm } of hashGroups) {
        const group = under(kind, algorithm);
        if (group !== undefined) {
          yield* meetNames(group);
        }
      }
    },
  };
}

function* meetNames({ rows, said }: Under): Generator<void, void> {
  const every = Math.max(1, rows.count / samples);
  for (let i = 0; i * every < rows.count; i++) {
    const row = Math.floor(i * every);
    const bytes = rows.partOf(row);
    const at = rows.offsetOf(row);
    const [name, classIndex] = [nameOf(bytes, at, rows.layout), classOf(bytes, at, rows.layout)];
    // From the second time on it is kept.
    said.of(name, classIndex);
    said.of(name, classIndex);
    if (i % samplesPerStep === 0) {
      yield;
    }
  }
}

/** Rows of one kind and algorithm. */
interface Under {
  readonly table: StoredTable;
  readonly rows: StoredRows;
  readonly search: RowSearch;
  readonly said: SaidCache;
  readonly code: number;
}

/** All records under a prefix that has rows; `row` is the only one, or `severalRows`. */
function recordsUnder(prefix: number, row: number, { table, rows, said, code }: Under): readonly AnswerRecord[] {
  if (row === severalRows) {
    const from = rows.lowerBound(prefix);
    const to = rows.end(from, prefix, maxRows);
    return recordsOf(Array.from({ length: to - from }, (_, i) => table.entryAt(code, from + i)));
  }
  const { layout } = rows;
  const bytes = rows.partOf(row);
  const at = rows.offsetOf(row);
  const hash = bytes.slice(at, at + layout.width);
  const size = layout.sizeWidth === 0 ? undefined : sizeOf(bytes, at, layout);
  return [recordOf(hash, size, said.of(nameOf(bytes, at, layout), classOf(bytes, at, layout)))];
}

function recordOf(hash: Uint8Array, size: number | undefined, said: Said): AnswerRecord {
  if (size === undefined && said.score === undefined && said.categories === undefined) {
    return { hash, disposition: said.disposition, threats: said.threats };
  }
  return { hash, ...said, ...(size === undefined ? {} : { size }) };
}
