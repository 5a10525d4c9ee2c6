/** One entry of the pending queue, as a JSON line and for people. */
import type { Json } from '../../base/seams.js';
import type { PendingEntry, PendingItem } from '../../pending/pending-queue.js';
import type { Colours } from './colours.js';
import { counted, dated, printable } from './text.js';
import { reasonWords } from './words.js';

/** The JSON line: instants are epoch ms. */
export function pendingRecord(entry: PendingEntry): Json {
  return {
    kind: 'pending',
    id: entry.id,
    subject: entry.kind,
    ...(entry.url === undefined ? { sha256: sha256Of(entry) } : { url: entry.url }),
    reason: entry.reason,
    items: entry.items.map((item) => ({ id: item.id, path: placeOf(item), at: item.at, settled: item.outcome !== undefined })),
    attempts: entry.attempts,
    failures: entry.failures ?? 0,
    firstAt: entry.firstAt,
    notBeforeAt: entry.notBeforeAt,
    dead: entry.dead,
  };
}

/** The lines: when and why, and below it every place where it was seen. */
export function pendingLines(entry: PendingEntry, how: { readonly colours: Colours }): string[] {
  const { colours } = how;
  const tries = entry.attempts === 0 ? '' : ` · ${counted(entry.attempts, 'try', 'tries')} since`;
  const aside = entry.dead ? ` · ${colours.bad('set aside')}` : '';
  const head = `${dated(entry.firstAt)}  ${colours.doubtful(reasonWords[entry.reason])}${tries}${aside}`;
  const places = entry.items.map((item) => `  ${printable(placeOf(item) ?? entry.url ?? sha256Of(entry) ?? entry.key)}`);
  return [head, ...places];
}

function placeOf(item: PendingItem): string | null {
  return item.subject.label ?? item.subject.locator?.ref ?? null;
}

function sha256Of(entry: PendingEntry): string | null {
  const known = entry.fingerprints.some((one) => one.algorithm === 'sha256');
  return known && entry.kind !== 'url' ? entry.key : null;
}
