/**
 * Step 3: the only place that changes slots. A change is read, merge, write; with a store that answers later, two of
 * them on one key would lose an answer or let a weaker one win. So changes follow each other, and all that come
 * while a batch is being written make up the next one: one read and one write, however many there are.
 */
import { mergeSlot } from './freshness.js';
import type { Moment } from './freshness.js';
import type { CacheEntry, CacheSlot } from './verdict-cache.js';

/** One change of what is kept. */
export type Change =
  | { readonly kind: 'merge'; readonly key: string; readonly entry: CacheEntry }
  | { readonly kind: 'forget'; readonly what: 'all' | readonly string[] };

/** The store as the writer is given it: it never throws and always settles. */
export interface SafeStore {
  /** One slot per key, empty when nothing usable is there; undefined when the store cannot be read. */
  read(keys: readonly string[], entries: ReadonlyMap<string, CacheEntry>): Eventually<readonly CacheSlot[] | undefined>;
  write(slots: readonly (readonly [key: string, slot: CacheSlot])[]): Eventually<void>;
  forget(what: 'all' | readonly string[]): Eventually<void>;
}

/** Now, or later. */
export type Eventually<T> = T | Promise<T>;

/** Answers that wait for a slow store; more are let go, as a cache may. Forgetting is never let go. */
const maxGathered = 10_000;

interface Batch {
  readonly changes: Change[];
  readonly done: Promise<void>;
  readonly resolve: () => void;
}

/** A function that applies changes one batch after the other; with a store that answers at once, before it returns. */
export function createSlotWriter(store: SafeStore, moment: () => Moment): (changes: readonly Change[]) => Eventually<void> {
  let isWriting = false;
  let gathered: Batch | undefined;

  const begin = (changes: readonly Change[]): Eventually<void> => {
    isWriting = true;
    const work = applyAll(changes, store, moment);
    return work instanceof Promise ? work.then(finish) : finish();
  };
  const finish = (): void => {
    isWriting = false;
    const batch = gathered;
    gathered = undefined;
    if (batch !== undefined) {
      void Promise.resolve(begin(batch.changes)).then(batch.resolve);
    }
  };
  return (changes) => {
    if (!isWriting) {
      return begin(changes);
    }
    gathered ??= createBatch();
    for (const change of changes) {
      if (change.kind === 'forget' || gathered.changes.length < maxGathered) {
        gathered.changes.push(change);
      }
    }
    return gathered.done;
  };
}

function createBatch(): Batch {
  let resolve = (): void => undefined;
  const done = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { changes: [], done, resolve };
}

/** Runs of merges are one read and one write each; a forget between them keeps its place. */
function applyAll(changes: readonly Change[], store: SafeStore, moment: () => Moment): Eventually<void> {
  let at = 0;
  const step = (): Eventually<void> => {
    while (at < changes.length) {
      const work = applyNext();
      if (work instanceof Promise) {
        return work.then(step);
      }
    }
  };
  const applyNext = (): Eventually<void> => {
    const change = changes[at]!;
    if (change.kind === 'forget') {
      at++;
      return store.forget(change.what);
    }
    const entries: (Change & { kind: 'merge' })[] = [];
    for (let next = changes[at]; next?.kind === 'merge'; next = changes[++at]) {
      entries.push(next);
    }
    return mergeEntries(entries, store, moment);
  };
  return step();
}

function mergeEntries(
  changes: readonly (Change & { kind: 'merge' })[],
  store: SafeStore,
  moment: () => Moment,
): Eventually<void> {
  const byKey = new Map(changes.map((change) => [change.key, change.entry]));
  const keys = [...byKey.keys()];
  const merge = (old: readonly CacheSlot[] | undefined): Eventually<void> => {
    if (old === undefined) {
      return; // What cannot be read might be stronger than what would be written over it.
    }
    const slots = new Map(keys.map((key, i) => [key, old[i] ?? []]));
    for (const { key, entry } of changes) {
      slots.set(key, mergeSlot(slots.get(key) ?? [], entry, moment()));
    }
    return store.write([...slots]);
  };
  const old = store.read(keys, byKey);
  return old instanceof Promise ? old.then(merge) : merge(old);
}
