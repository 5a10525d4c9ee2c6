/**
 * A connection to the database that may be lost at any time and is made again by the next call: another tab takes a
 * newer version into use, the browser closes it, the user clears the data of the site.
 *
 * A call is one transaction. It is acknowledged when the transaction is complete, which for a `strict` one means that
 * the browser has had it written to the disk; nothing of it is there when it fails. Transactions that write and touch
 * the same stores follow each other, over all tabs and workers of the origin: that is what makes a call atomic.
 */
import { abortedError, VedetteError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import { openDatabase, storeNames, type Database, type StoreName, type Transaction } from './idb.js';
import { migrations as currentMigrations, type Migration } from './layout.js';
import { nameOf, storeFailure } from './store-failure.js';

/** How transactions are made. */
export interface Connection {
  /** True when a `strict` transaction is one: the browser knows the promise. */
  readonly strict: boolean;
  /** True when this opening made the database: it was not there, or the browser had thrown it away. */
  readonly created: boolean;
  /** One transaction that only reads. `work` may wait for requests of the transaction and for nothing else. */
  read<T>(stores: readonly StoreName[], work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** One transaction that writes; resolves when it is complete. `rebuildable` writes need not be on the disk by then. */
  write<T>(stores: readonly StoreName[], work: (transaction: Transaction<'readwrite'>) => Promise<T>, options?: { readonly rebuildable?: boolean }): Promise<T>;
  /** Lets running calls end. Later ones reject with `closed`. */
  close(): Promise<void>;
}

/** Where to connect to. */
export interface ConnectionOptions {
  /** Name of the database on this origin. */
  readonly name: string;
  readonly clock: Clock;
  /** How long to wait for tabs that hold an older version. */
  readonly waitMs: number;
  readonly migrations?: readonly Migration[] | undefined;
}

/**
 * Opens the database.
 * @throws VedetteError `peer-missing` without the package `idb`; `unsupported` without IndexedDB, for a database that
 * is not ours, or that a later version has written; `store-busy` when others hold an older version for longer than
 * `waitMs`; `store-damaged` when the browser cannot open it.
 */
export async function connect(options: ConnectionOptions): Promise<Connection> {
  const connection = new SharedConnection(options);
  await connection.start();
  return connection;
}

class SharedConnection implements Connection {
  strict = false;
  created = false;
  readonly #options: ConnectionOptions;
  readonly #running = new Set<Promise<unknown>>();
  #database: Promise<Database> | undefined;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { database } = await this.#opened();
    try {
      const transaction = database.transaction(['totals'], 'readwrite', { durability: 'strict' });
      this.strict = transaction.durability === 'strict';
      await transaction.done;
    } catch (cause) {
      await this.close();
      throw storeFailure('opening', this.#options.name, cause);
    }
  }

  read<T>(stores: readonly StoreName[], work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#track(async () => carryOut(await this.#begin(stores, 'readonly'), work), 'reading');
  }

  write<T>(
    stores: readonly StoreName[],
    work: (transaction: Transaction<'readwrite'>) => Promise<T>,
    { rebuildable = false }: { readonly rebuildable?: boolean } = {},
  ): Promise<T> {
    return this.#track(async () => carryOut(await this.#begin(stores, 'readwrite', rebuildable ? 'relaxed' : 'strict'), work), 'writing');
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
    const database = await this.#database?.catch(() => undefined);
    this.#database = undefined;
    database?.close();
  }

  async #track<T>(call: () => Promise<T>, operation: string): Promise<T> {
    if (this.#closed) {
      throw new VedetteError('closed', `the database ${this.#options.name} is closed`);
    }
    const running = call();
    this.#running.add(running);
    try {
      return await running;
    } catch (cause) {
      throw storeFailure(operation, this.#options.name, cause);
    } finally {
      this.#running.delete(running);
    }
  }

  /** A connection that was lost unnoticed is made again, once. */
  async #begin<Mode extends 'readonly' | 'readwrite'>(stores: readonly StoreName[], mode: Mode, durability?: 'strict' | 'relaxed'): Promise<Transaction<Mode>> {
    const options = durability === undefined ? {} : { durability };
    const { database, opening } = await this.#opened();
    try {
      return database.transaction([...stores], mode, options);
    } catch (error) {
      if (nameOf(error) !== 'InvalidStateError') {
        throw error;
      }
      this.#forget(opening);
      return (await this.#opened()).database.transaction([...stores], mode, options);
    }
  }

  /** Only the connection that is meant: one that was made since is not to be lost sight of, or nobody would close it. */
  #forget(opening: Promise<Database>): void {
    if (this.#database === opening) {
      this.#database = undefined;
    }
  }

  async #opened(): Promise<{ readonly database: Database; readonly opening: Promise<Database> }> {
    const opening = (this.#database ??= this.#open());
    try {
      return { database: await opening, opening };
    } catch (cause) {
      this.#forget(opening);
      throw storeFailure('opening', this.#options.name, cause);
    }
  }

  #open(): Promise<Database> {
    const own = this.#openBy(() => this.#forget(own));
    return own;
  }

  async #openBy(forget: () => void): Promise<Database> {
    const { name, migrations = currentMigrations } = this.#options;
    let fault: unknown;
    // Whoever asks for another version must not have to wait for us; running transactions still end.
    const letGo = (): void => {
      forget();
      void opening.then((database) => database.close(), () => undefined);
    };
    const opening = openDatabase(name, migrations.length, {
      upgrade: (database, from, transaction) => {
        this.created = from === 0;
        try {
          migrations.slice(from).forEach((migrate) => migrate(database, transaction));
        } catch (error) {
          fault = error;
          throw error;
        }
      },
      blocking: letGo,
      terminated: letGo,
    });
    try {
      return assertOurs(await withinWait(opening, this.#options), name);
    } catch (error) {
      // What a change of the layout threw says more than that the browser undid it.
      throw fault ?? error;
    }
  }
}

/** The value, when the transaction is complete; its error, when nothing of it has happened. */
async function carryOut<T, Mode extends 'readonly' | 'readwrite'>(transaction: Transaction<Mode>, work: (transaction: Transaction<Mode>) => Promise<T>): Promise<T> {
  const done = transaction.done.then(
    () => undefined,
    (cause: unknown) => ({ cause }),
  );
  let value: T;
  try {
    value = await work(transaction);
  } catch (error) {
    abort(transaction);
    const failed = await done;
    // Why the transaction ended says more than that a request of it did.
    throw failed !== undefined && nameOf(failed.cause) === 'QuotaExceededError' ? failed.cause : error;
  }
  const failed = await done;
  if (failed !== undefined) {
    throw failed.cause;
  }
  return value;
}

function abort(transaction: Transaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}

/** A database that opens too late is let go at once. */
async function withinWait(opening: Promise<Database>, { clock, name, waitMs }: ConnectionOptions): Promise<Database> {
  const over = new AbortController();
  const wait = clock.sleep(waitMs, over.signal).then(
    () => 'late' as const,
    () => new Promise<never>(() => undefined),
  );
  const first = await Promise.race([opening, wait]).finally(() => over.abort(abortedError()));
  if (first !== 'late') {
    return first;
  }
  opening.then((database) => database.close(), () => undefined);
  throw new VedetteError('store-busy', `the database ${name} could not be opened within ${waitMs} ms: another tab may hold an older version`, { detail: { database: name, waitMs } });
}

function assertOurs(database: Database, name: string): Database {
  const missing = storeNames.filter((store) => !database.objectStoreNames.contains(store));
  if (missing.length > 0) {
    database.close();
    throw new VedetteError('unsupported', `the database ${name} is not one of vedette and is left untouched`, { detail: { database: name, missing: [...missing] } });
  }
  return database;
}
