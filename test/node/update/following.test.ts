/** Hosts that run: what another process or an administrator puts in place, downloads that go on, sources in turn. */
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createNodeEngine } from '../../../src/node/preset.js';
import { openGenerationStore } from '../../../src/node/update/generation-store.js';
import { createUpdater, type UpdateReport } from '../../../src/node/update/updater.js';
import { createSystemClock } from '../../../src/preset/system-seams.js';
import { formatPublicKey } from '../../../src/protocol/keys.js';
import { tempDir } from '../../support/temp-dir.js';
import { Repository } from '../../support/updates/repository.js';
import { startWebServer, type WebServer } from '../../support/updates/web-server.js';
import { components, containersOf, createScene, foundBy, patternKey, publishGeneration, type Scene } from '../../support/updates/scene.js';

const root = tempDir('following');
let scenes = 0;
let scene: Scene;
let dir = '';

async function begin(): Promise<Scene> {
  dir = join(root, `scene-${scenes++}`);
  scene = await createScene(dir);
  await scene.look();
  return scene;
}

afterEach(() => scene.close());

describe('an engine that runs', () => {
  it('follows what another process puts into its directory, without a restart', async () => {
    const { engine, repository } = await begin();
    const store = openGenerationStore({ dir: join(dir, 'patterns'), clock: createSystemClock() });
    await publishGeneration(repository, 2);
    const changes: string[] = [];
    engine.on('pattern', ({ change }) => changes.push(change));
    await store.commit(Object.values(await containersOf(2)));
    expect(await foundBy(engine)).toBe(1);
    await engine.maintain();
    expect(await foundBy(engine)).toBe(2);
    // One switch for both components.
    expect(changes.filter((change) => change === 'installed')).toHaveLength(1);
  });

  it('goes back with its administrator, says so, stays there over a restart, and takes only what is newer', async () => {
    const { engine, repository, look, store } = await begin();
    await publishGeneration(repository, 2);
    await look();
    const changes: string[] = [];
    engine.on('pattern', ({ change }) => changes.push(change));
    await store.rollback('agent-pattern');
    await engine.maintain();
    expect(await foundBy(engine)).toBe(1);
    expect(changes).toContain('rolled-back');
    expect(engine.status().updates?.rolledBack).toMatchObject([{ component: 'agent-pattern', from: 2, to: 1 }]);
    expect(await look()).toMatchObject({ kind: 'current', updated: [] });
    const again = createNodeEngine({ dataDir: dir, trust: [formatPublicKey(patternKey.publicKey)], background: 'manual', caches: false });
    await again.ready();
    expect(await foundBy(again)).toBe(1);
    await again.close();
    await publishGeneration(repository, 3);
    await look();
    expect(await foundBy(engine)).toBe(3);
    await engine.maintain();
    expect(engine.status().updates?.rolledBack).toEqual([]);
  });

  it('goes on with the generation before where a file was damaged', async () => {
    const { repository, look, store } = await begin();
    await publishGeneration(repository, 2);
    await look();
    writeFileSync((await store.file('agent-pattern'))!, 'damaged');
    const again = createNodeEngine({ dataDir: dir, trust: [formatPublicKey(patternKey.publicKey)], background: 'manual', caches: false });
    await again.ready();
    expect(await foundBy(again)).toBe(1);
    await again.close();
  });

  it('looks by itself when the configuration says so', async () => {
    const { repository, web } = await begin();
    const rootFile = join(dir, 'root.json');
    writeFileSync(rootFile, repository.root);
    await publishGeneration(repository, 4);
    const engine = createNodeEngine(
      { dataDir: join(dir, 'own'), trust: [formatPublicKey(patternKey.publicKey)], background: 'manual', caches: false, update: { root: rootFile, sources: [{ url: web.url, scope: 'customer' }] } },
      { random: () => 0 },
    );
    await engine.ready();
    await engine.maintain();
    expect(await foundBy(engine)).toBe(4);
    expect(engine.status().updates).toMatchObject({ source: web.url, rolledBack: [] });
    await engine.close();
  });
});

describe('two processes on one directory', () => {
  it('take turns: the second waits, or is told that the first is at it', async () => {
    const { store, updater, engine } = await begin();
    const held = await store.downloads(0);
    await expect(updater.look({ components, install: (all) => engine.install(all) })).rejects.toMatchObject({ code: 'store-busy' });
    const waiting = updater.look({ components, waitMs: 5_000, install: (all) => engine.install(all) });
    await held.release();
    expect(await waiting).toMatchObject({ kind: 'current' });
  });

  it('never go back: of two that were both newer the older one is refused', async () => {
    const { store } = await begin();
    await store.commit([(await containersOf(3)).filter]);
    await expect(store.commit([(await containersOf(2)).filter])).rejects.toMatchObject({ detail: { cause: 'older' } });
  });
});

