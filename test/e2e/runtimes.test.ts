/**
 * The packed core under other runtimes than this one: lists, scan, filter, a question whose answer is verified with
 * WebCrypto, cache and a URL, with no way to any network. Their binaries come inside packages of test/runtimes.
 */
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { cleanEnvironment, installPacked, pack, projectRoot } from '../support/packed.js';
import { run, runOrFail, type Ran } from '../support/run.js';
import { tempDir } from '../support/temp-dir.js';

const folder = tempDir('runtimes');
const consumer = join(folder, 'consumer');
const runtimes = join(projectRoot, 'test/runtimes');
const modules = join(runtimes, 'node_modules');

const binaries = {
  deno: join(modules, '@deno/linux-x64-glibc/deno'),
  workerd: join(modules, '@cloudflare/workerd-linux-64/bin/workerd'),
  bun: join(modules, '@oven/bun-linux-x64/bin/bun'),
  'node 22': join(modules, 'node-22/bin/node'),
  'node 24': join(modules, 'node-24/bin/node'),
} as const;

/** The binaries in test/runtimes are those of one platform; on others this file says so and is passed over. */
const here = `${process.platform}-${process.arch}`;
const reason = here === 'linux-x64' ? '' : ` (skipped: test/runtimes has no binaries for ${here})`;

const asked = { names: [], reason: null, access: 'allow', pending: 'none', asked: false };
const found = { ...asked, disposition: 'malicious', access: 'block' };
const expected = {
  generations: { agent: 1, filter: 1 },
  list: { ...asked, disposition: 'clean', source: 'list' },
  scan: { ...found, source: 'scan', names: ['Inert.Marker'] },
  filter: { ...asked, disposition: 'clean', source: 'filter' },
  query: { ...found, source: 'query', names: ['Inert.Listed'], asked: true },
  cache: { ...found, source: 'cache', names: ['Inert.Listed'] },
  url: { ...found, source: 'query', names: ['urls.url'], asked: true },
  otherUrl: { ...asked, disposition: 'clean', source: 'filter' },
  forged: { ...asked, disposition: 'unknown', source: 'none', reason: 'bad-answer', pending: 'queued', asked: true },
  stream: 'malicious',
};

describe.skipIf(reason !== '')(`the packed core${reason}`, () => {
  beforeAll(async () => {
    if (Object.values(binaries).some((binary) => !existsSync(binary))) {
      await runOrFail('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: runtimes, env: cleanEnvironment(), timeoutMs: 220_000 });
    }
    await installPacked(await pack(join(folder, 'packed')), consumer);
    cpSync(runtimes, consumer, { recursive: true, filter: (from) => !/node_modules|package(?:-lock)?\.json$/.test(from) });
    await bundleWorkers(['worker', 'edge', 'reputation']);
  });

  it.each(['node 22', 'node 24'] as const)('tells the whole story under %s', async (node) => {
    const ran = await runOrFail(binaries[node], ['main.mjs'], { cwd: consumer, env: cleanEnvironment() });
    expect(ran.stderr).toBe('');
    expect(story(ran)).toEqual(expected);
  });

  it('tells the whole story under this Node', async () => {
    const ran = await runOrFail(process.execPath, ['main.mjs'], { cwd: consumer, env: cleanEnvironment() });
    expect(story(ran)).toEqual(expected);
  });

  it('tells the whole story under Deno without a single permission', async () => {
    const ran = await deno('main.mjs');
    expect(ran).toMatchObject({ code: 0 });
    expect(story(ran)).toEqual(expected);
  });

  it('is watched by Deno: a permission that is needed is refused', async () => {
    writeFileSync(join(consumer, 'reach-out.mjs'), `await fetch('http://127.0.0.1:8080/');\n`);
    const ran = await deno('reach-out.mjs');
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toContain('Requires net access');
  });

  it('tells the whole story under Bun', async () => {
    const ran = await runOrFail(binaries.bun, ['run', '--no-install', 'main.mjs'], { cwd: consumer, env: cleanEnvironment() });
    expect(story(ran)).toEqual(expected);
  });

  it('tells the whole story under workerd, its engine made at module level, no code made from text', async () => {
    const ran = await workerd('story');
    expect(ran).toMatchObject({ code: 0 });
    expect(story(ran)).toEqual({ ...expected, evalAllowed: false });
  });

  it('serves requests of one worker at the same time with one engine, over fetch', async () => {
    const ran = await workerd('edge');
    expect(ran).toMatchObject({ code: 0 });
    expect(JSON.parse(ran.stdout)).toEqual(Array.from({ length: 10 }, () => ['malicious', 'no reason']));
  });

  it.each([
    ['a timer', 'setTimeout(() => {}, 1)'],
    ['strong chance', 'crypto.getRandomValues(new Uint8Array(1))'],
    ['a request', `await fetch('http://story.invalid/')`],
  ])('is watched by workerd: %s at module level is refused', async (_what, statement) => {
    writeFileSync(join(consumer, 'bundles/worker.mjs'), `${statement};\nexport default { test() {} };\n`);
    try {
      expect((await workerd('story')).code).not.toBe(0);
    } finally {
      await bundleWorkers(['worker']);
    }
  });
});

function deno(module: string): Promise<Ran> {
  const env = { ...cleanEnvironment(), DENO_DIR: join(folder, 'deno'), DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' };
  const flags = ['--no-prompt', '--no-remote', '--cached-only', '--node-modules-dir=manual'];
  return run(binaries.deno, ['run', ...flags, module], { cwd: consumer, env });
}

function workerd(service: string): Promise<Ran> {
  return run(binaries.workerd, ['test', 'workers.capnp', service], { cwd: consumer, env: cleanEnvironment(), timeoutMs: 60_000 });
}

async function bundleWorkers(names: readonly string[]): Promise<void> {
  await build({
    entryPoints: names.map((name) => join(consumer, `${name}.mjs`)),
    outdir: join(consumer, 'bundles'),
    outExtension: { '.js': '.mjs' },
    ...{ bundle: true, format: 'esm', target: 'es2022', platform: 'neutral', logLevel: 'error' },
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser'],
  });
}

/** The line of JSON on standard output. */
function story({ stdout }: Ran): unknown {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}
