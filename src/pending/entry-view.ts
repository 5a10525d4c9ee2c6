/** From an entry as it is held to the entry that a host is handed: unpacked, and its own copy. */
import type { Fingerprint } from '../base/fingerprint.js';
import { toHex } from '../base/bytes.js';
import type { Json } from '../base/seams.js';
import type { EntryItems, StoredItem } from './entry-items.js';
import type { NewPending, PendingEntry, PendingItem } from './pending-queue.js';
import { oneAttemptMore, type StoredEntry } from './queue-state.js';
import { unpackSubject } from './subject-record.js';

/** What of an entry is read. */
export type EntryToRead = Pick<StoredEntry, 'id' | 'owner' | 'items' | 'standing'> & { readonly leaseUntil?: number | undefined };

/** The entry at this monotonic instant: a lease that ran out counts as an attempt from then on. */
export function readEntry(entry: EntryToRead, mono: number): PendingEntry | undefined {
  const { items } = entry;
  const subjects = unpackAll(items);
  const first = subjects[0]?.[1];
  if (first === undefined) {
    return undefined;
  }
  const lapsed = entry.leaseUntil !== undefined && mono >= entry.leaseUntil;
  const { attempts, failures, notBeforeAt, dead, escalated = false } = lapsed ? oneAttemptMore(entry.standing, true) : entry.standing;
  return {
    id: entry.id,
    owner: entry.owner,
    kind: first.kind,
    key: first.key,
    ...(first.url === undefined ? {} : { url: first.url }),
    fingerprints: uniteFingerprints(subjects.map(([, subject]) => subject)),
    reason: first.reason,
    ...(first.scannedBy === undefined ? {} : { scannedBy: first.scannedBy }),
    items: subjects.map(([item, subject]) => readItem(item, subject)),
    attempts,
    ...(failures === 0 ? {} : { failures }),
    firstAt: items.first.at,
    notBeforeAt,
    dead,
    ...(escalated ? { escalated } : {}),
  };
}

function unpackAll(items: EntryItems): [StoredItem, NewPending][] {
  const all: [StoredItem, NewPending][] = [];
  for (const item of items) {
    const subject = unpackSubject(item.subject);
    if (subject !== undefined) {
      all.push([item, subject]);
    }
  }
  return all;
}

function readItem(item: StoredItem, subject: NewPending): PendingItem {
  return {
    id: item.id,
    subject: subject.subject,
    at: item.at,
    ...(item.outcome === undefined ? {} : { outcome: JSON.parse(item.outcome) as Json }),
    ...(item.intent === undefined ? {} : { intent: JSON.parse(item.intent) as Json }),
  };
}

/** Later sightings may bring digests that the first had no need of. */
function uniteFingerprints(subjects: readonly NewPending[]): Fingerprint[] {
  const united = new Map<string, Fingerprint>();
  for (const one of subjects.flatMap((subject) => subject.fingerprints)) {
    const key = `${one.kind} ${one.algorithm} ${toHex(one.hash)} ${one.size ?? ''}`;
    united.set(key, united.get(key) ?? one);
  }
  return [...united.values()];
}
