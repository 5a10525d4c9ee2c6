/**
 * A process that offers far more files than its queue may hold, while nobody answers, and prints what that came to as
 * JSON. It first offers as many to a queue of one entry, so that what a busy process takes anyway is not counted.
 * Arguments: directory, files offered, entries at most. Run with `--expose-gc`.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import type { NewPending, PendingQueue } from '../../src/pending/pending-queue.js';

const [dir = '', files = '1000000', entries = '100000'] = process.argv.slice(2);
const clock = createSystemClock();
const atOnce = 50;

const warm = await openJournalQueue({ dir: join(dir, 'warm'), clock, maxEntries: 1 });
await offer(warm, Math.min(Number(files), 200_000));
await warm.close();

const queue = await openJournalQueue({ dir: join(dir, 'pending'), clock, maxEntries: Number(entries) });
const before = memory();
const told = await offer(queue, Number(files));
const after = memory();
await queue.close();
const startedAt = performance.now();
const again = await openJournalQueue({ dir: join(dir, 'pending'), clock, maxEntries: Number(entries) });
const reopenMs = performance.now() - startedAt;
let kept = 0;
for await (const entry of again.list()) {
  kept += told.has(entry.id) ? 1 : 0;
}
await again.close();
const mib = (bytes: number): number => Math.round((bytes / 1024 / 1024) * 10) / 10;
process.stdout.write(
  `${JSON.stringify({ accepted: told.size, kept, reopenMs: Math.round(reopenMs), retainedMib: mib(after.retained - before.retained), residentMib: mib(after.resident - before.resident) })}\n`,
);

/** Ids of what was acknowledged; whatever is neither queued nor refused as full ends the process. */
async function offer(to: PendingQueue, count: number): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let at = 0; at < count; at += atOnce) {
    for (const answer of await to.enqueue(Array.from({ length: atOnce }, (_, i) => fileNumber(at + i)))) {
      if (answer.kind === 'queued') {
        ids.add(answer.id);
      } else if (answer.kind !== 'refused' || answer.code !== 'pending-full') {
        throw new Error(`unexpected: ${JSON.stringify(answer)}`);
      }
    }
  }
  return ids;
}

function fileNumber(number: number): NewPending {
  const hash = new Uint8Array(createHash('sha256').update(`content ${number}`).digest());
  const path = `/home/user/projects/application/node_modules/package-${number % 997}/dist/file-${number}.js`;
  return {
    owner: 'default',
    kind: 'file',
    key: Buffer.from(hash).toString('hex'),
    fingerprints: [{ kind: 'file', algorithm: 'sha256', hash, size: 1000 + number }],
    reason: 'unreachable',
    subject: { label: path, locator: { scheme: 'file', ref: path } },
    scannedBy: 7,
  };
}

function memory(): { readonly retained: number; readonly resident: number } {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { retained: heapUsed + arrayBuffers, resident: rss };
}
