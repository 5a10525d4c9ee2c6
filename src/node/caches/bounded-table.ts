/**
 * A bounded table of records: two generations, as in memory. New records go to the young one; when it holds half of the
 * bound, the old one is emptied and they change places. What is read from the old one moves to the young one, so what
 * goes is what was neither written nor read since the last turn, without a look at every record and a write per read.
 *
 * Writes are gathered, read back at once, and committed between other work, a few hundred at a time.
 */
import { fromUtf8, toUtf8 } from '../../base/bytes.js';
import type { LmdbEnvironment, LmdbTable } from '../lmdb.js';
import { decodeRecord, encodeRecord, type RecordKind } from './record.js';

/** Contents by key. Never throws: an environment that fails is reported once and then left alone. */
export interface BoundedTable {
  get(keys: readonly string[]): (Uint8Array | undefined)[];
  /** Read back at once. A promise where it is better to wait: more than half of what may wait for the disk does. */
  put(contents: readonly (readonly [key: string, content: Uint8Array])[]): void | Promise<void>;
  forget(what: 'all' | readonly string[]): void | Promise<void>;
  /** Resolves when everything is committed, or cannot be. */
  settled(): Promise<void>;
  /** Records held now, in both generations. */
  size(): number;
}

/** What a table is made of. */
export interface BoundedTableOptions {
  readonly environment: LmdbEnvironment;
  readonly name: string;
  readonly kind: RecordKind;
  /** 4 or more. */
  readonly maxEntries: number;
  /** Where both tables of all are kept apart: which one is young. */
  readonly notes: LmdbTable;
  /** Called inside of every transaction. */
  onWrite(): void;
  onFault(error: unknown): void;
}

/** Longest key that is kept. */
const maxKeyBytes = 1_900;
/** Contents that may wait for a slow disk, as a share of the bound and at most: more are let go, as a cache may. */
const waitingShare = 1 / 8;
const mostWaiting = 4_000;
/** Of one transaction: some milliseconds. */
const maxBatch = 256;

/** A table over two of the environment. */
export function createBoundedTable(options: BoundedTableOptions): BoundedTable {
  const { environment, name, kind, notes } = options;
  const tables = [environment.table(`${name}-0`), environment.table(`${name}-1`)] as const;
  const maxWaiting = Math.max(1, Math.min(mostWaiting, Math.floor(options.maxEntries * waitingShare)));
  // What waits counts as well.
  const half = Math.floor((options.maxEntries - maxWaiting) / 2);
  const youngKey = toUtf8(`${name} young`);
  /** What is to be committed: undefined for what is to go. */
  let waiting = new Map<string, Uint8Array | undefined>();
  let isClearAsked = false;
  let writing: Promise<void> | undefined;
  let isBroken = false;

  function guarded<T>(work: () => T, otherwise: T): T {
    if (isBroken) {
      return otherwise;
    }
    try {
      return work();
    } catch (error) {
      broken(error);
      return otherwise;
    }
  }

  function broken(error: unknown): void {
    isBroken = true;
    waiting = new Map();
    isClearAsked = false;
    options.onFault(error);
  }

  function youngIndex(): 0 | 1 {
    const note = notes.peek(youngKey);
    const content = note === undefined ? undefined : decodeRecord('note', youngKey, note);
    return content !== undefined && fromUtf8(content) === '1' ? 1 : 0;
  }

  function read(index: 0 | 1, key: Uint8Array): Uint8Array | undefined {
    const record = tables[index].peek(key);
    return record === undefined ? undefined : decodeRecord(kind, key, record);
  }

  function getAll(keys: readonly string[]): (Uint8Array | undefined)[] {
    const young = youngIndex();
    return keys.map((key) => {
      if (waiting.has(key) || isClearAsked) {
        return waiting.get(key);
      }
      const bytes = keyBytes(key);
      if (bytes === undefined) {
        return undefined;
      }
      const found = read(young, bytes);
      const old = found === undefined ? read(young === 0 ? 1 : 0, bytes) : undefined;
      if (old !== undefined) {
        void write([[key, old]]);
      }
      return found ?? old;
    });
  }

  function write(contents: readonly (readonly [key: string, content: Uint8Array | undefined])[]): void | Promise<void> {
    if (isBroken) {
      return;
    }
    for (const [key, content] of contents) {
      if (content === undefined || waiting.size < maxWaiting || waiting.has(key)) {
        waiting.set(key, content);
      }
    }
    const committed = commit();
    return 2 * waiting.size >= maxWaiting ? committed : undefined;
  }

  function commit(): Promise<void> {
    writing ??= commitAll().finally(() => {
      writing = undefined;
    });
    return writing;
  }

  async function commitAll(): Promise<void> {
    while (waiting.size > 0 || isClearAsked) {
      await othersTurn();
      guarded(commitSome, undefined);
    }
  }

  function commitSome(): void {
    const batch = new Map([...waiting].slice(0, maxBatch));
    environment.write(() => {
      apply(batch, isClearAsked);
      options.onWrite();
    });
    isClearAsked = false;
    for (const key of batch.keys()) {
      waiting.delete(key);
    }
  }

  /** Inside of the transaction. */
  function apply(batch: ReadonlyMap<string, Uint8Array | undefined>, clear: boolean): void {
    if (clear) {
      tables.forEach((table) => table.clear());
    }
    let young = youngIndex();
    let count = tables[young].count();
    for (const [key, content] of batch) {
      const bytes = keyBytes(key);
      if (bytes === undefined) {
        continue;
      }
      if (content === undefined) {
        tables.forEach((table) => table.remove(bytes));
        continue;
      }
      const isKnown = tables[young].peek(bytes) !== undefined;
      if (!isKnown && count >= half) {
        young = turnFrom(young);
        count = 0;
      }
      count += isKnown ? 0 : 1;
      tables[young].put(bytes, encodeRecord(kind, bytes, content));
    }
  }

  /** The old generation is emptied and becomes the young one. */
  function turnFrom(young: 0 | 1): 0 | 1 {
    const next = young === 0 ? 1 : 0;
    tables[next].clear();
    notes.put(youngKey, encodeRecord('note', youngKey, toUtf8(String(next))));
    return next;
  }

  return {
    get: (keys) => guarded(() => getAll(keys), keys.map(() => undefined)),
    put: (contents) => write(contents),
    settled: () => commit(),
    forget(what) {
      if (what === 'all') {
        isClearAsked = true;
        waiting = new Map();
        return isBroken ? undefined : void commit();
      }
      return write(what.map((key) => [key, undefined] as const));
    },
    size: () => guarded(() => tables[0].count() + tables[1].count(), 0),
  };
}

function othersTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function keyBytes(key: string): Uint8Array | undefined {
  const bytes = Buffer.from(key, 'utf8');
  return bytes.length > 0 && bytes.length <= maxKeyBytes ? bytes : undefined;
}
