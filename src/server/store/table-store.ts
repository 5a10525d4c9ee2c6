/**
 * A `ReputationStore` over a stored table. A batch is looked up in ascending order in one pass, whatever order it came
 * in, so that neighbours meet the same pages; what is said about a name and a class is made once and used again.
 */
import type { AnswerRecord, FingerprintKind, HashAlgorithm } from '../../base/fingerprint.js';
import { groupCode, hashGroups, prefixNumber } from '../../pattern/hashes/hash-groups.js';
import { presentableText } from '../../protocol/codec/shapes.js';
import { maxNameBytes, maxRecords, maxThreats } from '../../protocol/limits.js';
import { recordsOf } from '../records.js';
import type { ReputationStore } from '../reputation-store.js';
import { classOf, nameOf, sizeOf } from './row-layout.js';
import type { StoredRows } from './stored/stored-rows.js';
import type { StoredTable } from './stored/stored-table.js';

/** What is said of a hash, without the hash. */
type Said = Omit<AnswerRecord, 'hash' | 'size'>;

/** A statement cannot carry more rows than this: what is beyond changes nothing. */
const maxRows = maxRecords * maxThreats + 1;
/** Slots for what was said lately: some 10 MB when they are all taken. */
const slots = 65_536;
const nothing: readonly AnswerRecord[] = [];

/** The store. The table has to stay open. */
export function createTableStore(table: StoredTable): ReputationStore {
  const said = createSaid(table);
  return {
    generation: table.head.origin.generation,
    entries: table.entries,
    lookup(kind, algorithm, prefixes): readonly (readonly AnswerRecord[])[] {
      const rows = table.rows(kind, algorithm);
      if (rows === undefined) {
        return prefixes.map(() => nothing);
      }
      return lookUpSorted(prefixes, (prefix) => recordsUnder(prefix, { table, rows, said, kind, algorithm }));
    },
  };
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

interface Under {
  readonly table: StoredTable;
  readonly rows: StoredRows;
  readonly said: (name: number, classIndex: number) => Said;
  readonly kind: FingerprintKind;
  readonly algorithm: HashAlgorithm;
}

function recordsUnder(prefix: number, { table, rows, said, kind, algorithm }: Under): readonly AnswerRecord[] {
  if (!rows.mayHold(prefix)) {
    return nothing;
  }
  const from = rows.lowerBound(prefix);
  const to = rows.end(from, prefix, maxRows);
  if (to === from) {
    return nothing;
  }
  if (to - from > 1) {
    const code = groupCode(kind, algorithm);
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
  return [recordOf(hash, size, said(nameOf(bytes, at, layout), classOf(bytes, at, layout)))];
}

function recordOf(hash: Uint8Array, size: number | undefined, said: Said): AnswerRecord {
  if (size === undefined && said.score === undefined && said.categories === undefined) {
    return { hash, disposition: said.disposition, threats: said.threats };
  }
  return { hash, ...said, ...(size === undefined ? {} : { size }) };
}

/** What a name and a class come to, kept in slots that the next one with the same slot takes over. */
function createSaid(table: StoredTable): Under['said'] {
  const keys = new Float64Array(slots).fill(-1);
  const kept = new Array<Said | undefined>(slots).fill(undefined);
  const classes = createClassCache(table);
  return (name, classIndex) => {
    const key = classIndex * 4_294_967_296 + name;
    const slot = Math.imul(name ^ Math.imul(classIndex, 0x9e37_79b1), 0x85eb_ca6b) >>> 16;
    const wasSeen = keys[slot] === key;
    const known = wasSeen ? kept[slot] : undefined;
    if (known !== undefined) {
      return known;
    }
    const said = saidOf(table.names.at(name), classes(classIndex));
    // Kept from the second time on: names that every record has for itself would only make old garbage. And 2^24 classes
    // by 2^32 names do not all fit a double: those that do not are not kept.
    keys[slot] = Number.isSafeInteger(key) ? key : -1;
    kept[slot] = wasSeen ? said : undefined;
    return said;
  };
}

/** What `recordsOf` makes of one entry, without what only several need. */
function saidOf(name: string, { threatType, common, isFind }: KnownClass): Said {
  const threats = isFind ? [{ name: isPlain(name) ? name : presentableText(name, maxNameBytes) || 'unnamed', type: threatType }] : [];
  const { disposition, score, categories } = common;
  if (score === undefined && categories === undefined) {
    return { disposition, threats };
  }
  return { ...common, threats };
}

/** Printable ASCII, not empty and short: nothing has to be made of it. */
function isPlain(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) {
      return false;
    }
  }
  return name.length > 0 && name.length <= maxNameBytes;
}

/** What all entries of a class say, whatever their names. */
interface KnownClass {
  readonly threatType: string;
  readonly isFind: boolean;
  readonly common: Said;
}

function createClassCache(table: StoredTable): (index: number) => KnownClass {
  const known = new Map<number, KnownClass>();
  const { kind, algorithm, width } = hashGroups[0]!;
  const hash = new Uint8Array(width);
  return (index) => {
    const found = known.get(index);
    if (found !== undefined) {
      return found;
    }
    const { type, detail, ...rest } = table.classes.at(index);
    const threat = { name: 'x', type, ...(detail === undefined ? {} : { detail }) };
    const { hash: _, ...common } = recordsOf([{ kind, algorithm, hash, ...rest, threat }])[0]!;
    const made = { threatType: common.threats[0]?.type ?? '', isFind: common.threats.length > 0, common };
    if (known.size < slots) {
      known.set(index, made);
    }
    return made;
  };
}
