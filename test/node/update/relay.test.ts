/** Agents that pass on what they have downloaded: what others get from them, what they refuse, and what a relay that lies gains. */
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createNodeEngine } from '../../../src/node/preset.js';
import { createUpdateRelay } from '../../../src/node/update/relay/create-update-relay.js';
import { openGenerationStore } from '../../../src/node/update/generation-store.js';
import { createUpdater, type UpdateReport } from '../../../src/node/update/updater.js';
import { createSystemClock } from '../../../src/preset/system-seams.js';
import { formatPublicKey } from '../../../src/protocol/keys.js';
import { serve, type RunningServer } from '../../../src/server/node/serve.js';
import { FakeClock } from '../../../src/testing/doubles/fake-clock.js';
import type { UpdateSource } from '../../../src/update/sources.js';
import { tempDir } from '../../support/temp-dir.js';
import { makeKey } from '../../support/updates/repository.js';
import { components, createScene, foundBy, patternKey, publishGeneration, type Scene } from '../../support/updates/scene.js';
import { startWebServer } from '../../support/updates/web-server.js';

const root = tempDir('relay');
const clock = createSystemClock();
const trust = [formatPublicKey(patternKey.publicKey)];
const open: { close(): Promise<unknown> }[] = [];
let scenes = 0;

afterEach(async () => {
  for (const one of open.splice(0).reverse()) {
    await one.close();
  }
});

interface Relayed extends Scene {
  readonly dir: string;
  readonly handler: ReturnType<typeof createUpdateRelay>;
  readonly relay: RunningServer;
}

/** A host that has generation 1 and passes it on. */
async function begin(change: { readonly keepTargets?: boolean; readonly bytesPerSecond?: number; readonly maxDownloads?: number } = {}): Promise<Relayed> {
  const { keepTargets = true, ...limits } = change;
  const dir = join(root, `scene-${scenes++}`);
  const scene = await createScene(dir, { keepTargets });
  expect(await scene.look()).toMatchObject({ kind: 'updated' });
  const handler = createUpdateRelay({ dataDir: dir, root: scene.repository.root, clock, ...limits });
  const relay = await serve({ handler });
  open.push(scene, relay);
  return { ...scene, dir, handler, relay };
}

/** Another host, which has nothing yet. */
async function neighbour(scene: Relayed, sources: readonly UpdateSource[], trusted = scene.repository.root) {
  const dir = join(root, `neighbour-${scenes++}`);
  const store = openGenerationStore({ dir: join(dir, 'patterns'), clock });
  const engine = createNodeEngine({ dataDir: dir, trust, background: 'manual', caches: false });
  await engine.ready();
  open.push(engine);
  const updater = createUpdater({ store, root: trusted, sources, clock, keepTargets: true });
  return {
    engine,
    store,
    look: (): Promise<UpdateReport> => updater.look({ components, install: (containers) => engine.install(containers) }),
    finds: () => foundBy(engine),
  };
}

const relayOf = ({ relay }: Relayed): UpdateSource => ({ url: relay.url, scope: 'relay' });
const originOf = ({ web }: Relayed): UpdateSource => ({ url: web.url, scope: 'origin' });

