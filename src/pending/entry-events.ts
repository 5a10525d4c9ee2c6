/** Entries as events: what a journal says of them when it is written anew. */
import type { QueueEvent } from './queue-event.js';
import type { StoredEntry } from './queue-state.js';

/** Claims of these entries, in parts, so that every event fits into a record. */
export function* claimedEvents(entries: readonly string[], leaseMs: number): IterableIterator<QueueEvent> {
  for (let at = 0; at < entries.length; at += 1000) {
    yield { kind: 'claimed', entries: entries.slice(at, at + 1000), leaseMs };
  }
}

/** Events that make an entry anew from nothing. */
export function* eventsOf(entry: StoredEntry): IterableIterator<QueueEvent> {
  const { id, items, standing } = entry;
  for (const item of items) {
    yield { kind: 'enqueued', entry: id, item: item.id, at: item.at, subject: item.subject };
  }
  for (const item of items) {
    if (item.intent !== undefined) {
      yield { kind: 'intended', entry: id, item: item.id, intent: item.intent };
    }
    if (item.outcome !== undefined) {
      yield { kind: 'settled', entry: id, item: item.id, outcome: item.outcome };
    }
  }
  yield { kind: 'standing', entry: id, standing };
}
