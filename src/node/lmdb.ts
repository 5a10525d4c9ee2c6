/**
 * lmdb behind the few calls that vedette makes of it: the one file that imports it, and only when it is asked for. It is
 * memory-mapped: what is damaged on the disk may end the process (docs/stores.md), so nothing is opened here that was
 * not found sound before (`caches/sound.ts`).
 */
import type * as lmdb from 'lmdb';
import { VedetteError } from '../base/errors.js';

/** One table of an environment. Keys are 1 to 1,900 bytes. */
export interface LmdbTable {
  /** The value, until the next call: it is overwritten then. */
  peek(key: Uint8Array): Uint8Array | undefined;
  /** Only inside of `write`. */
  put(key: Uint8Array, value: Uint8Array): void;
  /** Only inside of `write`. */
  remove(key: Uint8Array): void;
  /** Only inside of `write`. */
  clear(): void;
  count(): number;
}

/** One file with several tables, which several processes may have open. */
export interface LmdbEnvironment {
  table(name: string): LmdbTable;
  /** Runs `work` in one transaction. @throws what lmdb throws, with nothing changed. */
  write(work: () => void): void;
  close(): Promise<void>;
}

/** Tables that an environment may have. */
const maxTables = 16;

/** Undone by a throw, committed at once, flushed later. */
const writeFlags: number = 0x1_0003;

/** How every table is opened, here and by whoever probes the file. */
export const tableOptions = { encoding: 'binary', keyEncoding: 'binary' } as const;

/** How the file is opened. */
export const environmentOptions: { readonly encoding: 'binary'; readonly keyEncoding: 'binary'; readonly noSubdir: true; readonly maxDbs: number; readonly compression: false } = {
  ...tableOptions,
  noSubdir: true,
  maxDbs: maxTables,
  compression: false,
};

/**
 * Opens or makes the environment in a file.
 * @throws VedetteError `peer-missing` without the package; whatever lmdb throws for a file that it cannot use.
 */
export async function openLmdb(file: string): Promise<LmdbEnvironment> {
  const { open } = await loadLmdb('persistent caches');
  const root = open<Uint8Array, Uint8Array>({ path: file, ...environmentOptions });
  return {
    table(name) {
      const table = root.openDB<Uint8Array, Uint8Array>({ name, ...tableOptions });
      return {
        peek(key) {
          const found = table.getBinaryFast(key);
          // Its buffer is much longer than the `length` that it says: not even `slice` knows where the value ends.
          return found === undefined ? undefined : new Uint8Array(found.buffer, found.byteOffset, found.length);
        },
        put: (key, value) => void table.putSync(key, value),
        remove: (key) => void table.removeSync(key),
        clear: () => table.clearSync(),
        count: () => countOf(table.getStats()),
      };
    },
    // On this thread: a commit of its writing thread that fails (a full disk, a damaged page) rejects promises that nobody
    // can hear, and ends the process. Flushed to the disk later.
    write: (work) => void root.transactionSync(work, writeFlags),
    close: () => root.close(),
  };
}

/** Named values of up to some 100 MB in one file, written once and read by many processes. */
export interface LmdbValues {
  /**
   * The value, until `close`: what has more than 16 MiB is a view of the mapped file, what has less is a copy. A view must
   * not be touched after `close`: the process would end.
   */
  value(name: string): Uint8Array | undefined;
  /** Only where the file was made by `createLmdbValues`. */
  put(name: string, value: Uint8Array): void;
  close(): Promise<void>;
}

/**
 * Address space for a file of values. It is the same for all files, because views of one file must not be longer than
 * those of another that is mapped at the same address later.
 */
const mapBytes: number = 2 ** 38;

const valuesOptions = { ...environmentOptions, mapSize: mapBytes } as const;

/** Makes a file of values. Nothing is flushed to the disk: that is for who made it. @throws as `openLmdb`. */
export async function createLmdbValues(file: string): Promise<LmdbValues> {
  const { open } = await loadLmdb('the server store');
  const root = open<Uint8Array, Uint8Array>({ path: file, ...valuesOptions, overlappingSync: false, noSync: true });
  return valuesOf(root);
}

/** Opens a file of values that nobody writes any more. @throws as `openLmdb`. */
export async function openLmdbValues(file: string): Promise<LmdbValues> {
  const { open } = await loadLmdb('the server store');
  return valuesOf(open<Uint8Array, Uint8Array>({ path: file, ...valuesOptions, readOnly: true }));
}

function valuesOf(root: lmdb.RootDatabase<Uint8Array, Uint8Array>): LmdbValues {
  const encoder = new TextEncoder();
  return {
    value(name) {
      const found = root.getBinaryFast(encoder.encode(name));
      if (found === undefined) {
        return undefined;
      }
      const view = new Uint8Array(found.buffer, found.byteOffset, found.length);
      // The package says of its views of the mapped file that they are shared; everything else it writes over.
      return 'isSharedMap' in found.buffer ? view : view.slice();
    },
    put: (name, value) => void root.transactionSync(() => void root.putSync(encoder.encode(name), value), writeFlags),
    close: () => root.close(),
  };
}

/** Where the package lies, for a process that is to load it by itself. */
export function lmdbAddress(): string {
  return import.meta.resolve('lmdb');
}

async function loadLmdb(what: string): Promise<Pick<typeof lmdb, 'open'>> {
  try {
    return await import('lmdb');
  } catch (error) {
    throw new VedetteError('peer-missing', `${what}: the package 'lmdb' is needed: npm install lmdb`, { detail: { package: 'lmdb' }, cause: error });
  }
}

function countOf(stats: object): number {
  return 'entryCount' in stats && typeof stats.entryCount === 'number' ? stats.entryCount : 0;
}