describe('an agent that passes on', () => {
  it('brings another one up to date that reaches nothing else, from the first file to the next by deltas', async () => {
    const scene = await begin();
    const other = await neighbour(scene, [relayOf(scene)]);
    expect(await other.look()).toMatchObject({ kind: 'updated', source: scene.relay.url, refused: [] });
    expect(await other.finds()).toBe(1);
    await publishGeneration(scene.repository, 2);
    await scene.look();
    scene.web.asked.length = 0;
    expect(await other.look()).toMatchObject({ kind: 'updated', refused: [] });
    expect(await other.finds()).toBe(2);
    expect(scene.web.asked).toEqual([]);
  });

  it('passes on over several hands: whoever got it from a relay can be one', async () => {
    const scene = await begin();
    let source = relayOf(scene);
    for (let hand = 0; hand < 3; hand++) {
      const dir = join(root, `hand-${scenes++}`);
      const store = openGenerationStore({ dir: join(dir, 'patterns'), clock });
      const engine = createNodeEngine({ dataDir: dir, trust, background: 'manual', caches: false });
      await engine.ready();
      const report = await createUpdater({ store, root: scene.repository.root, sources: [source], clock, keepTargets: true }).look({ components, install: (all) => engine.install(all) });
      expect(report).toMatchObject({ kind: 'updated', refused: [] });
      expect(await foundBy(engine)).toBe(1);
      const running = await serve({ handler: createUpdateRelay({ dataDir: dir, root: scene.repository.root, clock }) });
      open.push(engine, running);
      source = { url: running.url, scope: 'relay' };
    }
  });

  it('has the whole files even where it kept nothing for others', async () => {
    const scene = await begin({ keepTargets: false });
    const other = await neighbour(scene, [relayOf(scene)]);
    expect(await other.look()).toMatchObject({ kind: 'updated', refused: [] });
    expect(await other.finds()).toBe(1);
  });

  it('leads on those whose root is older than its own', async () => {
    const scene = await begin();
    const first = scene.repository.root;
    for (let rotation = 0; rotation < 3; rotation++) {
      const before = scene.repository.keys['root']!;
      scene.repository.keys = { ...scene.repository.keys, root: [makeKey()], timestamp: [makeKey()] };
      scene.repository.publishRoot({}, before);
    }
    await publishGeneration(scene.repository, 2);
    expect(await scene.look()).toMatchObject({ kind: 'updated' });
    const other = await neighbour(scene, [relayOf(scene)], first);
    expect(await other.look()).toMatchObject({ kind: 'updated', refused: [] });
    expect(await other.finds()).toBe(2);
  });

  it('is passed over without a word of alarm when it is behind', async () => {
    const scene = await begin();
    await publishGeneration(scene.repository, 2);
    const other = await neighbour(scene, [originOf(scene)]);
    expect(await other.look()).toMatchObject({ kind: 'updated' });
    expect(await other.finds()).toBe(2);
    const lookFrom = (...sources: UpdateSource[]): Promise<UpdateReport> =>
      createUpdater({ store: other.store, root: scene.repository.root, sources, clock }).look({ components, install: () => Promise.reject(new Error('nothing is newer')) });
    expect(await lookFrom(relayOf(scene), originOf(scene))).toMatchObject({ kind: 'current', source: scene.web.url, refused: [] });
    expect(await lookFrom(relayOf(scene))).toMatchObject({ kind: 'failed', refused: [{ cause: 'behind' }] });
    expect(await lookFrom({ ...relayOf(scene), scope: 'customer' })).toMatchObject({ kind: 'failed', refused: [{ cause: 'rollback' }] });
  });

  it('goes on a download where it was cut off', async () => {
    const scene = await begin();
    const [path] = [...scene.repository.files.keys()].filter((one) => one.startsWith('targets/agent-pattern/'));
    const whole = Buffer.from(await (await fetch(`${scene.relay.url}/${path}`)).arrayBuffer());
    expect(whole.equals(scene.repository.files.get(path!)!)).toBe(true);
    const rest = await fetch(`${scene.relay.url}/${path}`, { headers: { range: 'bytes=100-' } });
    expect([rest.status, rest.headers.get('content-range')]).toEqual([206, `bytes 100-${whole.length - 1}/${whole.length}`]);
    expect(Buffer.from(await rest.arrayBuffer()).equals(whole.subarray(100))).toBe(true);
    expect((await fetch(`${scene.relay.url}/${path}`, { headers: { range: `bytes=${whole.length}-` } })).status).toBe(416);
  });

  it('keeps what the newest metadata name, and nothing else', async () => {
    const scene = await begin();
    for (let generation = 2; generation < 9; generation++) {
      await publishGeneration(scene.repository, generation);
      await scene.look();
    }
    const digests = new Set([...scene.repository.files.keys()].filter((path) => path.startsWith('targets/')).map((path) => /([0-9a-f]{64})\./.exec(path)?.[1]));
    const kept = readdirSync(join(scene.dir, 'patterns')).flatMap((name) => /^t-[0-9a-f]{16}-([0-9a-f]{64})$/.exec(name)?.[1] ?? []);
    expect(kept.filter((sha256) => !digests.has(sha256))).toEqual([]);
    expect(readdirSync(join(scene.dir, 'patterns')).filter((name) => name.startsWith('part-'))).toEqual([]);
  });
});

