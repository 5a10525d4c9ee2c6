/**
 * What the calls of the pending queue do, each within one transaction: the same decisions as in `pending/queue-core.ts`,
 * over records. A step waits for requests of its transaction and for nothing else.
 */
import type { Pending } from '../../../base/check-result.js';
import { openToIntend, openToSettle } from '../../../pending/item-notes.js';
import { laneOf } from '../../../pending/lanes.js';
import type { ClaimOptions, NewPending, PendingCounts, PendingEntry, PendingQueue, ReleaseOptions } from '../../../pending/pending-queue.js';
import { costOf, identityOf, startedOver } from '../../../pending/queue-state.js';
import { packSubject, placeOf } from '../../../pending/subject-record.js';
import { chooseInTurn } from './choose.js';
import type { ReadingDesk } from './reading-desk.js';
import type { Head, ItemRecord } from './records.js';
import { claimOn, endClaim, standAs, stateOf } from './state-of.js';
import { takeInTurn } from './turns.js';
import type { WritingDesk } from './writing-desk.js';

/** A subject as it is stored: nothing of the caller's is kept. */
export interface Prepared {
  readonly owner: string;
  readonly identity: string;
  readonly lane: string;
  readonly place: string | undefined;
  /** Undefined for a subject that is too large for a record. */
  readonly text: string | undefined;
}

/** Bounds and ids of a queue. */
export interface Admission {
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly ids: () => string;
  readonly durability: PendingQueue['durability'];
}

/** Copies what is stored of a subject. */
export function prepare(subject: NewPending): Prepared {
  return {
    owner: subject.owner,
    identity: identityOf(subject),
    lane: laneOf(subject),
    place: placeOf(subject.subject),
    text: packSubject(subject),
  };
}

/** Accepts or refuses one subject, before anything of it is written: what was acknowledged never makes room. */
export async function admit(desk: WritingDesk, subject: Prepared, admission: Admission): Promise<Pending> {
  const { owner, identity, lane, place, text } = subject;
  const head = await desk.joined(owner, identity);
  const queued = (id: string): Pending => ({ kind: 'queued', id, durability: admission.durability });
  if (head !== undefined && place !== undefined && (await isOpenAt(desk, head, place))) {
    if (head.standing.dead) {
      await desk.putHead(standAs(head, startedOver(head.standing, desk.now.wall), desk.now), head);
    }
    return queued(head.id);
  }
  const { entries, bytes } = await desk.totals();
  const isFull = head === undefined && entries >= admission.maxEntries;
  if (text === undefined || isFull || bytes + costOf(text) > admission.maxBytes) {
    return { kind: 'refused', code: 'pending-full' };
  }
  const at = desk.now.wall;
  const id = head?.id ?? admission.ids();
  const item = { id: admission.ids(), at, subject: text, ...(place === undefined ? {} : { place }) };
  if (head === undefined) {
    const standing = { attempts: 0, failures: 0, notBeforeAt: at, dead: false };
    await desk.addEntry({ id, owner, identity, lane, at, items: 1, open: 1, bytes: costOf(text), claims: 0, standing, stoodAt: desk.now }, item);
    return queued(id);
  }
  desk.addItem(head, item);
  const grown: Head = { ...head, items: head.items + 1, open: head.open + 1, bytes: head.bytes + costOf(text) };
  await desk.putHead(head.standing.dead ? standAs(grown, startedOver(head.standing, at), desk.now) : grown, head);
  return queued(id);
}

/** A further sighting there is one with an item on which nothing was begun. */
async function isOpenAt(desk: ReadingDesk, head: Head, place: string): Promise<boolean> {
  const item = await desk.itemAt(head, place);
  return item !== undefined && item.intent === undefined && item.outcome === undefined;
}

/** Leases entries to the caller. What cannot be read is set aside, or every claim would come by it. */
export async function claim(desk: WritingDesk, owner: string, options: ClaimOptions): Promise<PendingEntry[]> {
  const taken = await chooseInTurn(desk, owner, options);
  const entries: PendingEntry[] = [];
  for (const head of taken.heads) {
    const leased: Head = { ...endClaim(head, true), lease: { from: desk.now, ms: options.leaseMs }, claims: head.claims + 1 };
    const entry = await desk.view(leased);
    if (entry?.items.some((item) => item.outcome === undefined) === true) {
      await desk.putHead(leased, head);
      entries.push({ ...entry, claim: leased.claims });
    } else {
      await desk.putHead(standAs(head, { ...head.standing, dead: true }, desk.now), head);
    }
  }
  await desk.passTurns(owner, taken.lanes);
  return entries;
}

