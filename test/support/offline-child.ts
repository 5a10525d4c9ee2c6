/** A process that checks more files than its pending queue takes while no server answers, and says what became of it. */
import { join } from 'node:path';
import { toUtf8 } from '../../src/base/bytes.js';
import { bytesSubject, type Subject } from '../../src/base/subject.js';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import { createNodeEngine } from '../../src/node/preset.js';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import { createSystemClock } from '../../src/preset/system-seams.js';

export interface OfflineOrders {
  readonly queue: 'memory' | 'journal';
  readonly dir: string;
  readonly files: number;
  readonly limit: number;
  /** Takes what is oldest out of the queue to make room: what the test must notice. */
  readonly dropsOldest?: boolean;
}

export interface OfflineReport {
  readonly queued: number;
  /** Results that were not queued, by reason and access. */
  readonly refused: Readonly<Record<string, number>>;
  /** Labels of what was acknowledged and is not listed at the end. */
  readonly missing: number;
  readonly listed: number;
  /** MiB over what was there after the warming up, all garbage collected. */
  readonly heapMiB: number;
  readonly rssMiB: number;
  readonly peakRssMiB: number;
  /** Of the journal: ms of a second opening and entries in it. */
  readonly reopenMs: number;
  readonly reopened: number;
}

const orders = JSON.parse(process.argv[2] ?? '{}') as OfflineOrders;
const clock = createSystemClock();
const mebi = 1024 * 1024;
const collect = (): void => (globalThis as { gc?: () => void }).gc?.();

/** Pages of what was collected are given back in the background, and not all by the first collection. */
async function used(): Promise<{ readonly heap: number; readonly rss: number }> {
  let rss = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 10; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 50));
    rss = Math.min(rss, process.memoryUsage.rss());
  }
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

/** Distinct contents at distinct places of ordinary length. */
function fileNumber(n: number): Subject {
  const place = `/home/somebody/projects/number-${n % 977}/src/components/file-${n}.js`;
  return bytesSubject(toUtf8(`content ${n}`), { label: place, locator: { scheme: 'file', ref: place } });
}

function engineOver(limit: number): ReturnType<typeof createNodeEngine> {
  const open = { memory: async () => createMemoryQueue({ clock, maxEntries: limit }), journal: () => openJournalQueue({ dir: join(orders.dir, 'pending'), clock, maxEntries: limit }) };
  return createNodeEngine(
    { servers: [{ address: 'http://127.0.0.1:9', scope: 'local' }], query: { holdMs: 20, perServerMs: 10 }, background: 'manual' },
    { clock, queue: open[orders.queue], transport: { schemes: { http: 'plain' }, send: async () => ({ kind: 'failed', retry: true, detail: 'nobody is there' }) } },
  );
}

async function main(): Promise<OfflineReport> {
  const engine = engineOver(orders.limit);
  for (let round = 0; round < 20; round++) {
    await engine.checkMany(Array.from({ length: 250 }, (_, n) => bytesSubject(toUtf8(`warming up ${round} ${n}`))), { pending: false });
  }
  const before = await used();
  const acknowledged = new Uint8Array(orders.files);
  const refused: Record<string, number> = {};
  let [queued, peak] = [0, 0];
  for (let from = 0; from < orders.files; from += 250) {
    const numbers = Array.from({ length: Math.min(250, orders.files - from) }, (_, i) => from + i);
    const results = await engine.checkMany(numbers.map(fileNumber));
    results.forEach(({ pending, verdict, decision }, i) => {
      if (pending.kind === 'queued') {
        queued++;
        acknowledged[from + i] = 1;
      } else {
        const why = `${pending.kind} ${verdict.disposition} ${verdict.reason ?? ''} ${decision.access}`;
        refused[why] = (refused[why] ?? 0) + 1;
      }
    });
    peak = Math.max(peak, process.memoryUsage.rss());
  }
  const after = await used();
  let listed = 0;
  for await (const entry of engine.pending.list()) {
    listed++;
    const n = Number(/file-(\d+)/.exec(entry.items[0]?.subject.label ?? '')?.[1] ?? -1);
    acknowledged[n] = orders.dropsOldest === true && listed < 10 ? 1 : 0;
  }
  await engine.close();
  const [reopenMs, reopened] = orders.queue === 'journal' ? await reopen() : [0, 0];
  return {
    queued,
    refused,
    missing: acknowledged.reduce((sum, one) => sum + one, 0),
    listed,
    heapMiB: (after.heap - before.heap) / mebi,
    rssMiB: (after.rss - before.rss) / mebi,
    peakRssMiB: (peak - before.rss) / mebi,
    reopenMs,
    reopened,
  };
}

async function reopen(): Promise<[number, number]> {
  const began = performance.now();
  const queue = await openJournalQueue({ dir: join(orders.dir, 'pending'), clock, maxEntries: orders.limit });
  const tookMs = performance.now() - began;
  const { due } = await queue.counts('default');
  await queue.close();
  return [tookMs, due];
}

process.stdout.write(JSON.stringify(await main()));
