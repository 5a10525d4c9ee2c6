/** What the names and classes of a stored table come to in answers: made when they are met, and kept for the next time. */
import type { AnswerRecord, FingerprintKind, HashAlgorithm } from '../../base/fingerprint.js';
import { hashGroups } from '../../pattern/hashes/hash-groups.js';
import { presentableText } from '../../protocol/codec/shapes.js';
import { maxNameBytes } from '../../protocol/limits.js';
import { encodeRecord } from '../encoded/encode-record.js';
import type { EncodedRecord } from '../encoded/statement-list.js';
import { recordsOf } from '../records.js';
import type { StoredTable } from './stored/stored-table.js';

/** What is said of a hash, without the hash. */
export type Said = Omit<AnswerRecord, 'hash' | 'size'>;

/** A record but for its hash. */
export interface EncodedSaid extends EncodedRecord {
  readonly threat: string | undefined;
}

/** Slots for what was said lately: some 10 MB when they are all taken. */
const slots = 65_536;

/**
 * By name and class, in slots that the next one with the same slot takes over. A class: methods of one closure for each table
 * would be compiled anew at every change of generation.
 */
export class SaidCache {
  readonly #table: StoredTable;
  readonly #kind: FingerprintKind;
  readonly #algorithm: HashAlgorithm;
  readonly #classes: (index: number) => KnownClass;
  readonly #keys = new Float64Array(slots).fill(-1);
  readonly #kept = new Array<Said | undefined>(slots).fill(undefined);
  readonly #encodings = new Array<EncodedSaid | undefined>(slots).fill(undefined);

  /** For hashes of one kind and algorithm. */
  constructor(table: StoredTable, kind: FingerprintKind, algorithm: HashAlgorithm) {
    this.#table = table;
    this.#kind = kind;
    this.#algorithm = algorithm;
    this.#classes = createClassCache(table);
  }

  /** Always. */
  of(name: number, classIndex: number): Said {
    const key = classIndex * 4_294_967_296 + name;
    const slot = slotOf(name, classIndex);
    const wasSeen = this.#keys[slot] === key;
    const known = wasSeen ? this.#kept[slot] : undefined;
    if (known !== undefined) {
      return known;
    }
    const said = saidOf(this.#table.names.at(name), this.#classes(classIndex));
    // Kept from the second time on: names that every record has for itself would only make old garbage. And 2^24 classes
    // by 2^32 names do not all fit a double: those that do not are not kept.
    this.#keys[slot] = Number.isSafeInteger(key) ? key : -1;
    this.#kept[slot] = wasSeen ? said : undefined;
    this.#encodings[slot] = wasSeen ? { ...encodeRecord(this.#kind, this.#algorithm, said), threat: said.threats[0]?.name } : undefined;
    return said;
  }

  /** Encoded for a hash of any size; undefined until it was met twice. */
  encoded(name: number, classIndex: number): EncodedSaid | undefined {
    const slot = slotOf(name, classIndex);
    return this.#keys[slot] === classIndex * 4_294_967_296 + name ? this.#encodings[slot] : undefined;
  }
}

function slotOf(name: number, classIndex: number): number {
  return Math.imul(name ^ Math.imul(classIndex, 0x9e37_79b1), 0x85eb_ca6b) >>> 16;
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