/** Every target is cut off after so many bytes. */
function cutAfter(count: number): WebServer['instead'] {
  return (path, _, response) => {
    if (path.startsWith('targets/')) {
      response.writeHead(200, { 'content-length': count + 1 });
      response.write(Buffer.alloc(count, 0x89), () => setImmediate(() => response.destroy()));
    }
    return path.startsWith('targets/');
  };
}

describe('a download', () => {
  it('goes on where it was cut off, and from the beginning where that came from somebody else', async () => {
    const { repository, web, look, finds } = await begin();
    const cut = (bytes: Buffer, wrong: boolean) => (path: string, _: unknown, response: ServerResponse): boolean => {
      if (!path.startsWith('targets/agent-pattern/')) {
        return false;
      }
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(wrong ? Buffer.alloc(100, 0x55) : bytes.subarray(0, 100), () => setImmediate(() => response.destroy()));
      return true;
    };
    for (const wrong of [false, true]) {
      const generation = wrong ? 3 : 2;
      await publishGeneration(repository, generation);
      web.instead = cut(Buffer.from(repository.components.get('agent-pattern')!.bytes), wrong);
      expect(await look()).toMatchObject({ kind: 'failed' });
      const [part] = readdirSync(join(dir, 'patterns')).filter((name) => name.startsWith('part-') && statSync(join(dir, 'patterns', name)).size === 100);
      expect(part).toBeDefined();
      web.instead = undefined;
      web.asked.length = 0;
      expect(await look()).toMatchObject({ kind: 'updated' });
      expect(await finds()).toBe(generation);
      const ranges = web.asked.filter((line) => line.startsWith('targets/agent-pattern/')).map((line) => line.includes('bytes=100-'));
      expect(ranges).toEqual(wrong ? [true, false] : [true]);
      expect(existsSync(join(dir, 'patterns', part!))).toBe(false);
    }
  });

  it('leaves no parts of what nobody offers any more, however often it is cut off', async () => {
    const { repository, web, look } = await begin();
    const parts = (): string[] => readdirSync(join(dir, 'patterns')).filter((name) => name.startsWith('part-'));
    web.instead = cutAfter(100);
    for (let generation = 2; generation < 7; generation++) {
      await publishGeneration(repository, generation);
      expect(await look()).toMatchObject({ kind: 'failed' });
      expect(parts()).toHaveLength(components.length);
    }
    web.instead = undefined;
    expect(await look()).toMatchObject({ kind: 'updated' });
    expect(parts()).toEqual([]);
  });

  it('keeps what has come of the files of another repository', async () => {
    const { repository, web, look, store, engine } = await begin();
    web.instead = cutAfter(100);
    await publishGeneration(repository, 2);
    expect(await look()).toMatchObject({ kind: 'failed' });
    const site = new Repository(Date.now());
    await publishGeneration(site, 3);
    const siteWeb = await startWebServer(site.files);
    siteWeb.instead = cutAfter(50);
    const updater = createUpdater({ store, root: site.root, sources: [{ url: siteWeb.url, scope: 'customer' }], clock: createSystemClock() });
    const siteLook = (): Promise<UpdateReport> => updater.look({ components: ['filter'], install: (containers) => engine.install(containers) });
    expect(await siteLook()).toMatchObject({ kind: 'failed' });
    siteWeb.instead = undefined;
    expect(await siteLook()).toMatchObject({ kind: 'updated' });
    await siteWeb.close();
    web.instead = undefined;
    web.asked.length = 0;
    await look();
    expect(web.asked.filter((line) => line.startsWith('targets/agent-pattern/') && line.includes('bytes=100-'))).toHaveLength(1);
  });

  it('comes from the next source where the first has metadata only, and a relay is not the last word', async () => {
    const { repository, web, store, engine } = await begin();
    const relay = await startWebServer(new Map(repository.files));
    await publishGeneration(repository, 2);
    const clock = createSystemClock();
    const updater = createUpdater({ store, root: repository.root, sources: [{ url: relay.url, scope: 'relay' }, { url: web.url, scope: 'origin' }], clock });
    expect(await updater.look({ components, install: (all) => engine.install(all) })).toMatchObject({ kind: 'updated', source: web.url });
    await publishGeneration(repository, 3);
    const metadataOnly = await startWebServer(new Map([...repository.files].filter(([path]) => path.startsWith('metadata/'))));
    const partial = createUpdater({ store, root: repository.root, sources: [{ url: metadataOnly.url, scope: 'customer' }, { url: web.url, scope: 'origin' }], clock });
    expect(await partial.look({ components, install: (all) => engine.install(all) })).toMatchObject({ kind: 'updated', source: metadataOnly.url });
    expect(await foundBy(engine)).toBe(3);
    await relay.close();
    await metadataOnly.close();
  });
});

describe('a repository of old', () => {
  it('is not believed again under a new name', async () => {
    const { look, repository } = await begin();
    const other = new Repository(Date.now());
    await publishGeneration(other, 5);
    [...other.files].forEach(([path, bytes]) => repository.files.set(path, bytes));
    expect(await look()).toMatchObject({ kind: 'failed' });
  });
});
