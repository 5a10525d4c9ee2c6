/**
 * Acknowledged means on the disk, shown by the system calls of a real process: its trace is replayed by a program that
 * knows nothing of how the stores write, the power fails between any two calls, and what is left is opened. All moments
 * and kinds: POWER_LOSSES=all (some minutes); otherwise so many of them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { equalBytes } from '../../src/base/bytes.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { bundleForChild, type Bundle } from '../support/bundle.js';
import { openRemains, Promised } from './support/power-loss/promises.js';
import { parseTrace, type TraceEvent } from './support/power-loss/trace.js';
import { powerLosses, TracedDisk } from './support/power-loss/traced-disk.js';

const asked = process.env['POWER_LOSSES'] ?? '800';
const seed = Number(process.env['FUZZ_SEED'] ?? 5);
const missing = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0 ? undefined : 'no strace here, or none allowed';
/** In memory where there is such a folder: what is judged is what the files hold, not how they got there. */
const home = existsSync('/dev/shm') ? '/dev/shm' : realpathSync(tmpdir());

const followed = '?open,openat,?creat,write,pwrite64,writev,pwritev,fsync,fdatasync,?rename,renameat,renameat2,?unlink,unlinkat,?mkdir,mkdirat,?rmdir,ftruncate,fallocate,close,copy_file_range,sendfile,splice';

let bundle: Bundle;
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(home, 'vedette-power-'));
  bundle = await bundleForChild(fileURLToPath(new URL('support/power-loss/child.ts', import.meta.url)));
});

afterAll(async () => {
  await bundle.remove();
  rmSync(folder, { recursive: true, force: true });
});

interface Traced {
  readonly root: string;
  readonly events: readonly TraceEvent[];
}

function trace(operations: number, sabotage = ''): Traced {
  const root = mkdtempSync(join(folder, 'traced-'));
  const out = join(folder, 'trace');
  const strace = ['-f', '-xx', '-s', '1000000', '-e', `trace=${followed}`, '-e', 'signal=none', '-o', out];
  const { status, stderr } = spawnSync('strace', [...strace, process.execPath, bundle.path, root, String(operations), sabotage], {
    encoding: 'utf8',
    env: { ...process.env, UV_USE_IO_URING: '0' },
  });
  expect(status, stderr).toBe(0);
  return { root, events: parseTrace(readFileSync(out, 'latin1')) };
}

/** Events that change the disk, or what was said. */
function momentsOf({ root, events }: Traced): number {
  const disk = new TracedDisk(root);
  const promised = new Promised();
  return events.filter((event) => [disk.take(event), promised.take(event)].includes(true)).length;
}

interface Outcome {
  readonly broken: readonly string[];
  /** Disks that were opened. */
  readonly states: number;
  readonly acknowledged: number;
}

/** Lets the power fail in every moment in which something may have changed, or in some of them. */
async function failPower({ root, events }: Traced, share: number): Promise<Outcome> {
  const random = createSeededRandom(seed);
  const disk = new TracedDisk(root);
  const promised = new Promised();
  const broken: string[] = [];
  let states = 0;
  for (const [moment, event] of events.entries()) {
    // Whatever else the process did changes nothing.
    const isMoment = [disk.take(event), promised.take(event)].includes(true);
    for (const loss of powerLosses.filter(() => isMoment && random() < share)) {
      states++;
      const where = `after event ${moment} of ${events.length}: ${loss.data} data, ${loss.names} names, sectors of ${loss.sector}`;
      try {
        const found = await openRemains(disk.remains(loss, random), { root, folder: join(folder, 'remains') });
        broken.push(...promised.brokenBy(found).map((what) => `${what} ${where}`));
      } catch (error) {
        broken.push(`opening failed: ${String(error)} ${where}`);
      }
    }
    if (broken.length > 10) {
      break;
    }
  }
  return { broken, states, acknowledged: promised.acknowledged };
}

describe.skipIf(missing !== undefined)(`the stores of a traced process when the power fails${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  it('keep every acknowledged entry and value, and invent none', async () => {
    const traced = trace(200);
    const all = momentsOf(traced) * powerLosses.length;
    const share = asked === 'all' ? 1 : Math.min(1, Number(asked) / all);
    const { broken, states, acknowledged } = await failPower(traced, share);
    expect(broken, `seed ${seed}`).toEqual([]);
    process.stdout.write(`power-loss: ${states} of ${all} states, ${acknowledged} acknowledgements\n`);
    expect(acknowledged).toBeGreaterThan(200);
    expect(all).toBeGreaterThan(20_000);
    expect(states).toBeGreaterThan(share * all * 0.8);
  }, 1_800_000);

  it('are rebuilt from the trace just as they are on the disk', () => {
    const { root, events } = trace(60);
    const disk = new TracedDisk(root);
    events.forEach((event) => disk.take(event));
    const rebuilt = disk.remains({ data: 'kept', names: 'kept', sector: 512 }, createSeededRandom(1));
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
    expect([...rebuilt].flatMap(([path, bytes]) => (bytes === 'directory' ? [] : [path])).sort()).toEqual(files.sort());
    for (const path of files) {
      expect(equalBytes(rebuilt.get(path) as Uint8Array, readFileSync(path)), path).toBe(true);
    }
    expect(files.length).toBeGreaterThan(1);
  });

  it.each(['no fdatasync', 'acknowledged too early', 'no sync of directories'])('would be found out: %s', async (sabotage) => {
    const { broken } = await failPower(trace(40, sabotage), 0.25);
    expect(broken).not.toEqual([]);
  });
});
