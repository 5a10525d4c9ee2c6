/** What a store is told of the changes to a hash table: added rows as entries, made one by one. */
import { fromUtf8 } from '../../../base/bytes.js';
import type { Json } from '../../../base/seams.js';
import { widthFor } from '../../../pattern/bytes/columns.js';
import type { HashEntry } from '../../../pattern/hash-entry.js';
import { hashGroups } from '../../../pattern/hashes/hash-groups.js';
import { dispositions, noScore } from '../../../pattern/hashes/hash-table-encode.js';
import { refused } from '../../../pattern/refused.js';
import type { GroupChange } from '../delta.js';
import type { NamedChange, RowsChange, TableDelta } from './table-delta.js';
import { readTableDelta } from './table-delta.js';
import { numberAt } from './table-layout.js';

/**
 * The groups that change, sorted by code. Everything that added rows refer to is checked here, so that `added` cannot fail.
 * @throws VedetteError `pattern-refused`.
 */
export function readTableChanges(payload: Uint8Array): GroupChange[] {
  const delta = readTableDelta(payload);
  const lookUps = openLookUps(delta);
  delta.groups.forEach((rows) => assertRows(rows, lookUps));
  const changed = delta.groups.map((rows) => ({ code: rows.code, change: groupChange(rows, lookUps) }));
  const gone = delta.gone.map((code) => ({ code, change: goneGroup(code) }));
  return [...changed, ...gone].sort((a, b) => a.code - b.code).map(({ change }) => change);
}

/** Everything that rows of an entry share, by the index of its class. */
type ClassPart = Pick<HashEntry, 'disposition' | 'score'> & { readonly type: string; readonly detail?: Json };

interface LookUps {
  readonly names: ReadonlyMap<number, string>;
  readonly nameWidth: number;
  readonly classes: ReadonlyMap<number, ClassPart>;
  readonly classWidth: number;
}

function openLookUps(delta: TableDelta): LookUps {
  const types = textsOf(delta.types);
  const details = textsOf(delta.details);
  const classes = new Map(delta.classes.items.map((item, i) => [delta.classes.at[i]!, classOf(item, types, details)]));
  return {
    names: textsOf(delta.names),
    nameWidth: widthFor(delta.names.count - 1),
    classes,
    classWidth: widthFor(delta.classes.count - 1),
  };
}

function textsOf(change: NamedChange): ReadonlyMap<number, string> {
  return new Map(change.items.map((item, i) => [change.at[i]!, fromUtf8(item)]));
}

function classOf(item: Uint8Array, types: ReadonlyMap<number, string>, details: ReadonlyMap<number, string>): ClassPart {
  const disposition = dispositions[item[0]!];
  const score = item[1]!;
  const type = types.get(numberAt(item.subarray(2), 0, 4));
  const detailIndex = numberAt(item.subarray(6), 0, 4);
  const detail = detailIndex === 0 ? undefined : details.get(detailIndex - 1);
  if (disposition === undefined || (score > 100 && score !== noScore) || type === undefined || (detailIndex > 0 && detail === undefined)) {
    throw refused('malformed', 'table: a class is none');
  }
  return {
    disposition,
    type,
    ...(score === noScore ? {} : { score }),
    ...(detail === undefined ? {} : { detail: parsedJson(detail) }),
  };
}

function parsedJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    throw refused('malformed', `table: a detail is no JSON: ${String(cause)}`);
  }
}

function assertRows(rows: RowsChange, { names, nameWidth, classes, classWidth }: LookUps): void {
  for (let i = 0; i < rows.at.length; i++) {
    const isTold = names.has(numberAt(rows.names, i, nameWidth)) && classes.has(numberAt(rows.classes, i, classWidth));
    if (!isTold || numberAt(rows.sizes, i, rows.sizeWidth) > 2 ** 53) {
      throw refused('malformed', 'table: an added row refers to what is not told, or has an impossible size', { row: i });
    }
  }
}

function groupChange(rows: RowsChange, lookUps: LookUps): GroupChange {
  const { kind, algorithm, width } = hashGroups[rows.code]!;
  return {
    kind,
    algorithm,
    gone: false,
    removed: rows.removed,
    removedHash: (index) => rows.removedHashes.subarray(index * width, (index + 1) * width),
    addedCount: rows.at.length,
    *added() {
      for (let i = 0; i < rows.at.length; i++) {
        yield entryAt(rows, i, lookUps);
      }
    },
  };
}

function entryAt(rows: RowsChange, i: number, lookUps: LookUps): HashEntry {
  const { kind, algorithm, width } = hashGroups[rows.code]!;
  const { disposition, score, type, detail } = lookUps.classes.get(numberAt(rows.classes, i, lookUps.classWidth))!;
  const size = numberAt(rows.sizes, i, rows.sizeWidth);
  return {
    kind,
    algorithm,
    hash: rows.hashes.slice(i * width, (i + 1) * width),
    ...(size === 0 ? {} : { size: size - 1 }),
    disposition,
    threat: { name: lookUps.names.get(numberAt(rows.names, i, lookUps.nameWidth))!, type, ...(detail === undefined ? {} : { detail }) },
    ...(score === undefined ? {} : { score }),
  };
}

function goneGroup(code: number): GroupChange {
  const { kind, algorithm } = hashGroups[code]!;
  const none = new Uint32Array(0);
  return { kind, algorithm, gone: true, removed: none, removedHash: () => new Uint8Array(0), addedCount: 0, added: () => [] };
}
