/**
 * The stores in IndexedDB in a real browser: the packed entry, its peer `idb`, and test/runtimes/browser.mjs as a page, a
 * worker and a service worker of a loopback server. Figures come with `BROWSER_ENTRIES=100000`, more kills with `KILLS`.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, servePages, startChromium, type Browser, type PageServer, type Posted } from '../support/browser.js';
import { installPacked, pack, projectRoot } from '../support/packed.js';
import { tempDir } from '../support/temp-dir.js';

const folder = tempDir('browser');
const consumer = join(folder, 'consumer');
const program = findChromium();
const reason = program === undefined ? ' (skipped: no Chromium is installed here)' : '';
const rounds = Number(process.env['KILLS'] ?? 3);

/** Tracing may be forbidden where strace is there. */
const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

let server: PageServer;
let browser: Browser | undefined;

describe.skipIf(program === undefined)(`the stores in IndexedDB in Chromium${reason}`, () => {
  beforeAll(async () => {
    await installPacked(await pack(join(folder, 'packed')), consumer);
    cpSync(join(projectRoot, 'test/runtimes/browser.mjs'), join(consumer, 'browser.mjs'));
    server = await servePages(new Map([['/page.js', await bundle('page')], ['/worker.js', await bundle('worker')]]));
  });

  afterEach(async () => {
    await browser?.kill();
    browser = undefined;
  });

  afterAll(() => server?.close());

  it('pass the conformance suites, and promise the disk', { timeout: 300_000 }, async () => {
    const { tests, ...others } = (await report('suites', 'one')) as { readonly tests: number };
    expect(others).toEqual({ failures: [], durability: 'disk' });
    expect(tests).toBeGreaterThan(90);
  });

  it('serve a page, a worker and a service worker at once: every entry is settled by one of them, once', async () => {
    const { shares, left } = (await report('together', 'two')) as { readonly shares: readonly (readonly string[])[]; readonly left: unknown };
    expect(left).toEqual({ due: 0, claimed: 0, dead: 0, orphaned: 0 });
    const settled = shares.flat();
    const own = Array.from({ length: 150 }, (_, i) => `own ${i}`);
    expect(settled.filter((key) => key.startsWith('own')).sort()).toEqual(own.sort());
    // What all three flag may be settled and flagged again in between, as often as it is flagged.
    expect(new Set(settled.filter((key) => key.startsWith('shared')))).toHaveLength(50);
  });

  it('lose nothing that was acknowledged when the browser is killed, and invent nothing', { timeout: 60_000 * (rounds + 2) }, async () => {
    const told = { tried: new Set<string>(), acknowledged: new Set<string>(), settling: new Set<string>(), settled: new Set<string>() };
    let newest = -1;
    let thrownAway = 0;
    let inAll = 0;
    // A database that the browser began anew is a loss too; that it said so tells it from one that is ours.
    const begin = (created: boolean, isFirst: boolean): void => {
      thrownAway += created && !isFirst ? 1 : 0;
      Object.values(told).forEach((keys) => created && keys.clear());
    };
    for (let round = 0; round < rounds; round++) {
      const from = server.posts.length;
      // In the middle of what the page does once it has said this.
      const moment = ['/tried', '/acknowledged', '/settling', '/settled'][round % 4];
      const enough = server.next(({ path }) => path === moment && server.posts.length > from + 60 + 37 * (round % 10), 60_000);
      browser = open('flood', 'three', `&round=${round}`);
      await enough;
      await browser.kill();
      for (const { path, body } of server.posts.slice(from)) {
        const { key = '', durability = 'disk', created } = body as { readonly key?: string; readonly durability?: string; readonly created?: boolean };
        if (created !== undefined) {
          begin(created, round === 0);
          continue;
        }
        told[path.slice(1) as 'tried']?.add(key);
        inAll += path === '/acknowledged' ? 1 : 0;
        expect(durability).toBe('disk');
        newest = path === '/state' ? Number(key.split(' ')[1]) : newest;
      }
      const found = (await report('after', 'three')) as { readonly keys: readonly string[]; readonly created: boolean; readonly newest?: string };
      await browser?.kill();
      begin(found.created, false);
      expect(thrownAway, 'begun anew by the browser').toBe(0);
      const kept = new Set(found.keys);
      expect([...told.acknowledged].filter((key) => !kept.has(key) && !told.settling.has(key))).toEqual([]);
      expect([...kept].filter((key) => !told.tried.has(key) || told.settled.has(key))).toEqual([]);
      expect(kept).toHaveLength(found.keys.length);
      expect([newest, newest + 1]).toContain(found.created ? newest : Number(found.newest?.split(' ')[1]));
    }
    expect(inAll).toBeGreaterThan(10 * rounds);
  });

  it.skipIf(!canTrace)(`have everything they acknowledge flushed to the disk, and the cache nothing${canTrace ? '' : ' (skipped: no strace here)'}`, async () => {
    const log = join(folder, 'trace');
    const calls = 20;
    const over = server.next(({ path }) => path === '/over', 100_000);
    browser = open('traced', 'five', `&calls=${calls}`, ['strace', '-f', '-qq', '-ttt', '-e', 'trace=fdatasync,fsync', '-o', log]);
    await over;
    await browser.kill();
    const lines = readFileSync(log, 'utf8').split('\n').filter((line) => !line.includes('resumed'));
    const syncs = lines.map((line) => 1000 * Number(/^\d+ +(\d+\.\d+) \w+\(/.exec(line)?.[1]));
    const [strict, relaxed, end] = ['/strict', '/relaxed', '/over'].map((path) => server.posts.find((posted) => posted.path === path)?.at ?? Number.NaN);
    expect(syncs.filter((at) => at >= strict! && at <= relaxed!).length).toBeGreaterThanOrEqual(calls);
    expect(syncs.filter((at) => at > relaxed! && at <= end!).length).toBeLessThan(calls / 2);
  });

  it.runIf(process.env['BROWSER_ENTRIES'] !== undefined)('are measured', { timeout: 900_000 }, async () => {
    console.log(await report('speed', 'four', `&entries=${process.env['BROWSER_ENTRIES']}`, 880_000));
  });
});

function open(job: string, profile: string, more = '', tracer: readonly string[] = []): Browser {
  const [first = '', ...others] = [...tracer, program ?? ''];
  return startChromium([first, ...others], join(folder, profile), `${server.origin}/?job=${job}${more}`);
}

/** What the page came to. */
async function report(job: string, profile: string, more = '', timeoutMs = 280_000): Promise<unknown> {
  const posted = server.next(({ path }: Posted) => path === '/report', timeoutMs);
  browser = open(job, profile, more);
  const { body } = await posted;
  expect(body).toHaveProperty('ok');
  return (body as { readonly ok: unknown }).ok;
}

/** One script for the browser that runs this export of test/runtimes/browser.mjs. */
async function bundle(name: 'page' | 'worker'): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: `import { ${name} } from './browser.mjs';\n${name}();\n`, resolveDir: consumer },
    ...{ bundle: true, write: false, format: 'esm', target: 'es2022', platform: 'browser', logLevel: 'error' },
    // The peer that a host would install beside the package.
    alias: { idb: join(projectRoot, 'node_modules/idb') },
  });
  return outputFiles[0]?.text ?? '';
}
