/**
 * The verdict cache of a browser: slots by key, the ones written longest ago go first. All of it can be had again from
 * a server, so nothing here waits for the disk. Which answer may be used is decided elsewhere, the same for every store.
 */
import { assertInteger } from '../../base/assert.js';
import type { CacheSlot, VerdictCache } from '../../cache/verdict-cache.js';
import type { Connection } from './connection.js';
import type { DamageReporter } from './damage.js';
import type { Transaction } from './idb.js';

/** What the cache is made of. */
export interface CacheParts {
  readonly connection: Connection;
  readonly report: DamageReporter;
  /** Slots at most. */
  readonly maxEntries: number;
}

interface Totals {
  readonly of: 'answers';
  readonly slots: number;
  /** Order of the next write. */
  readonly next: number;
}

/** @throws RangeError when the bound is no positive integer. */
export function createCache({ connection, report, maxEntries }: CacheParts): VerdictCache {
  assertInteger('maxAnswers', maxEntries, { min: 1 });
  return {
    async get(keys) {
      if (keys.length === 0) {
        return [];
      }
      const records = await connection.read(['answers'], (transaction) => {
        const answers = transaction.objectStore('answers');
        return Promise.all(keys.map((key) => answers.get(key)));
      });
      return records.map((record, i) => {
        const slot = record === undefined ? undefined : slotOf(record);
        if (record !== undefined && slot === undefined) {
          report({ store: 'answers', key: JSON.stringify(keys[i]), became: 'skipped' });
        }
        return slot;
      });
    },
    async put(slots) {
      const last = new Map(slots);
      if (last.size > 0) {
        await connection.write(['answers', 'totals'], (transaction) => putAll(transaction, last, maxEntries), { rebuildable: true });
      }
    },
    async forget(what) {
      await connection.write(['answers', 'totals'], (transaction) => forget(transaction, what), { rebuildable: true });
    },
  };
}

async function putAll(transaction: Transaction<'readwrite'>, slots: ReadonlyMap<string, CacheSlot>, maxEntries: number): Promise<void> {
  const answers = transaction.objectStore('answers');
  const totals = await readTotals(transaction);
  const there = await Promise.all([...slots.keys()].map((key) => answers.getKey(key)));
  await Promise.all([...slots].map(([key, slot], i) => answers.put({ key, order: totals.next + i, slot })));
  let held = totals.slots + there.filter((key) => key === undefined).length;
  let oldest = held > maxEntries ? await answers.index('byOrder').openCursor() : null;
  for (; oldest !== null && held > maxEntries; oldest = await oldest.continue()) {
    await oldest.delete();
    held--;
  }
  await transaction.objectStore('totals').put({ of: 'answers', slots: held, next: totals.next + slots.size } satisfies Totals);
}

async function forget(transaction: Transaction<'readwrite'>, what: 'all' | readonly string[]): Promise<void> {
  const answers = transaction.objectStore('answers');
  const totals = await readTotals(transaction);
  if (what === 'all') {
    await answers.clear();
    await transaction.objectStore('totals').put({ ...totals, slots: 0 });
    return;
  }
  const keys = [...new Set(what)];
  const there = await Promise.all(keys.map((key) => answers.getKey(key)));
  await Promise.all(keys.map((key) => answers.delete(key)));
  await transaction.objectStore('totals').put({ ...totals, slots: totals.slots - there.filter((key) => key !== undefined).length });
}

/** Counted anew when nobody has counted before, or the count is none. */
async function readTotals(transaction: Transaction<'readwrite'>): Promise<Totals> {
  const found: unknown = await transaction.objectStore('totals').get('answers');
  if (typeof found === 'object' && found !== null && 'slots' in found && 'next' in found) {
    const { slots, next } = found;
    if (Number.isSafeInteger(slots) && Number.isSafeInteger(next)) {
      return { of: 'answers', slots: slots as number, next: next as number };
    }
  }
  const answers = transaction.objectStore('answers');
  const newest = await answers.index('byOrder').openKeyCursor(null, 'prev');
  const last = newest?.key;
  return { of: 'answers', slots: await answers.count(), next: Number.isSafeInteger(last) ? (last as number) + 1 : 0 };
}

function slotOf(record: unknown): CacheSlot | undefined {
  const slot = typeof record === 'object' && record !== null && 'slot' in record ? record.slot : undefined;
  return Array.isArray(slot) ? (slot as CacheSlot) : undefined;
}
