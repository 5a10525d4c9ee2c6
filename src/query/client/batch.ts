/**
 * Step 4: gathers items into questions. What is asked within one window, of one kind, algorithm and group, becomes
 * one question; a full one goes at once. The default window is the rest of the current microtask turn.
 */
import { notNeeded } from './turns.js';
import type { Clock } from '../../base/seams.js';
import type { Departure, Item, ItemWork, Topic } from './coalesce.js';

/** What a batcher is made of. */
export interface BatcherOptions {
  readonly clock: Clock;
  /** 0 is the end of the current microtask turn. */
  readonly windowMs: number;
  readonly maxItems: number;
  /** Given the items that somebody still waits for: never empty, all of one topic. */
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

interface Batch extends ItemWork {
  /** Deserted ones included. */
  readonly items: Item[];
  /** Those that somebody still waits for. */
  size: number;
  readonly over: AbortController | undefined;
}

/** A batcher with nothing in it. */
export function createBatcher(options: BatcherOptions): Batcher {
  const batches = new Map<Topic, Batch>();

  const take = (topic: Topic, batch: Batch): boolean => {
    if (batches.get(topic) !== batch) {
      return false;
    }
    batches.delete(topic);
    batch.over?.abort(notNeeded);
    return true;
  };
  const flush = (topic: Topic, batch: Batch): void => {
    if (take(topic, batch) && batch.size > 0) {
      options.onBatch(batch.size === batch.items.length ? batch.items : batch.items.filter((item) => item.isOpen));
    }
  };
  const desert = (item: Item, batch: Batch): void => {
    if (item.waiters.size === 0 && item.isOpen) {
      item.isOpen = false;
      batch.size--;
      options.onDeserted(item);
      if (batch.size === 0) {
        take(item.topic, batch);
      }
    }
  };
  const open = (topic: Topic): Batch => {
    const over = options.windowMs === 0 ? undefined : new AbortController();
    const changed = (item: Item, change: 'joined' | Departure): void => {
      if (change !== 'joined') {
        desert(item, batch);
      }
    };
    const batch: Batch = { items: [], size: 0, over, changed };
    batches.set(topic, batch);
    const end = over === undefined ? Promise.resolve() : options.clock.sleep(options.windowMs, over.signal);
    end.then(() => flush(topic, batch), () => undefined);
    return batch;
  };
  return {
    add(item) {
      const batch = batches.get(item.topic) ?? open(item.topic);
      batch.items.push(item);
      batch.size++;
      item.work = batch;
      if (batch.size >= options.maxItems) {
        flush(item.topic, batch);
      }
    },
    close() {
      for (const batch of batches.values()) {
        batch.over?.abort(notNeeded);
      }
      batches.clear();
    },
  };
}
