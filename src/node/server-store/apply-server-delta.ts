/** The changes of a delta applied to the directory of a server store: a new table is written beside the old, then made current. */
import { VedetteError } from '../../base/errors.js';
import { hostRuleOf } from '../../pattern/host-rule.js';
import { mergeTable, type GroupChanges, type TableChanges } from '../../server/store/import/merge-table.js';
import { StoredTable } from '../../server/store/stored/stored-table.js';
import type { TableOrigin } from '../../server/store/table-head.js';
import type { DeltaChanges } from '../../update/delta/delta.js';
import { openLmdbValues } from '../lmdb.js';
import { pathOf, readCurrent } from './generation-files.js';
import { withStoreLock } from './store-lock.js';
import { storeRefused } from './store-refused.js';
import { checksum, writeTable } from './write-table.js';

/** What is changed. */
export interface ApplyOptions {
  readonly dir: string;
  /** What `readDelta` made of a delta whose digest was signed: nothing here can tell who made it. */
  readonly changes: DeltaChanges;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Applies a delta of the server pattern; stores that have the directory open answer meanwhile and go over by themselves.
 * @throws VedetteError `pattern-refused` (`detail.cause` `base` for a delta from another generation, `raw` for one that only
 * the whole file will do instead of), `store-busy` while somebody else writes there, `store-damaged`, `peer-missing`,
 * `aborted`. The store is then as it was.
 */
export async function applyServerDelta(options: ApplyOptions): Promise<TableOrigin> {
  if ((await readCurrent(options.dir)) === undefined) {
    throw nothingThere(options.dir);
  }
  return withStoreLock(options.dir, () => applyLocked(options));
}

async function applyLocked({ dir, changes, signal }: ApplyOptions): Promise<TableOrigin> {
  const current = await readCurrent(dir);
  if (current === undefined) {
    throw nothingThere(dir);
  }
  const values = await openLmdbValues(await pathOf(dir, current));
  try {
    const base = new StoredTable(values, { checksum });
    const plan = planOf(base.head.origin, changes);
    await writeTable({ dir, generation: plan.origin.generation, signal, inUse: current.file }, (target) => mergeTable(base, plan, target));
    return plan.origin;
  } finally {
    await values.close();
  }
}

function nothingThere(dir: string): VedetteError {
  return new VedetteError('store-damaged', `${dir}: no server pattern was imported yet`, { detail: { dir } });
}

/** What a delta comes to for a store of this origin. */
function planOf(origin: TableOrigin, changes: DeltaChanges): TableChanges {
  if (changes.kind !== 'server-pattern' || changes.base !== origin.contentId) {
    throw storeRefused('base', `the delta leads from another file than the one of generation ${origin.generation} that the server store holds`);
  }
  let { hostRule } = origin;
  let groups: readonly GroupChanges[] | undefined;
  for (const section of changes.sections) {
    if (section.name === 'meta' && section.kind === 'raw') {
      hostRule = hostRuleOf(section.section[0] ?? -1);
    } else if (section.name === 'hashes' && (section.kind === 'table' || section.kind === 'same')) {
      groups = section.kind === 'table' ? section.groups : [];
    } else if (section.kind !== 'same') {
      throw storeRefused('raw', `the delta replaces section ${section.name} as a whole: import the file itself`);
    }
  }
  if (groups === undefined) {
    throw storeRefused('raw', 'the delta leads to a file without a hash table');
  }
  const { generation, createdAt, expiresAt, periodMs } = changes.head;
  return { origin: { generation, createdAt, expiresAt, periodMs, hostRule, contentId: changes.result }, groups };
}
