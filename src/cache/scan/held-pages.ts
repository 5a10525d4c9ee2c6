/**
 * The pages in use: fetched by the batch, found without a key being made for every file, written when enough have
 * changed. At most 4,096 are held (some 20 MB); those that were fetched first go first.
 */
import type { Clock } from '../../base/seams.js';
import type { FileIdentity } from '../../base/subject.js';
import { emptyPage, pageWith, parsePage, slotsPerPage, type ScanPage } from './scan-page.js';
import type { ScanCache } from './scan-cache.js';
import { createSafeStore } from './safe-scan-store.js';

/** Where an entry stands. */
export interface EntryPlace {
  readonly view: DataView;
  readonly offset: number;
}

/** Pages by shelf (what they were read by), device and inode. */
export interface HeldPages {
  load(files: readonly FileIdentity[], shelf: string): void | Promise<void>;
  find(file: FileIdentity, shelf: string): EntryPlace | undefined;
  set(file: FileIdentity, shelf: string, entry: Uint8Array): void;
  flush(): Promise<void>;
}

/** A page with what has changed in it since it was fetched. */
interface HeldPage {
  readonly place: Place;
  page: ScanPage;
  readonly changed: Map<number, Uint8Array>;
}

const maxHeld = 4_096;
/** Pages that may wait to be written. */
const maxDirty = 64;
/** What was read in a process that then has nothing to do is written after this time. */
const restMs = 2_000;

/** The number of a file's page: numbers of inodes are 64 bits, in practice below 2^53. */
export function pageNumber(ino: bigint): number | bigint {
  const whole = Number(ino);
  return whole <= Number.MAX_SAFE_INTEGER ? Math.floor(whole / slotsPerPage) : ino / BigInt(slotsPerPage);
}

/** Nothing held yet. */
export function createHeldPages(options: { readonly store: ScanCache; readonly clock: Clock; readonly storeWaitMs?: number | undefined }): HeldPages {
  const store = createSafeStore(options);
  const held = new Map<string, HeldPage>();
  const dirty = new Set<HeldPage>();
  const index = createPageIndex<HeldPage>();
  let writing: Promise<void> = Promise.resolve();
  let isResting = false;

  function take(place: Place, bytes: Uint8Array | undefined): HeldPage {
    const parsed = bytes === undefined ? undefined : parsePage(bytes, place.key);
    const one: HeldPage = { place, page: parsed ?? emptyPage, changed: new Map() };
    held.set(place.key, one);
    index.set(place, one);
    return one;
  }

  /** Room for pages to come. */
  function letGo(count: number): void {
    if (held.size + count > maxHeld) {
      writeDirty();
    }
    for (const [key, one] of held) {
      if (held.size + count <= maxHeld) {
        return;
      }
      held.delete(key);
      index.delete(one.place);
    }
  }

  function writeDirty(): void {
    if (dirty.size === 0) {
      return;
    }
    const pages = [...dirty].map((one): [string, Uint8Array] => {
      const { key } = one.place;
      const bytes = pageWith(one.page, key, one.changed);
      one.page = parsePage(bytes, key) ?? emptyPage;
      one.changed.clear();
      return [key, bytes];
    });
    dirty.clear();
    const put = store.put(pages);
    writing = Promise.all([writing, put]).then(() => undefined);
  }

  /** For processes that read one file now and then: what they know must not wait for the next sixty. */
  function writeAtRest(): void {
    if (!isResting) {
      isResting = true;
      options.clock.sleep(restMs, new AbortController().signal, { background: true }).then(
        () => {
          isResting = false;
          writeDirty();
        },
        () => undefined,
      );
    }
  }

  function change(one: HeldPage, entry: Uint8Array): void {
    one.changed.set(entry[0]!, entry);
    dirty.add(one);
    if (dirty.size >= maxDirty) {
      writeDirty();
    } else {
      writeAtRest();
    }
  }

  function load(files: readonly FileIdentity[], shelf: string): void | Promise<void> {
    const missing = new Map<string, Place>();
    let last: { readonly dev: bigint; readonly number: number | bigint } | undefined;
    for (const { dev, ino } of files) {
      const number = pageNumber(ino);
      if (last?.number === number && last.dev === dev) {
        continue;
      }
      last = { dev, number };
      if (index.get(dev, number, shelf) === undefined) {
        const place = placeOf(dev, number, shelf);
        missing.set(place.key, place);
      }
    }
    if (missing.size === 0) {
      return;
    }
    letGo(missing.size);
    const found = store.get([...missing.keys()]);
    const takeAll = (pages: readonly (Uint8Array | undefined)[]): void => {
      [...missing.values()].forEach((place, i) => held.has(place.key) || take(place, pages[i]));
    };
    return found instanceof Promise ? found.then(takeAll) : takeAll(found);
  }

  return {
    load,

    find({ dev, ino }, shelf) {
      const number = pageNumber(ino);
      const one = index.get(dev, number, shelf);
      if (one === undefined) {
        return undefined;
      }
      const slot = slotOf(ino, number);
      const changed = one.changed.size === 0 ? undefined : one.changed.get(slot);
      if (changed !== undefined) {
        return { view: new DataView(changed.buffer), offset: 0 };
      }
      const offset = one.page.offsets[slot]!;
      return offset === 0 ? undefined : { view: one.page.view, offset };
    },

    set(file, shelf, entry) {
      const number = pageNumber(file.ino);
      const one = index.get(file.dev, number, shelf);
      if (one !== undefined) {
        change(one, entry);
        return;
      }
      // Let go between the look and the end of the reading. What else is on the page must not be lost.
      void Promise.resolve(load([file], shelf)).then(() => {
        const again = index.get(file.dev, number, shelf);
        if (again !== undefined) {
          change(again, entry);
        }
      });
    },

    async flush() {
      writeDirty();
      await writing;
    },
  };
}

