/** A damaged head made anew: its items say all that makes an entry, but for how often it was tried. */
import { laneOf } from '../../../pending/lanes.js';
import { costOf, identityOf } from '../../../pending/queue-state.js';
import { identifySubject } from '../../../pending/subject-record.js';
import type { Instant } from '../instants.js';
import type { Head, ItemRecord } from './records.js';

/** The head as its items tell it, oldest first; undefined without any. */
export function rebuildHead(seq: number, items: readonly ItemRecord[], now: Instant): Head | undefined {
  const first = items[0];
  const subject = first === undefined ? undefined : identifySubject(first.subject);
  if (first === undefined || subject === undefined) {
    return undefined;
  }
  const identity = identityOf(subject);
  const notes = items.reduce((sum, { intent = '', outcome = '' }) => sum + intent.length + outcome.length, 0);
  return {
    seq,
    id: first.entry,
    owner: subject.owner,
    identity,
    lane: laneOf(subject),
    at: first.at,
    items: (items.at(-1)?.number ?? 0) + 1,
    open: items.filter((item) => item.outcome === undefined).length,
    bytes: items.reduce((sum, item) => sum + costOf(item.subject), notes),
    standing: { attempts: 0, failures: 0, notBeforeAt: first.at, dead: false },
    stoodAt: now,
    // How many there were is not known: this is more than there can have been.
    claims: Math.max(0, Math.floor(now.wall)),
  };
}
