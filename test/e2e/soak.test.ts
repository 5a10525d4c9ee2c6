/**
 * A data directory that is used, killed and used again for a long time: nothing is lost, and no process holds more open
 * files or memory the longer it lives. The full figure: `SOAK_MINUTES=100` with a kill every 30 seconds.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { Killing } from '../durability/kill/killing.js';
import { startFlakyServer, type FlakyServer } from '../durability/kill/flaky-server.js';
import { contentNumber, contents, isMalicious } from '../durability/kill/phases.js';
import { bundleForChild, type Bundle } from '../support/bundle.js';
import { contentEntry } from '../support/feed.js';
import { tempDir } from '../support/temp-dir.js';

const minutes = Number(process.env['SOAK_MINUTES'] ?? 0);
const secondsPerLife = Number(process.env['SOAK_LIFE_SECONDS'] ?? 30);
/** Without minutes: a few lives of so many reports each. */
const lives = minutes === 0 ? 3 : Math.ceil((minutes * 60) / secondsPerLife);
const reportsPerLife = minutes === 0 ? 3 : Number.POSITIVE_INFINITY;
const root = tempDir('soak');
let server: FlakyServer;
let bundles: { readonly child: Bundle; readonly hook: Bundle };

beforeAll(async () => {
  const at = (name: string): string => fileURLToPath(new URL(`../durability/kill/${name}.ts`, import.meta.url));
  bundles = { child: await bundleForChild(at('child')), hook: await bundleForChild(at('hook')) };
  const numbers = Array.from({ length: contents }, (_, n) => n).filter(isMalicious);
  server = await startFlakyServer({ hashes: numbers.map((n) => contentEntry(`Test.${n}`, contentNumber(n))) }, createSeededRandom(1));
});

afterAll(async () => {
  await server.close();
  await Promise.all([bundles.child.remove(), bundles.hook.remove()]);
});

interface Report {
  /** Descriptors that are no sockets. */
  readonly files: number;
  readonly sockets: number;
  /** Both. */
  readonly descriptors: number;
  readonly bytes: number;
}

/** How much more the later half of a life has than the earlier, at the most of each. */
function growth(reports: readonly Report[], of: keyof Report): number {
  const most = (some: readonly Report[]): number => Math.max(...some.map((one) => one[of]));
  return most(reports.slice(reports.length >> 1)) - most(reports.slice(0, (reports.length >> 1) + 1));
}

describe('a data directory in long use', () => {
  it(`loses nothing over ${lives} lives, and no life needs more the longer it lasts`, async () => {
    const killing = new Killing({
      dir: join(root, 'data'), handler: 'idempotent', sabotage: 'none', server, random: createSeededRandom(2), child: bundles.child.path, hook: bundles.hook.path,
    });
    const most: Report[] = [];
    for (let life = 0; life < lives; life++) {
      const reports: Report[] = [];
      const isEnough = (line: string): boolean => {
        const [letter, files, sockets, bytes] = line.split(' ');
        return letter === 'F' && reports.push({ files: Number(files), sockets: Number(sockets), descriptors: Number(files) + Number(sockets), bytes: Number(bytes) }) >= reportsPerLife;
      };
      expect(await killing.liveUntil(isEnough, minutes === 0 ? undefined : secondsPerLife * 1000), `life ${life}`).toEqual([]);
      expect(reports.length).toBeGreaterThan(0);
      // A leak would be one for each of the hundreds of drains and writes.
      expect(growth(reports, 'files')).toBeLessThanOrEqual(4);
      // Connections to the server come and go.
      expect(growth(reports, 'descriptors')).toBeLessThanOrEqual(8);
      most.push({
        files: Math.max(...reports.map((one) => one.files)), sockets: Math.max(...reports.map((one) => one.sockets)), descriptors: Math.max(...reports.map((one) => one.descriptors)), bytes: Math.max(...reports.map((one) => one.bytes)),
      });
    }
    expect(await killing.finish()).toEqual([]);
    const { ledger } = killing;
    console.info(
      `${lives} lives, ${ledger.acknowledged.size} flagged, ${ledger.settling.size} settled; open files at most ${most.map((one) => one.files).join(' ')}, sockets ${most.map((one) => one.sockets).join(' ')}; ` +
        `memory at most ${most.map((one) => Math.round(one.bytes / 2 ** 20)).join(' ')} MiB`,
    );
    expect(growth(most, 'files')).toBeLessThanOrEqual(4);
    expect(growth(most, 'descriptors')).toBeLessThanOrEqual(8);
  }, 7_200_000);
});
