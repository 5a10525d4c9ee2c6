/** A stored table, opened: the runs of every group, and entries made of rows when they are asked for. */
import type { FingerprintKind, HashAlgorithm } from '../../../base/fingerprint.js';
import type { HashEntry } from '../../../pattern/hash-entry.js';
import { groupCode, hashGroups } from '../../../pattern/hashes/hash-groups.js';
import type { Checksum } from '../import/byte-run.js';
import { filterBlocks } from '../prefix-filter.js';
import { indexBits } from '../prefix-index.js';
import { classOf, nameOf, rowLayout, rowsPerPart, sizeOf } from '../row-layout.js';
import { classBytes, StoredClasses } from './stored-classes.js';
import { StoredRows } from './stored-rows.js';
import { startBytes, StoredStrings, stringsPerBlock } from './stored-strings.js';
import { classRun, decodeHead, groupRuns, headName, openRun, stringRuns, type GroupHead, type TableHead, type TableValues } from '../table-head.js';

/** Bytes of a block of the filter. */
const filterBlockBytes = 64;

const pagesPerStep = 16;

/** An opened table. */
export class StoredTable {
  readonly head: TableHead;
  readonly entries: number;
  readonly names: StoredStrings;
  readonly classes: StoredClasses;
  readonly #groups: readonly (StoredRows | undefined)[];

  /** @throws VedetteError `store-damaged` when something is missing. */
  constructor(values: TableValues, { checksum }: { readonly checksum: Checksum }) {
    this.head = decodeHead(values.value(headName));
    const strings = (name: 'names' | 'types' | 'details'): StoredStrings => openStrings(values, { name, count: this.head[name], bytes: this.head.textBytes[name], checksum });
    this.names = strings('names');
    const run = openRun(values, { name: classRun, length: this.head.classes * classBytes, checksum });
    this.classes = new StoredClasses({ run, types: strings('types'), details: strings('details') });
    const groups: (StoredRows | undefined)[] = [];
    for (const group of this.head.groups) {
      groups[group.code] = openGroup(values, group, checksum);
    }
    this.#groups = groups;
    this.entries = this.head.groups.reduce((sum, group) => sum + group.count, 0);
  }

  /**
   * Touches what answers are made of, 64 KiB in each step: who asks does not wait then for pages to be mapped and compared.
   * @throws VedetteError `store-damaged`.
   */
  *touchAll(): Generator<void, void> {
    const groups = this.#groups.flatMap((group) => group?.runs ?? []);
    for (const run of [...groups, this.names.starts, this.names.blob, this.classes.run]) {
      yield* run.touchAll(pagesPerStep);
    }
  }

  /** The rows of a kind and algorithm; undefined where nothing is listed by it. */
  rows(kind: FingerprintKind, algorithm: HashAlgorithm): StoredRows | undefined {
    return this.#groups[groupCode(kind, algorithm)];
  }

  /** By the code of the group. */
  group(code: number): StoredRows | undefined {
    return this.#groups[code];
  }

  /** What stands in a row. The hash is a copy. */
  entryAt(code: number, row: number): HashEntry {
    const rows = this.#groups[code]!;
    const bytes = rows.partOf(row);
    const at = rows.offsetOf(row);
    const { kind, algorithm } = hashGroups[code]!;
    const { disposition, score, type, detail } = this.classes.at(classOf(bytes, at, rows.layout));
    const size = sizeOf(bytes, at, rows.layout);
    return {
      kind,
      algorithm,
      hash: bytes.slice(at, at + rows.layout.width),
      ...(size === undefined ? {} : { size }),
      disposition,
      threat: { name: this.names.at(nameOf(bytes, at, rows.layout)), type, ...(detail === undefined ? {} : { detail }) },
      ...(score === undefined ? {} : { score }),
    };
  }
}

function openStrings(values: TableValues, of: { readonly name: 'names' | 'types' | 'details'; readonly count: number; readonly bytes: number; readonly checksum: Checksum }): StoredStrings {
  const { name, count, bytes, checksum } = of;
  const runs = stringRuns(name);
  const starts = openRun(values, { name: runs.starts, length: Math.ceil(count / stringsPerBlock) * startBytes, checksum });
  return new StoredStrings({ count, starts, blob: openRun(values, { name: runs.blob, length: bytes, checksum }) });
}

function openGroup(values: TableValues, { code, count, sizeWidth }: GroupHead, checksum: Checksum): StoredRows {
  const names = groupRuns(code);
  const layout = rowLayout(code, sizeWidth);
  const bits = indexBits(count);
  const blocks = filterBlocks(count);
  return new StoredRows({
    rows: openRun(values, { name: names.rows, length: count * layout.rowBytes, partBytes: rowsPerPart * layout.rowBytes, checksum }),
    index: openRun(values, { name: names.index, length: (2 ** bits + 1) * 4, checksum }),
    filter: openRun(values, { name: names.filter, length: blocks * filterBlockBytes, checksum }),
    layout,
    count,
    indexBits: bits,
    filterBlocks: blocks,
  });
}
