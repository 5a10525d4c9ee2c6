/**
 * Step 4: gathers items into questions. What is asked within one window, of one kind, algorithm and group, becomes
 * one question; a full one goes at once. The default window is the rest of the current microtask turn.
 */
import { notNeeded } from './turns.js';
import type { Clock } from '../../base/seams.js';
import type { Departure, Item } from './coalesce.js';

/** What a batcher is made of. */
export interface BatcherOptions {
  readonly clock: Clock;
  /** 0 is the end of the current microtask turn. */
  readonly windowMs: number;
  readonly maxItems: number;
  /** Given the items that somebody still waits for: never empty, all of one kind, algorithm and group. */
  readonly onBatch: (items: readonly Item[]) => void;
  /** Given an item that everybody left before it was asked. */
  readonly onDeserted: (item: Item) => void;
}

/** Gathers items. */
export interface Batcher {
  add(item: Item): void;
  /** Drops what has been gathered. */
  close(): void;
}

interface Batch {
  readonly items: Set<Item>;
  readonly over: AbortController;
}

/** A batcher with nothing in it. */
export function createBatcher(options: BatcherOptions): Batcher {
  const batches = new Map<symbol | undefined, Map<string, Batch>>();

  const take = (item: Item, batch: Batch): boolean => {
    const ofGroup = batches.get(item.group);
    const name = nameOf(item);
    if (ofGroup?.get(name) !== batch) {
      return false;
    }
    ofGroup.delete(name);
    if (ofGroup.size === 0) {
      batches.delete(item.group);
    }
    batch.over.abort(notNeeded);
    return true;
  };
  const flush = (first: Item, batch: Batch): void => {
    if (take(first, batch) && batch.items.size > 0) {
      options.onBatch([...batch.items]);
    }
  };
  const desert = (item: Item, batch: Batch): void => {
    if (item.waiters.size === 0 && batch.items.delete(item)) {
      options.onDeserted(item);
      if (batch.items.size === 0) {
        take(item, batch);
      }
    }
  };
  const open = (item: Item): Batch => {
    const batch: Batch = { items: new Set(), over: new AbortController() };
    const ofGroup = batches.get(item.group) ?? new Map<string, Batch>();
    batches.set(item.group, ofGroup.set(nameOf(item), batch));
    const end = options.windowMs === 0 ? Promise.resolve() : options.clock.sleep(options.windowMs, batch.over.signal);
    end.then(() => flush(item, batch), () => undefined);
    return batch;
  };
  return {
    add(item) {
      const batch = batches.get(item.group)?.get(nameOf(item)) ?? open(item);
      batch.items.add(item);
      item.onChange = (change: 'joined' | Departure) => {
        if (change !== 'joined') {
          desert(item, batch);
        }
      };
      if (batch.items.size >= options.maxItems) {
        flush(item, batch);
      }
    },
    close() {
      for (const ofGroup of batches.values()) {
        for (const batch of ofGroup.values()) {
          batch.over.abort(notNeeded);
        }
      }
      batches.clear();
    },
  };
}

function nameOf(item: Item): string {
  return `${item.kind} ${item.algorithm} ${item.rating}`;
}
