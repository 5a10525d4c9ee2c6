/**
 * Every request that goes to IndexedDB, before it is made and after it has succeeded: where a browser may be killed, a
 * disk may be full, a record may be beyond reading. Import it before anything opens a database.
 */
import 'fake-indexeddb/auto';

/** What a test may do to a request. */
export interface RequestHook {
  /** May abort the transaction, and throws where the request is not to be made. */
  before?(transaction: IDBTransaction, method: string): void;
  /** The request has succeeded; whoever made it knows already. May abort the transaction. */
  after?(transaction: IDBTransaction, method: string): void;
}

let hook: RequestHook | undefined;

/** Sends all requests through the hook until the call is over. */
export async function withHook<T>(watching: RequestHook, call: () => Promise<T>): Promise<T> {
  hook = watching;
  try {
    return await call();
  } finally {
    hook = undefined;
  }
}

type Method = (this: IDBObjectStore | IDBIndex, ...args: unknown[]) => IDBRequest;

const reading = ['get', 'getKey', 'getAll', 'getAllKeys', 'count', 'openCursor', 'openKeyCursor'];
watch(IDBObjectStore.prototype, [...reading, 'put', 'add', 'delete', 'clear'], (store) => store.transaction);
watch(IDBIndex.prototype, reading, (index) => index.objectStore.transaction);

function watch<T extends IDBObjectStore | IDBIndex>(prototype: T, methods: readonly string[], transactionOf: (target: T) => IDBTransaction): void {
  for (const name of methods) {
    const original = Reflect.get(prototype, name) as Method;
    Reflect.set(prototype, name, function (this: T, ...args: unknown[]): IDBRequest {
      const transaction = transactionOf(this);
      const watching = hook;
      watching?.before?.(transaction, name);
      const request = original.apply(this, args);
      if (watching?.after !== undefined) {
        request.addEventListener('success', () => watching.after?.(transaction, name));
      }
      return request;
    });
  }
}

/** Aborts the transaction as the end of a process does, whatever state it is in. */
export function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}
