/** The host sketches for Node at work: real files in a folder of their own, a real server on loopback. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as CiSarif from '../../examples/hosts/ci-sarif.js';
import type * as DesktopAgent from '../../examples/hosts/desktop-agent.js';
import type * as SecondProduct from '../../examples/hosts/second-product.js';
import type * as UploadGateway from '../../examples/hosts/upload-gateway.js';
import { toUtf8 } from '../../src/base/bytes.js';
import type { Engine } from '../../src/engine/checker.js';
import { bytesSubject, createPolicy } from '../../src/index.js';
import { createNodeEngine } from '../../src/node.js';
import { serve, type RunningServer } from '../../src/server.js';
import { createInProcessServer, createTestPattern, createTestSigner, fileEntry } from '../../src/testing.js';
import { formatPublicKey } from '../../src/protocol/keys.js';
import { root, writeBlocks } from './blocks.js';

const sketches = readdirSync(join(root, 'examples/hosts')).map((file) => ({ page: 'hosts.md', file, line: 1, code: readFileSync(join(root, 'examples/hosts', file), 'utf8') }));
const code = writeBlocks(sketches, { resolved: true });
const folder = mkdtempSync(join(tmpdir(), 'vedette-hosts-'));

async function load<T>(file: string): Promise<T> {
  return (await import(join(code, 'hosts', file))) as T;
}

const bad = toUtf8('a file that only the server knows');
let far: ReturnType<typeof createInProcessServer>;
let running: RunningServer;
let trust: string;
let pattern: Uint8Array;

beforeAll(async () => {
  const signer = await createTestSigner();
  trust = formatPublicKey(signer.publicKey);
  pattern = await createTestPattern({ signer, markers: { 'Test.Marker': 'a marker in the bytes' } });
  far = createInProcessServer([fileEntry(bad, { name: 'Test.Known' })], { signer });
  running = await serve({ handler: (request) => far.handler(request).catch(() => new Response(null, { status: 500 })) });
});

afterAll(async () => {
  await running.close();
  for (const one of [code, folder]) {
    rmSync(one, { recursive: true, force: true });
  }
});

/** Gives an engine of a sketch the pattern that it would have been updated with. */
async function withPattern(engine: Engine): Promise<Engine> {
  await engine.configure({ servers: [{ address: running.url, scope: 'local', trust: [trust] }], trust: [trust], policy: 'gateway' });
  await engine.install(pattern);
  return engine;
}

describe('the upload gateway', () => {
  function memoryStore(): UploadGateway.UploadStore & { readonly log: string[] } {
    const uploads = new Map<string, Uint8Array[]>();
    const log: string[] = [];
    const end = (what: string) => async (id: string) => {
      uploads.delete(id);
      log.push(`${what} ${id}`);
    };
    return {
      log,
      append: async (id, chunk) => void uploads.set(id, [...(uploads.get(id) ?? []), chunk.slice()]),
      read: async (id) => (uploads.has(id) ? Uint8Array.from(Buffer.concat(uploads.get(id) ?? [])) : undefined),
      release: end('release'),
      discard: end('discard'),
      async *held() {
        yield* [...uploads.keys()];
      },
    };
  }

  async function* chunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 10) {
      yield bytes.subarray(at, at + 10);
    }
  }

  it('releases, discards, holds and settles late, over a restart too', async () => {
    const { gatewayEngine, receiveUpload, resume } = await load<typeof UploadGateway>('upload-gateway.ts');
    const store = memoryStore();
    const options = { dataDir: join(folder, 'gateway'), server: running.url, trust };
    const engine = await withPattern(gatewayEngine(store, options));
    const upload = (id: string, bytes: Uint8Array) => receiveUpload(engine, store, { id, body: chunks(bytes), signal: new AbortController().signal });

    await upload('good', toUtf8('a good upload'));
    await upload('marked', toUtf8('with a marker in the bytes'));
    await upload('bad', bad);
    expect(store.log).toEqual(['release good', 'discard marked', 'discard bad']);

    far.up = false;
    engine.networkChanged();
    const held = await engine.derive({ name: 'now' }).check(bytesSubject(toUtf8('warm the breaker')), { deadlineMs: 1_000, pending: false });
    expect(held.verdict.disposition).toBe('unknown');
    const first = await upload('held', toUtf8('held until a server is back'));
    expect(first).toMatchObject({ decision: { access: 'hold' }, pending: { kind: 'queued', durability: 'disk' } });
    await engine.close();

    far.up = true;
    const again = await withPattern(gatewayEngine(store, options));
    await resume(again, store);
    expect(store.log.at(-1)).toBe('release held');
    await again.close();
  });
});