/** On what something is noted, and by which claim, where that is told. */
export interface NoteOn {
  readonly id: string;
  readonly item: string;
  readonly claim: number | undefined;
}

/** Writes down that a remedy is about to be carried out. */
export async function intend(desk: WritingDesk, on: NoteOn, intent: () => string): Promise<void> {
  const { claim } = on;
  const { head, found } = await look(desk, on);
  const item = openToIntend(found, { claim, current: claimOn(head) });
  if (head === undefined || item === undefined) {
    return;
  }
  const text = intent();
  const { begunBy: _, ...before } = item;
  desk.putItem({ ...before, intent: text, ...(claim === undefined ? {} : { begunBy: claim }) });
  await desk.putHead({ ...head, bytes: head.bytes + text.length - (item.intent?.length ?? 0) }, head);
}

/** Writes down what became of an item; true when the entry is settled by it. */
export async function settle(desk: WritingDesk, on: NoteOn, outcome: () => string): Promise<boolean> {
  const { head, found } = await look(desk, on);
  const item = openToSettle(found, { claim: on.claim, current: claimOn(head) });
  if (head === undefined || item === undefined) {
    return false;
  }
  const text = outcome();
  if (head.open <= 1) {
    await desk.remove(head);
    return true;
  }
  desk.putItem({ ...item, outcome: text });
  await desk.putHead({ ...head, open: head.open - 1, bytes: head.bytes + text.length }, head);
  return false;
}

async function look(desk: WritingDesk, { id, item }: NoteOn): Promise<{ readonly head: Head | undefined; readonly found: ItemRecord | undefined }> {
  const head = await desk.head(id);
  return { head, found: head === undefined ? undefined : await desk.item(head, item) };
}

/** Leases a claimed entry anew. */
export async function renew(desk: WritingDesk, { id, claim }: { readonly id: string; readonly claim: number }, leaseMs: number): Promise<boolean> {
  const head = await desk.head(id);
  if (head === undefined || claimOn(head) !== claim) {
    return false;
  }
  await desk.putHead({ ...head, lease: { from: desk.now, ms: leaseMs } }, head);
  return true;
}

/** Gives a claim back unsettled. */
export async function release(desk: WritingDesk, id: string, options: ReleaseOptions): Promise<void> {
  const head = await desk.head(id);
  if (head === undefined || (options.claim !== undefined && options.claim !== claimOn(head))) {
    return;
  }
  const { notBeforeAt, dead = false, failed = false, escalated = false } = options;
  if (!Number.isFinite(notBeforeAt)) {
    throw new RangeError(`notBeforeAt: expected an instant in epoch ms, got ${notBeforeAt}`);
  }
  const free = endClaim(head, failed);
  const next = free.standing.dead && !dead ? startedOver(free.standing, notBeforeAt) : { ...free.standing, notBeforeAt };
  await desk.putHead(standAs(free, { ...next, dead, ...(escalated ? { escalated } : {}) }, desk.now), head);
}

/** Hands all that nobody has claimed from one owner to another. */
export async function adopt(desk: WritingDesk, from: string, to: string): Promise<number> {
  const unclaimed: Head[] = [];
  await desk.forEachHead((head) => {
    if (head.owner === from && stateOf(head, desk.now) !== 'claimed') {
      unclaimed.push(head);
    }
  });
  const taken = takeInTurn(await desk.lanes(from), unclaimed, unclaimed.length);
  await desk.passTurns(from, taken.lanes);
  for (const head of taken.heads) {
    const free = endClaim(head, true);
    const standing = { ...startedOver(free.standing, desk.now.wall), owner: to };
    await desk.moveHead(standAs({ ...free, owner: to }, standing, desk.now), head);
  }
  return unclaimed.length;
}

/** How many entries are in which state. */
export async function counts(desk: ReadingDesk, owner: string): Promise<PendingCounts> {
  const found = { due: 0, waiting: 0, claimed: 0, dead: 0, orphaned: 0 };
  let nextAt = Number.POSITIVE_INFINITY;
  await desk.forEachHead((head) => {
    const state = head.owner === owner ? stateOf(head, desk.now) : 'orphaned';
    found[state]++;
    if (state === 'waiting') {
      nextAt = Math.min(nextAt, head.standing.notBeforeAt);
    }
  });
  const { waiting, ...others } = found;
  return waiting === 0 ? others : { ...others, waiting, nextAt };
}