interface Place {
  readonly key: string;
  readonly shelf: string;
  readonly dev: bigint;
  readonly number: number | bigint;
}

function placeOf(dev: bigint, number: number | bigint, shelf: string): Place {
  return { key: `${shelf}/${dev}/${number}`, shelf, dev, number };
}

/** In numbers where that will do: a calculation with a `bigint` makes a new one. */
function slotOf(ino: bigint, number: number | bigint): number {
  return typeof number === 'number' ? Number(ino) - number * slotsPerPage : Number(ino % BigInt(slotsPerPage));
}

interface PageIndex<T> {
  get(dev: bigint, number: number | bigint, shelf: string): T | undefined;
  set(place: Place, value: T): void;
  delete(place: Place): void;
}

/** By numbers instead of texts: files come in the order of their directories, so the page is nearly always the last one. */
function createPageIndex<T>(): PageIndex<T> {
  const shelves = new Map<string, Map<bigint, Map<number | bigint, T>>>();
  let last: { readonly shelf: string; readonly dev: bigint; readonly number: number | bigint; readonly value: T } | undefined;

  function pagesOf(shelf: string, dev: bigint): Map<number | bigint, T> {
    const devices = shelves.get(shelf) ?? new Map<bigint, Map<number | bigint, T>>();
    shelves.set(shelf, devices);
    const pages = devices.get(dev) ?? new Map<number | bigint, T>();
    devices.set(dev, pages);
    return pages;
  }

  return {
    get(dev, number, shelf) {
      if (last?.number === number && last.dev === dev && last.shelf === shelf) {
        return last.value;
      }
      const value = pagesOf(shelf, dev).get(number);
      if (value !== undefined) {
        last = { shelf, dev, number, value };
      }
      return value;
    },
    set(place, value) {
      last = undefined;
      pagesOf(place.shelf, place.dev).set(place.number, value);
    },
    delete(place) {
      last = undefined;
      pagesOf(place.shelf, place.dev).delete(place.number);
    },
  };
}
