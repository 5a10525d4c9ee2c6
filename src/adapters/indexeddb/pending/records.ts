/**
 * The records of the pending queue: the head of an entry, its items, the lanes and the totals. Heads are small, since
 * looking for what is due reads them all; the texts of the subjects stand in the items.
 *
 * Every shape is checked on the way back: any script of the origin can write to the database.
 */
import type { Standing } from '../../../pending/queue-event.js';
import { isFiniteNumber, parseInstant, type Instant } from '../instants.js';

/** An entry without its items. */
export interface Head {
  /** Key: smaller is older. Given by the database. */
  readonly seq: number;
  readonly id: string;
  readonly owner: string;
  /** Kind and key. Unique with the owner, but for entries that were adopted: subjects join the oldest. */
  readonly identity: string;
  readonly lane: string;
  /** Instant of the first item, epoch ms. */
  readonly at: number;
  /** Items in all, which is also the number of the next. */
  readonly items: number;
  /** Items without an outcome. */
  readonly open: number;
  /** What the entry is counted for in the bound of bytes. */
  readonly bytes: number;
  readonly standing: Standing;
  /** Since when it stands so: the beginning of its wait. */
  readonly stoodAt: Instant;
  readonly lease?: Lease;
  /** Claims so far: the number of the last one is its name. Older records have none. */
  readonly claims: number;
}

/** A claim that nobody has ended yet. */
export interface Lease {
  readonly from: Instant;
  readonly ms: number;
}

/** One item. `intent` and `outcome` are JSON texts, `subject` a text of `subject-record.ts`. */
export interface ItemRecord {
  readonly seq: number;
  readonly number: number;
  readonly id: string;
  /** Id of the entry, so that a damaged head can be made anew. */
  readonly entry: string;
  readonly at: number;
  readonly subject: string;
  readonly place?: string;
  readonly intent?: string;
  /** The claim that wrote the intent, where it is known. */
  readonly begunBy?: number;
  readonly outcome?: string;
}

/** A lane that has entries, and when its turn is: the smallest is the next. */
export interface LaneRecord {
  readonly owner: string;
  readonly lane: string;
  readonly turn: number;
  readonly entries: number;
}

/** What the queue holds in all. */
export interface PendingTotals {
  readonly of: 'pending';
  readonly entries: number;
  readonly bytes: number;
  /** The last turn so far. */
  readonly turn: number;
}

/** The head in a record, or undefined. */
export function parseHead(value: unknown): Head | undefined {
  const { seq, id, owner, identity, lane, at, items, open, bytes, standing, stoodAt, lease, claims = 0 } = fieldsOf(value);
  const [stands, since, leased] = [parseStanding(standing), parseInstant(stoodAt), parseLease(lease)];
  if (
    !isCount(seq) || !isText(id) || !isText(owner) || !isText(identity) || !isText(lane) || !isFiniteNumber(at) ||
    !isCount(items) || !isCount(open) || !isCount(bytes) || !isCount(claims) || stands === undefined || since === undefined ||
    (leased === undefined && lease !== undefined)
  ) {
    return undefined;
  }
  return {
    seq,
    id,
    owner,
    identity,
    lane,
    at,
    items,
    open,
    bytes,
    standing: stands,
    stoodAt: since,
    ...(leased === undefined ? {} : { lease: leased }),
    claims,
  };
}

/** The item in a record, or undefined. The text of the subject is checked where it is unpacked. */
export function parseItem(value: unknown): ItemRecord | undefined {
  const { seq, number, id, entry, at, subject, place, intent, begunBy, outcome } = fieldsOf(value);
  if (
    !isCount(seq) || !isCount(number) || !isText(id) || !isText(entry) || !isFiniteNumber(at) || !isText(subject) ||
    !(place === undefined || isText(place)) || !isNote(intent) || !isNote(outcome) || !(begunBy === undefined || isCount(begunBy))
  ) {
    return undefined;
  }
  return {
    ...{ seq, number, id, entry, at, subject },
    ...(place === undefined ? {} : { place }),
    ...(intent === undefined ? {} : { intent }),
    ...(begunBy === undefined ? {} : { begunBy }),
    ...(outcome === undefined ? {} : { outcome }),
  };
}

/** The lane in a record, or undefined. */
export function parseLane(value: unknown): LaneRecord | undefined {
  const { owner, lane, turn, entries } = fieldsOf(value);
  return isText(owner) && isText(lane) && isFiniteNumber(turn) && isCount(entries) ? { owner, lane, turn, entries } : undefined;
}

/** The totals in a record, or undefined. */
export function parseTotals(value: unknown): PendingTotals | undefined {
  const { entries, bytes, turn } = fieldsOf(value);
  return isCount(entries) && isCount(bytes) && isFiniteNumber(turn) ? { of: 'pending', entries, bytes, turn } : undefined;
}

function parseStanding(value: unknown): Standing | undefined {
  const { attempts, failures, notBeforeAt, dead, escalated, owner } = fieldsOf(value);
  if (
    !isCount(attempts) || !isCount(failures) || !isFiniteNumber(notBeforeAt) || typeof dead !== 'boolean' ||
    !(escalated === undefined || typeof escalated === 'boolean') || !(owner === undefined || isText(owner))
  ) {
    return undefined;
  }
  return {
    ...{ attempts, failures, notBeforeAt, dead },
    ...(escalated === undefined ? {} : { escalated }),
    ...(owner === undefined ? {} : { owner }),
  };
}

function parseLease(value: unknown): Lease | undefined {
  const { from, ms } = fieldsOf(value);
  const instant = parseInstant(from);
  return instant !== undefined && isFiniteNumber(ms) ? { from: instant, ms } : undefined;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Absent, or a JSON text: it is parsed again when somebody looks. */
function isNote(value: unknown): value is string | undefined {
  if (value === undefined) {
    return true;
  }
  try {
    JSON.parse(value as string);
    return typeof value === 'string';
  } catch {
    return false;
  }
}
