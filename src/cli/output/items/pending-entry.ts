/** One entry of the pending queue, as a JSON line and for people, and what the queue holds in all. */
import type { Json } from '../../../base/seams.js';
import type { PendingOwner } from '../../../engine/checker.js';
import type { PendingCounts, PendingEntry, PendingItem } from '../../../pending/pending-queue.js';
import type { Colours } from '../colours.js';
import { counted, dated, grouped, printable } from '../text.js';
import { reasonWords } from '../words.js';

/** The JSON line: instants are epoch ms. */
export function pendingRecord(entry: PendingEntry): Json {
  return {
    kind: 'pending',
    id: entry.id,
    owner: entry.owner,
    subject: entry.kind,
    ...(entry.url === undefined ? { sha256: sha256Of(entry) } : { url: entry.url }),
    reason: entry.reason,
    items: entry.items.map((item) => ({ id: item.id, path: placeOf(item), at: item.at, settled: item.outcome !== undefined })),
    attempts: entry.attempts,
    failures: entry.failures ?? 0,
    firstAt: entry.firstAt,
    notBeforeAt: entry.notBeforeAt,
    dead: entry.dead,
    escalated: entry.escalated ?? false,
  };
}

/** How entries are shown to people. */
export interface EntryManner {
  readonly colours: Colours;
  /** Epoch ms. */
  readonly now: number;
  /** Entries of this owner are not marked as somebody else's. */
  readonly owner: string;
}

/** The lines: when and why, and below it every place where it was seen. */
export function pendingLines(entry: PendingEntry, { colours, now, owner }: EntryManner): string[] {
  const facts = [
    `${dated(entry.firstAt)}  ${colours.doubtful(reasonWords[entry.reason])}`,
    ...(entry.attempts === 0 ? [] : [`${counted(entry.attempts, 'try', 'tries')} since`]),
    ...(entry.dead ? [`${colours.bad('set aside')} as ${printable(entry.id)}`] : []),
    ...(!entry.dead && entry.notBeforeAt > now ? [`next try ${dated(entry.notBeforeAt)}`] : []),
    ...(entry.escalated === true ? [colours.bad('overdue')] : []),
    ...(entry.owner === owner ? [] : [`of the engine "${printable(entry.owner)}"`]),
  ];
  const places = entry.items.map((item) => `  ${printable(placeOf(item) ?? entry.url ?? sha256Of(entry) ?? entry.key)}`);
  return [facts.join(' · '), ...places];
}

/** `3 entries (1 due, 1 waiting, 1 set aside)`, and what belongs to nobody. */
export function queueSummary(shown: number, { due, waiting = 0, claimed, dead, orphaned }: PendingCounts): string {
  const parts = [
    `${grouped(due)} due`,
    ...(waiting === 0 ? [] : [`${grouped(waiting)} waiting`]),
    ...(claimed === 0 ? [] : [`${grouped(claimed)} being checked`]),
    `${grouped(dead)} set aside`,
    ...(orphaned === 0 ? [] : [`${grouped(orphaned)} of other engines`]),
  ];
  return `${counted(shown, 'entry', 'entries')} (${parts.join(', ')})`;
}

/** How to take over what each owner has left, a line each. */
export function orphanHints(owners: readonly PendingOwner[]): string[] {
  return owners
    .filter((one) => one.orphaned)
    .map(({ owner, entries }) => `${counted(entries, 'entry', 'entries')} of the engine "${owner}": \`pending drain --adopt ${quoted(owner)}\` takes over what it left behind`);
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function placeOf(item: PendingItem): string | null {
  return item.subject.label ?? item.subject.locator?.ref ?? null;
}

function sha256Of(entry: PendingEntry): string | null {
  const known = entry.fingerprints.some((one) => one.algorithm === 'sha256');
  return known && entry.kind !== 'url' ? entry.key : null;
}
