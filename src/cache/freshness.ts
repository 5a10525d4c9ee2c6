/**
 * Step 3, the rules: which answer may be used now, and which may stand beside or replace which. Pure, the same for
 * every store (DESIGN rule 5, and "Cache" in DESIGN §5).
 *
 * A slot is all that is kept under one prefix. What it says depends on who asks: an answer is a *find* for a
 * fingerprint when one of its records speaks about that very hash and is malicious or suspicious; everything else,
 * a record that says clean included, counts as a negative and needs a generation that is new enough.
 */
import { matchingRecords } from '../base/fingerprint.js';
import type { Answer, AnswerRecord, Fingerprint } from '../base/fingerprint.js';
import type { Random } from '../base/seams.js';
import { speaksAgainst } from '../base/web-reputation.js';
import { ageMs } from './steady-clock.js';
import type { CacheAnswer, Origin } from './answer-cache.js';
import type { CacheEntry, CacheSlot } from './verdict-cache.js';

/** No answer is used longer than this, whatever its server says. */
export const maxTtlMs = 86_400_000;

/** Entries in one slot: one for each strength, as a rule. */
export const maxSlotEntries = 4;

/** Part of a life that is cut off at random, so that answers that came together are not all asked for again together. */
const jitterShare = 0.1;

/** The instant at which a rule is applied, on both clocks. */
export interface Moment {
  /** Epoch ms. */
  readonly now: number;
  readonly monotonicMs: number;
  /** What this process marks its entries with: monotonic instants compare within one process only. */
  readonly process: string;
  /** When this process first looked at both clocks. */
  readonly since?: { readonly now: number; readonly monotonicMs: number } | undefined;
}

/** The entry that keeps an answer. All bytes are copied: the answer may be a view of a whole response. */
export function entryFrom(answer: Answer, origin: Origin, at: Moment & { readonly random: Random }): CacheEntry {
  const ttlMs = answer.ttlMs > 0 ? Math.min(answer.ttlMs, maxTtlMs) : 0;
  return {
    answer: { ...answer, asked: answer.asked.slice(), records: answer.records.map(copyRecord) },
    from: origin.id,
    strength: origin.strength,
    receivedAt: at.now,
    receivedMonotonicMs: at.monotonicMs,
    process: at.process,
    ttlMs: Math.floor(ttlMs * (1 - jitterShare * at.random())),
  };
}

/**
 * How long ago an entry was received: the greater of what the two clocks say, so that a wall clock that was put back
 * makes nothing younger. Infinity when neither clock can tell: of another process, and received in the future.
 */
export function entryAgeMs(entry: CacheEntry, at: Moment): number {
  const { since } = at;
  return ageMs(
    { now: entry.receivedAt, steadyMs: entry.receivedMonotonicMs, steadyId: entry.process },
    { now: at.now, steadyMs: at.monotonicMs, steadyId: at.process, since: since && { now: since.now, steadyMs: since.monotonicMs } },
  );
}

/**
 * The slot after a new answer. The new entry replaces those that it supersedes and stands beside the others: a weaker
 * source never removes what a stronger one said, and an expired find outlives every negative that is weaker or of
 * an older generation. Strongest first, at most four.
 */
export function mergeSlot(old: CacheSlot, entry: CacheEntry, at: Moment): CacheSlot {
  const kept = old.filter((one) => !supersedes(entry, one));
  return [entry, ...kept]
    .filter((one) => isFresh(one, at) || one.answer.records.some(speaksAgainst))
    .sort(strongestFirst)
    .slice(0, maxSlotEntries);
}

/** What a slot says about one fingerprint. The order of its entries does not matter. */
export function judgeSlot(
  slot: CacheSlot,
  fingerprint: Fingerprint,
  at: Moment & { readonly minGeneration?: number | undefined },
): CacheAnswer {
  let usable: Candidate | undefined;
  let unsettled: CacheEntry | undefined;
  for (const entry of slot) {
    const isFind = matchingRecords(entry.answer, fingerprint).some(speaksAgainst);
    if (isFresh(entry, at) && isCurrent(entry.answer, isFind, at.minGeneration)) {
      usable = better(usable, { entry, isFind });
    } else if (isFind && (unsettled === undefined || entry.strength > unsettled.strength)) {
      unsettled = entry;
    }
  }
  if (unsettled !== undefined && usable?.isFind !== true) {
    const ageMs = entryAgeMs(unsettled, at);
    const known = Number.isFinite(ageMs) ? ageMs : unsettled.ttlMs;
    return { kind: 'stale', answer: unsettled.answer, from: unsettled.from, ageMs: known };
  }
  if (usable === undefined) {
    return { kind: 'miss' };
  }
  const ageMs = entryAgeMs(usable.entry, at);
  const expiresAt = Math.floor(at.now + usable.entry.ttlMs - ageMs);
  return { kind: 'hit', answer: usable.entry.answer, from: usable.entry.from, expiresAt, ageMs };
}

interface Candidate {
  readonly entry: CacheEntry;
  readonly isFind: boolean;
}

/** The stronger; of two that are equally strong, the find. */
function better(best: Candidate | undefined, next: Candidate): Candidate {
  if (best === undefined || next.entry.strength !== best.entry.strength) {
    return best === undefined || next.entry.strength > best.entry.strength ? next : best;
  }
  return next.isFind && !best.isFind ? next : best;
}

function isFresh(entry: CacheEntry, at: Moment): boolean {
  return entryAgeMs(entry, at) < entry.ttlMs;
}

/** A find without a generation (a foreign source) counts as current, a negative without one cannot show that it is. */
function isCurrent(answer: Answer, isFind: boolean, minGeneration: number | undefined): boolean {
  if (minGeneration === undefined) {
    return true;
  }
  return answer.generation === undefined ? isFind : answer.generation >= minGeneration;
}

/**
 * Whether a new entry makes an older one pointless. Servers of one pattern are ordered by generation; sources without
 * generations are authorities of their own, so one says nothing about another that is as strong.
 */
function supersedes(entry: CacheEntry, older: CacheEntry): boolean {
  if (entry.strength < older.strength) {
    return false;
  }
  if (older.answer.generation === undefined) {
    return entry.from === older.from || entry.strength > older.strength;
  }
  return entry.answer.generation !== undefined && entry.answer.generation >= older.answer.generation;
}

function strongestFirst(a: CacheEntry, b: CacheEntry): number {
  const byFind = Number(b.answer.records.some(speaksAgainst)) - Number(a.answer.records.some(speaksAgainst));
  return b.strength - a.strength || byFind || (b.answer.generation ?? 0) - (a.answer.generation ?? 0);
}

function copyRecord(record: AnswerRecord): AnswerRecord {
  return { ...record, hash: record.hash.slice(), threats: [...record.threats], ...(record.categories === undefined ? {} : { categories: [...record.categories] }) };
}