describe('the desktop agent', () => {
  it('denies what is bad, scans a tree and checks what was flagged', async () => {
    const { startAgent, onOpen, fullScan, checkFlagged } = await load<typeof DesktopAgent>('desktop-agent.ts');
    const home = join(folder, 'home');
    mkdirSync(join(home, 'files/deep'), { recursive: true });
    writeFileSync(join(home, 'files/good.txt'), 'nothing special');
    writeFileSync(join(home, 'files/deep/bad.txt'), bad);
    const notes: string[] = [];
    const window: DesktopAgent.AgentWindow = { notify: (text) => void notes.push(text), progress: () => undefined };
    const engine = startAgent(home, [{ address: 'https://reputation.invalid', trust }], window);
    await engine.configure({ servers: [{ address: running.url, scope: 'local', trust: [trust] }], trust: [trust], policy: { base: 'endpoint', malicious: { remedy: 'none' } } });
    await engine.install(pattern);
    expect(await onOpen(engine, join(home, 'files/good.txt'))).toBe('allow');
    expect(await onOpen(engine, join(home, 'files/deep/bad.txt'))).toBe('deny');
    const finds = await fullScan(engine, join(home, 'files'), window, new AbortController().signal);
    expect(finds.map((one) => one.verdict.threats[0]?.name)).toEqual(['Test.Known']);

    far.up = false;
    writeFileSync(join(home, 'files/new.txt'), 'seen while offline');
    expect(await onOpen(engine, join(home, 'files/new.txt'))).toBe('allow');
    far.up = true;
    engine.networkChanged();
    await checkFlagged(engine, window);
    expect(notes).toEqual([expect.stringMatching(/new\.txt: clean$/)]);
    await engine.close();
  });
});

describe('the check in continuous integration', () => {
  it('writes SARIF and says by its status what it found', async () => {
    const { runCheck } = await load<typeof CiSarif>('ci-sarif.ts');
    const build = join(folder, 'build');
    mkdirSync(join(build, '.git'), { recursive: true });
    writeFileSync(join(build, '.git/bad.txt'), bad);
    writeFileSync(join(build, 'good.txt'), 'nothing special');
    const config = join(folder, 'ci.json');
    const dataDir = join(folder, 'ci-data');
    writeFileSync(config, JSON.stringify({ servers: [{ address: running.url, scope: 'local', trust: [trust] }], trust: [trust], dataDir }));
    const installer = createNodeEngine({ dataDir, trust: [trust] });
    await installer.install(pattern);
    await installer.close();
    const options = { config, folder: build, report: join(folder, 'report.sarif'), signal: new AbortController().signal };

    expect(await runCheck(options)).toBe(0);
    writeFileSync(join(build, 'bad.txt'), bad);
    expect(await runCheck(options)).toBe(1);
    const report = JSON.parse(readFileSync(options.report, 'utf8')) as { runs: { results: { ruleId: string; level: string }[] }[] };
    expect(report.runs[0]?.results).toMatchObject([{ ruleId: 'Test.Known', level: 'error', locations: [{ physicalLocation: { artifactLocation: { uri: expect.stringMatching(/bad\.txt$/) as string } } }] }]);
    rmSync(join(build, 'bad.txt'));
    far.up = false;
    // What was asked before is remembered in the data directory; what is new cannot be told.
    expect(await runCheck(options)).toBe(0);
    writeFileSync(join(build, 'new.txt'), 'nobody was asked about this');
    expect(await runCheck(options)).toBe(3);
    far.up = true;
  });
});

describe('the second product', () => {
  it('shares the engine and decides for itself', async () => {
    const { protectTogether, backupPolicy } = await load<typeof SecondProduct>('second-product.ts');
    const actions = { idempotent: true, apply: async () => ({ kind: 'done' }) as const };
    const shared = protectTogether(
      { servers: [{ address: running.url, scope: 'local', trust: [trust] }] },
      [
        { name: 'mail', policy: createPolicy('gateway'), rules: [], actions },
        { name: 'backup', policy: backupPolicy, rules: [{ id: 'own', effect: 'approved', sha256: Buffer.from(fileEntry(bad, { name: 'x' }).hash).toString('hex') }], actions },
      ],
    );
    // Without a pattern what is not listed stays unknown: mail holds it, the backup goes on.
    const access = async (name: string, bytes: Uint8Array) => (await shared.checkers.get(name)?.check(bytesSubject(bytes)))?.decision.access;
    expect(await access('mail', bad)).toBe('block');
    expect(await access('backup', bad)).toBe('allow');
    expect(await access('mail', toUtf8('unknown to all'))).toBe('hold');
    expect(await access('backup', toUtf8('unknown to all'))).toBe('allow');
    expect(await shared.orphaned()).toBe(0);
    await shared.close();
  });
});
