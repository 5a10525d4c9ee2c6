/**
 * A `ReputationStore` over a stored table. A batch is looked up in ascending order in one pass, whatever order it came
 * in, so that neighbours meet the same pages; what is said about a name and a class is made once and used again.
 */
import type { AnswerRecord, FingerprintKind, HashAlgorithm } from '../../base/fingerprint.js';
import { groupCode, hashGroups, prefixNumber } from '../../pattern/hashes/hash-groups.js';
import { maxRecords, maxThreats } from '../../protocol/limits.js';
import type { StatementWriter } from '../encoded/statement-writer.js';
import { recordsOf } from '../records.js';
import type { ReputationStore } from '../reputation-store.js';
import { classOf, nameOf, sizeOf } from './row-layout.js';
import { SaidCache, type Said } from './said.js';
import type { StoredRows } from './stored/stored-rows.js';
import type { StoredTable } from './stored/stored-table.js';
import { writeGroup } from './write-group.js';

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
  const caches = new Map<number, SaidCache>();
  const under = (kind: FingerprintKind, algorithm: HashAlgorithm): Under | undefined => {
    const rows = table.rows(kind, algorithm);
    if (rows === undefined) {
      return undefined;
    }
    const code = groupCode(kind, algorithm);
    const said = caches.get(code) ?? new SaidCache(table, kind, algorithm);
    caches.set(code, said);
    return { table, rows, said, code };
  };
  return {
    generation: table.head.origin.generation,
    entries: table.entries,
    lookup(kind, algorithm, prefixes): readonly (readonly AnswerRecord[])[] {
      const group = under(kind, algorithm);
      return group === undefined ? prefixes.map(() => nothing) : lookUpSorted(prefixes, (prefix) => recordsUnder(prefix, group));
    },
    writeStatements(group, to) {
      const found = under(group.kind, group.algorithm);
      return writeGroup(group, { to, rows: found?.rows, said: found?.said, recordsUnder: (prefix) => (found === undefined ? nothing : recordsUnder(prefix, found)) });
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

/** Answers every prefix, in ascending order; the answers stand in the order of the question. */
function lookUpSorted(prefixes: readonly Uint8Array[], answer: (prefix: number) => readonly AnswerRecord[]): (readonly AnswerRecord[])[] {
  const numbers = new Uint32Array(prefixes.length);
  // Prefix and place in one number: sorting these needs no comparison in JavaScript. 2^32 x 2^20 fits a double.
  const order = new Float64Array(prefixes.length);
  for (let i = 0; i < prefixes.length; i++) {
    numbers[i] = prefixNumber(prefixes[i]!);
    order[i] = numbers[i]! * 1_048_576 + i;
  }
  order.sort();
  const found = new Array<readonly AnswerRecord[]>(prefixes.length).fill(nothing);
  for (const one of order) {
    const i = one % 1_048_576;
    found[i] = answer(numbers[i]!);
  }
  return found;
}

/** Rows of one kind and algorithm. */
interface Under {
  readonly table: StoredTable;
  readonly rows: StoredRows;
  readonly said: SaidCache;
  readonly code: number;
}

function recordsUnder(prefix: number, { table, rows, said, code }: Under): readonly AnswerRecord[] {
  if (!rows.mayHold(prefix)) {
    return nothing;
  }
  const from = rows.lowerBound(prefix);
  const to = rows.end(from, prefix, maxRows);
  if (to === from) {
    return nothing;
  }
  if (to - from > 1) {
    return recordsOf(Array.from({ length: to - from }, (_, i) => table.entryAt(code, from + i)));
  }
  const { layout } = rows;
  const bytes = rows.partOf(from);
  const at = rows.offsetOf(from);
  const hash = new Uint8Array(layout.width);
  for (let i = 0; i < layout.width; i++) {
    hash[i] = bytes[at + i]!;
  }
  const size = layout.sizeWidth === 0 ? undefined : sizeOf(bytes, at, layout);
  return [recordOf(hash, size, said.of(nameOf(bytes, at, layout), classOf(bytes, at, layout)))];
}

function recordOf(hash: Uint8Array, size: number | undefined, said: Said): AnswerRecord {
  if (size === undefined && said.score === undefined && said.categories === undefined) {
    return { hash, disposition: said.disposition, threats: said.threats };
  }
  return { hash, ...said, ...(size === undefined ? {} : { size }) };
}

