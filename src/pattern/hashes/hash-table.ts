/**
 * Listed hashes, millions of them, in one byte string: columns sorted by kind, algorithm and hash, names in a table.
 * Entries become objects only when they are asked for, so an opened table costs what its bytes cost.
 *
 * Everything is checked when the table is opened (order, indices, texts); after that no lookup can fail.
 */
import { assertInteger } from '../../base/assert.js';
import type { FingerprintKind, HashAlgorithm, Wants } from '../../base/fingerprint.js';
import { prefixBytes } from '../../base/fingerprint.js';
import { ByteReader, plainBytes } from '../bytes/byte-reader.js';
import type { HashClasses } from './hash-classes.js';
import { openClasses } from './hash-classes.js';
import type { HashEntry } from '../hash-entry.js';
import { groupCode, hashGroups } from './hash-groups.js';
import { HashRows } from './hash-rows.js';
import { refused } from '../refused.js';
import type { StringTable } from '../bytes/string-table.js';
import { openStrings } from '../bytes/string-table.js';
import { WantsCollector } from '../wants.js';

export { encodeHashTable } from './hash-table-encode.js';

/** Listed hashes, ready to be looked up. Entries are made anew by every call; their hashes are copies. */
export interface HashTable {
  /** Entries in all. */
  readonly count: number;
  /** Memory that the table keeps, in bytes: that which it was opened from. */
  readonly byteLength: number;
  /** How many entries there are of each kind and algorithm that has any. */
  readonly groups: readonly { readonly kind: FingerprintKind; readonly algorithm: HashAlgorithm; readonly count: number }[];
  /** The entries of one full hash, whatever their size. Nothing is listed under a hash of another length. */
  find(kind: FingerprintKind, algorithm: HashAlgorithm, hash: Uint8Array): HashEntry[];
  /** The entries whose hashes begin with `prefix`. @throws RangeError unless it has 4 bytes up to those of a hash. */
  byPrefix(kind: FingerprintKind, algorithm: HashAlgorithm, prefix: Uint8Array): HashEntry[];
  /** All entries, sorted. */
  entries(): Iterable<HashEntry>;
  /** Digests besides SHA-256 that files need in order to be compared with the table. Cost: one pass. */
  wants(): Wants;
}

/**
 * Opens what `encodeHashTable` wrote; the bytes are kept, not copied.
 * @throws VedetteError `pattern-refused` for bytes that are no hash table.
 */
export function openHashTable(bytes: Uint8Array): HashTable {
  const reader = new ByteReader(plainBytes(bytes), 'hash table');
  const names = openStrings(reader);
  const classes = openClasses(reader, { types: openStrings(reader), details: openStrings(reader) });
  const groups = openGroups(reader, { names: names.count, classes: classes.count });
  reader.end();
  return createTable(groups, { names, classes, byteLength: bytes.length });
}

function openGroups(reader: ByteReader, targets: { readonly names: number; readonly classes: number }): (HashRows | undefined)[] {
  const groups: (HashRows | undefined)[] = [];
  for (let left = reader.u8(); left > 0; left--) {
    const code = reader.u8();
    if (code >= hashGroups.length || code < groups.length) {
      throw refused('malformed', 'hash table: groups that are unknown, twice there or out of order', { code });
    }
    groups[code] = new HashRows(reader, code, targets);
  }
  return groups;
}

interface Tables {
  readonly names: StringTable;
  readonly classes: HashClasses;
  readonly byteLength: number;
}

function createTable(groups: readonly (HashRows | undefined)[], { names, classes, byteLength }: Tables): HashTable {
  const entryAt = (rows: HashRows, row: number): HashEntry => {
    const { disposition, score, type, detail } = classes.at(rows.class(row));
    const size = rows.size(row);
    return {
      kind: rows.group.kind,
      algorithm: rows.group.algorithm,
      hash: rows.hash(row),
      ...(size === undefined ? {} : { size }),
      disposition,
      threat: { name: names.at(rows.name(row)), type, ...(detail === undefined ? {} : { detail }) },
      ...(score === undefined ? {} : { score }),
    };
  };
  const matching = (rows: HashRows | undefined, key: Uint8Array): HashEntry[] => {
    const entries: HashEntry[] = [];
    if (rows !== undefined) {
      const [from, to] = rows.range(key);
      for (let row = from; row < to; row++) {
        entries.push(entryAt(rows, row));
      }
    }
    return entries;
  };
  const present = groups.filter((rows) => rows !== undefined);
  return {
    count: present.reduce((sum, rows) => sum + rows.count, 0),
    byteLength,
    groups: present.map((rows) => ({ kind: rows.group.kind, algorithm: rows.group.algorithm, count: rows.count })),
    find(kind, algorithm, hash) {
      const rows = groups[groupCode(kind, algorithm)];
      return hash.length === rows?.group.width ? matching(rows, hash) : [];
    },
    byPrefix(kind, algorithm, prefix) {
      const code = groupCode(kind, algorithm);
      if (prefix.length !== prefixBytes) {
        assertInteger('bytes of a prefix', prefix.length, { min: prefixBytes, max: hashGroups[code]?.width ?? 32 });
      }
      return matching(groups[code], prefix);
    },
    *entries() {
      for (const rows of present) {
        for (let row = 0; row < rows.count; row++) {
          yield entryAt(rows, row);
        }
      }
    },
    wants() {
      const wants = new WantsCollector();
      for (const rows of present) {
        for (let row = 0; row < (rows.group.algorithm === 'sha256' ? 0 : rows.count); row++) {
          wants.add(rows.group.algorithm, rows.size(row));
        }
      }
      return wants.finish();
    },
  };
}