describe('what can be asked of a relay', () => {
  it('is the files of the repository, and nothing that lies beside them or above', async () => {
    const scene = await begin();
    writeFileSync(join(scene.dir, 'secret'), 'not to be passed on');
    mkdirSync(join(scene.dir, 'patterns', 'metadata'), { recursive: true });
    symlinkSync('/etc/passwd', join(scene.dir, 'patterns', 'metadata', '9.root.json'));
    const statusOf = (path: string): Promise<number> => rawStatus(scene.relay.url, path);
    for (const path of [
      '/', '/metadata', '/metadata/', '/targets/', '/patterns/generations.value', '/../secret', '/metadata/../../secret', '/metadata/..%2f..%2fsecret', '/%2e%2e/secret', '/targets/%2e%2e/%2e%2e/secret',
      '/metadata/9.root.json', '/metadata/timestamp.json/', '//metadata/timestamp.json', '/metadata/%74imestamp.json', '/targets/../../../../etc/passwd', '/metadata/constructor', '/__proto__', '/healthz', '/metrics',
      ...readdirSync(join(scene.dir, 'patterns')).map((name) => `/${name}`),
    ]) {
      expect([path, await statusOf(path)]).toEqual([path, 404]);
    }
    expect(await statusOf('/metadata/timestamp.json')).toBe(200);
  });

  it('whatever the path: only what the repository has is there', async () => {
    const scene = await begin();
    const known = new Set([...scene.repository.files.keys()].map((path) => `/${path}`));
    const part = fc.constantFrom('metadata', 'targets', 'filter', 'agent-pattern', 'timestamp.json', '1.root.json', '1.snapshot.json', '..', '.', '%2e%2e', '', 'c-', 'generations', ...[...known].map((path) => path.slice(1)));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(part, fc.string({ maxLength: 8 })), { maxLength: 5 }), async (parts) => {
        const url = new URL(`http://relay.invalid/${parts.map((one) => encodeURI(one)).join('/')}`);
        const { status } = await scene.handler(new Request(url));
        expect(status === 404 || (status === 200 && known.has(url.pathname)), url.href).toBe(true);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) },
    );
  });

  it.each(['POST', 'PUT', 'DELETE', 'HEAD'])('is read only: %s is refused', async (method) => {
    const scene = await begin();
    const response = await scene.handler(new Request('http://relay.invalid/metadata/timestamp.json', { method }));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it('is a few files at a time: more are put off, and taken when there is room', async () => {
    const scene = await begin({ maxDownloads: 2 });
    const [path] = [...scene.repository.files.keys()].filter((one) => one.startsWith('targets/agent-pattern/'));
    const ask = (): Promise<Response> => scene.handler(new Request(`http://relay.invalid/${path}`));
    const held = [await ask(), await ask()];
    const put = await ask();
    expect([put.status, put.headers.get('retry-after')]).toEqual([503, '5']);
    await held[0]!.body!.cancel();
    await held[1]!.arrayBuffer();
    expect((await ask()).status).toBe(200);
  });

  it('comes at a pace, over all downloads together', async () => {
    const fake = new FakeClock();
    const scene = await begin();
    const handler = createUpdateRelay({ dataDir: scene.dir, root: scene.repository.root, clock: fake, bytesPerSecond: 64 });
    const began = fake.monotonicMs();
    let done = 0;
    const asking = ['metadata/timestamp.json', 'metadata/1.root.json'].map(async (path) => {
      const bytes = await (await handler(new Request(`http://relay.invalid/${path}`))).arrayBuffer();
      done += bytes.byteLength;
    });
    const total = ['metadata/timestamp.json', 'metadata/1.root.json'].reduce((sum, path) => sum + scene.repository.files.get(path)!.length, 0);
    while (done < total) {
      await new Promise((resolve) => setImmediate(resolve));
      await fake.advance(1000);
    }
    await Promise.all(asking);
    // A second's worth is free.
    expect(fake.monotonicMs() - began).toBeGreaterThanOrEqual((total / 64) * 1000 - 2000);
  });

  it('is nothing where the directory has nothing, and nothing of another repository', async () => {
    const scene = await begin();
    const faults: unknown[] = [];
    const none = createUpdateRelay({ dataDir: join(root, 'absent'), root: scene.repository.root, clock, onFault: (error) => faults.push(error) });
    expect((await none(new Request('http://relay.invalid/metadata/timestamp.json'))).status).toBe(503);
    expect(faults).toHaveLength(1);
    const other = createUpdateRelay({ dataDir: scene.dir, root: `${scene.repository.root} `, clock });
    expect((await other(new Request('http://relay.invalid/metadata/timestamp.json'))).status).toBe(404);
  });
});

