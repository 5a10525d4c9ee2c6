/**
 * What the names and classes of a stored table come to in answers: made when they are met, and kept for the next time, as
 * part of a record and encoded.
 */
import type { AnswerRecord, FingerprintKind, HashAlgorithm } from '../../base/fingerprint.js';
import { hashGroups } from '../../pattern/hashes/hash-groups.js';
import { presentableText } from '../../protocol/codec/shapes.js';
import { maxNameBytes } from '../../protocol/limits.js';
import { encodeRecord } from '../encoded/encode-record.js';
import { recordsOf } from '../records.js';
import { SaidSlots } from './said-slots.js';
import type { StoredTable } from './stored/stored-table.js';

/** Classes that are kept. */
const maxClasses = 65_536;

/** What is said of a hash, without the hash. */
export type Said = Omit<AnswerRecord, 'hash' | 'size'>;

/**
 * By name and class, in slots that the next one with the same slot takes over. A class: methods of one closure for each table
 * would be compiled anew at every change of generation.
 */
export class SaidCache {
  readonly slots: SaidSlots;
  readonly #table: StoredTable;
  readonly #kind: FingerprintKind;
  readonly #algorithm: HashAlgorithm;
  readonly #classes: (index: number) => KnownClass;
  readonly #keys: Float64Array;
  readonly #kept: (Said | undefined)[];
  readonly #threats: (string | undefined)[];

  /** For hashes of one kind and algorithm. */
  constructor(table: StoredTable, kind: FingerprintKind, algorithm: HashAlgorithm) {
    this.#table = table;
    this.#kind = kind;
    this.#algorithm = algorithm;
    this.#classes = createClassCache(table);
    this.slots = new SaidSlots(table.names.count);
    this.#keys = new Float64Array(this.slots.count).fill(-1);
    this.#kept = new Array<Said | undefined>(this.slots.count).fill(undefined);
    this.#threats = new Array<string | undefined>(this.slots.count).fill(undefined);
  }

  /** Always. */
  of(name: number, classIndex: number): Said {
    const key = classIndex * 4_294_967_296 + name;
    const slot = this.slots.slotOf(name, classIndex);
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
    if (wasSeen) {
      this.slots.put(name, classIndex, encodeRecord(this.#kind, this.#algorithm, said));
      this.#threats[slot] = said.threats[0]?.name;
    }
    return said;
  }

  /** The first threat's name of what a slot of `slots` holds. */
  threatIn(slot: number): string | undefined {
    return this.#threats[slot];
  }
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
    if (known.size < maxClasses) {
      known.set(index, made);
    }
    return made;
  };
}
