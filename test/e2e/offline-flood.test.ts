/**
 * Offline with ten times as many files as the queue takes: the limit holds, the refusal is typed, nothing accepted
 * disappears, memory is bounded. The full figure: `OFFLINE_FILES=1000000`.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleForChild, type Bundle } from '../support/bundle.js';
import type { OfflineOrders, OfflineReport } from '../support/offline-child.js';
import { tempDir } from '../support/temp-dir.js';

const files = Number(process.env['OFFLINE_FILES'] ?? 20_000);
const limit = Math.round(files / 10);
const root = tempDir('offline');
let child: Bundle;

beforeAll(async () => {
  child = await bundleForChild(fileURLToPath(new URL('../support/offline-child.ts', import.meta.url)));
});
afterAll(() => child.remove());

async function run(orders: Pick<OfflineOrders, 'queue' | 'dropsOldest'>, name: string = orders.queue): Promise<OfflineReport> {
  const all: OfflineOrders = { ...orders, files, limit, dir: join(root, name) };
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', child.path, JSON.stringify(all)], { maxBuffer: 1024 * 1024 });
  return JSON.parse(stdout) as OfflineReport;
}

describe(`a queue of ${limit} entries while ${files} files are checked and no server answers`, () => {
  it.each(['memory', 'journal'] as const)('(%s) holds its limit, refuses by type, loses nothing and stays small', async (queue) => {
    const report = await run({ queue });
    console.info(`${queue}: ${JSON.stringify(report)}`);
    expect(Math.abs(report.queued - limit)).toBeLessThanOrEqual(limit / 100);
    expect(report.refused).toEqual({ 'refused unknown pending-full block': files - report.queued });
    expect([report.missing, report.listed]).toEqual([0, report.queued]);
    expect(report.heapMiB).toBeLessThan(64);
    expect(report.rssMiB).toBeLessThan(64);
    expect(report.reopened).toBe(queue === 'journal' ? report.queued : 0);
  }, 1_800_000);

  it('would show one that loses some (check of this test)', async () => {
    expect((await run({ queue: 'memory', dropsOldest: true }, 'drops')).missing).toBeGreaterThan(0);
  }, 600_000);
});