/** A relay whose owner changes what it sends. */
async function tampering(scene: Relayed, change: (path: string, bytes: Buffer) => Buffer | undefined) {
  const server = await startWebServer(new Map());
  server.instead = (path: string, _: IncomingMessage, response: ServerResponse): boolean => {
    void fetch(`${scene.relay.url}/${path}`).then(async (got) => {
      const bytes = change(path, Buffer.from(await got.arrayBuffer()));
      response.writeHead(bytes === undefined ? 404 : got.status).end(bytes);
    });
    return true;
  };
  open.push(server);
  return server;
}

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[Math.floor(copy.length / 2)]! ^= 1;
  return copy;
}

describe('a relay that lies', () => {
  it.each<[string, (scene: Relayed) => (path: string, bytes: Buffer) => Buffer | undefined]>([
    ['changes a bit of every file', () => (path, bytes) => (path.startsWith('targets/') ? flipped(bytes) : bytes)],
    ['changes a bit of the metadata', () => (path, bytes) => (path.startsWith('metadata/') && bytes.length > 0 ? flipped(bytes) : bytes)],
    ['adds bytes to every file', () => (path, bytes) => (path.startsWith('targets/') ? Buffer.concat([bytes, bytes]) : bytes)],
    ['has metadata and no file', () => (path, bytes) => (path.startsWith('targets/') ? undefined : bytes)],
    ['sends one file for another', (scene) => (path, bytes) => (path.startsWith('targets/') ? [...scene.repository.files].find(([name]) => name.startsWith('targets/') && name !== path)?.[1] : bytes)],
  ])('%s: nothing of it is taken, and the origin serves', async (_, change) => {
    const scene = await begin();
    const liar = await tampering(scene, change(scene));
    const alone = await neighbour(scene, [{ url: liar.url, scope: 'relay' }]);
    expect(await alone.look()).toMatchObject({ kind: 'failed', updated: [] });
    expect(await alone.finds()).toBe(0);
    const other = await neighbour(scene, [{ url: liar.url, scope: 'relay' }, originOf(scene)]);
    expect(await other.look()).toMatchObject({ kind: 'updated' });
    expect(await other.finds()).toBe(1);
  });

  it('would be believed by a host that takes any file (check of these tests)', async () => {
    const scene = await begin();
    const liar = await tampering(scene, (path, bytes) => (path.startsWith('targets/') ? flipped(bytes) : bytes));
    const [path] = [...scene.repository.files.keys()].filter((one) => one.startsWith('targets/agent-pattern/'));
    const taken = Buffer.from(await (await fetch(`${liar.url}/${path}`)).arrayBuffer());
    expect(taken.length).toBe(scene.repository.files.get(path!)!.length);
    expect(taken.equals(scene.repository.files.get(path!)!)).toBe(false);
  });
});

/** The path as it is: `fetch` would tidy it up. */
function rawStatus(url: string, path: string): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, method: 'GET' }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}
