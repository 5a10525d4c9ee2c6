/** A site's lists and action table, from its own repository by its own key into engines that run. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ActionTable } from '../../../src/action/action-table.js';
import type { Signer } from '../../../src/base/seams.js';
import { bytesSubject } from '../../../src/base/subject.js';
import { compileActionTable, compileLists } from '../../../src/compile.js';
import { generateKeyPair } from '../../../src/node/node-keys.js';
import { parseNodeConfig, type NodeConfig } from '../../../src/node/node-config.js';
import { createNodeEngine } from '../../../src/node/preset.js';
import { openGenerationStore } from '../../../src/node/update/generation-store.js';
import { createSystemClock } from '../../../src/preset/system-seams.js';
import { formatPublicKey } from '../../../src/protocol/keys.js';
import { tempDir } from '../../support/temp-dir.js';
import { Repository } from '../../support/updates/repository.js';
import { containersOf, foundBy, marker, patternKey, publishGeneration } from '../../support/updates/scene.js';
import { startWebServer, type WebServer } from '../../support/updates/web-server.js';

const root = tempDir('site');
const siteKey = generateKeyPair().signer;
const content = new TextEncoder().encode('a file that the site has blocked');
const sha256 = createHash('sha256').update(content).digest('hex');
const quiet: ActionTable = { trojan: { access: 'warn', remedy: 'none' }, other: { access: 'block', remedy: 'none' } };
const open: { close(): Promise<unknown> }[] = [];
let scenes = 0;

afterEach(async () => {
  for (const one of open.splice(0).reverse()) {
    await one.close();
  }
});

async function siteComponents(generation: number, signer: Signer = siteKey): Promise<[string, Uint8Array][]> {
  const options = { generation, createdAt: Date.now(), signer };
  return [
    ['lists', await compileLists([{ id: `rule-${generation}`, effect: 'blocked', sha256 }], options)],
    ['action-table', await compileActionTable(quiet, options)],
  ];
}

function publishSite(repository: Repository, generation: number, made: readonly [string, Uint8Array][]): void {
  if (repository.versions['root'] === undefined) {
    repository.publishRoot();
  }
  made.forEach(([component, bytes]) => repository.components.set(component, { generation, bytes }));
  repository.publish();
}

async function served(repository: Repository, name: string): Promise<WebServer & { readonly rootFile: string }> {
  const web = await startWebServer(repository.files);
  open.push(web);
  const rootFile = join(root, `${name}-${scenes++}.json`);
  writeFileSync(rootFile, repository.root);
  return Object.assign(web, { rootFile });
}

/** Publisher and site, and an engine that looks at both. */
async function begin(change: Partial<NodeConfig> = {}) {
  const [publisher, site] = [new Repository(Date.now()), new Repository(Date.now())];
  await publishGeneration(publisher, 1);
  publishSite(site, 5, await siteComponents(5));
  const [publisherWeb, siteWeb] = [await served(publisher, 'publisher'), await served(site, 'site')];
  const dataDir = join(root, `data-${scenes++}`);
  const engine = createNodeEngine(
    {
      dataDir,
      trust: [formatPublicKey(patternKey.publicKey)],
      siteTrust: [formatPublicKey(siteKey.publicKey)],
      background: 'manual',
      caches: false,
      update: {
        root: publisherWeb.rootFile,
        sources: [{ url: publisherWeb.url, scope: 'customer' }],
        site: { root: siteWeb.rootFile, sources: [{ url: siteWeb.url, scope: 'customer' }] },
      },
      ...change,
    },
    { random: () => 0 },
  );
  open.push(engine);
  await engine.ready();
  return { engine, publisher, site, publisherWeb, siteWeb, dataDir };
}

describe('an engine of a site', () => {
  it('takes lists and action table from the site, everything else from the publisher, and decides by both', async () => {
    const { engine, publisherWeb, siteWeb } = await begin();
    await engine.maintain();
    expect(engine.status().generations).toMatchObject({ agent: 1, filter: 1, lists: 5, actions: 5 });
    const { verdict } = await engine.check(bytesSubject(content), { layers: 'local' });
    expect(verdict).toMatchObject({ disposition: 'malicious', source: 'list', generations: { lists: 5 } });
    const found = await engine.check(bytesSubject(new TextEncoder().encode(`a ${marker(1)} z`)), { layers: 'local' });
    expect(found).toMatchObject({ verdict: { disposition: 'malicious', source: 'scan' }, decision: { access: 'warn', remedy: 'none' } });
    const targets = (web: WebServer): string[] => [...new Set(web.asked.filter((path) => path.startsWith('targets/')).map((path) => path.split('/')[1]!))].sort();
    expect([targets(publisherWeb), targets(siteWeb)]).toEqual([['agent-pattern', 'filter'], ['action-table', 'lists']]);
  });

  it('decides by its own action table where its configuration has one', async () => {
    const actionTable: ActionTable = { other: { access: 'hold', remedy: 'rename' } };
    const { engine } = await begin({ actionTable });
    await engine.maintain();
    const found = await engine.check(bytesSubject(new TextEncoder().encode(`a ${marker(1)} z`)), { layers: 'local' });
    expect(found.decision).toEqual({ access: 'hold', remedy: 'rename' });
    await engine.configure({ trust: [formatPublicKey(patternKey.publicKey)], background: 'manual' });
    expect((await engine.check(bytesSubject(new TextEncoder().encode(`a ${marker(1)} z`)), { layers: 'local' })).decision).toMatchObject({ access: 'warn' });
  });

  it('keeps both over a restart, and goes back with its administrator', async () => {
    const { engine, site, dataDir } = await begin();
    await engine.maintain();
    const store = openGenerationStore({ dir: join(dataDir, 'patterns'), clock: createSystemClock() });
    await store.commit((await siteComponents(6)).map(([, bytes]) => bytes));
    await engine.maintain();
    expect(engine.status().generations).toMatchObject({ lists: 6, actions: 6 });
    await store.rollback('lists');
    await engine.maintain();
    expect(engine.status()).toMatchObject({ generations: { lists: 5, actions: 6 }, updates: { rolledBack: [{ component: 'lists', from: 6, to: 5 }] } });
    expect(site.components.size).toBe(2);
    const again = createNodeEngine({ dataDir, siteTrust: [formatPublicKey(siteKey.publicKey)], trust: [formatPublicKey(patternKey.publicKey)], background: 'manual', caches: false });
    open.push(again);
    await again.ready();
    expect(again.status().generations).toMatchObject({ agent: 1, lists: 5, actions: 6 });
  });

  it('goes on with one of the two where the other cannot be had', async () => {
    const { engine, publisherWeb, siteWeb } = await begin();
    publisherWeb.instead = (_, __, response) => {
      response.writeHead(500).end();
      return true;
    };
    await engine.maintain();
    expect(engine.status()).toMatchObject({ generations: { lists: 5, actions: 5 }, updates: { error: { cause: 'http-status' }, source: siteWeb.url } });
    expect(engine.status().generations.agent).toBeUndefined();
  });
});

describe('the key of a site', () => {
  it('is the only one for its lists, and speaks for nothing else', async () => {
    const { engine } = await begin();
    const [, byPublisher] = (await siteComponents(9, patternKey))[0]!;
    await expect(engine.install(byPublisher)).rejects.toMatchObject({ detail: { cause: 'untrusted' } });
    const { 'agent-pattern': bySite } = await containersOf(9, { signer: siteKey });
    await expect(engine.install(bySite)).rejects.toMatchObject({ detail: { cause: 'untrusted' } });
    const [, good] = (await siteComponents(9))[0]!;
    expect(await engine.install(good)).toMatchObject({ lists: 9 });
  });

  it('may be the publisher where none is named', async () => {
    const engine = createNodeEngine({ dataDir: join(root, `data-${scenes++}`), trust: [formatPublicKey(patternKey.publicKey)], background: 'manual', caches: false });
    open.push(engine);
    const [[, lists], [, actions]] = (await siteComponents(2, patternKey)) as [[string, Uint8Array], [string, Uint8Array]];
    expect(await engine.install([lists, actions])).toMatchObject({ lists: 2, actions: 2 });
    expect(await foundBy(engine)).toBe(0);
  });
});

describe('a configuration of updates', () => {
  const good = { dataDir: 'x', update: { root: 'r', sources: [], site: { root: 's', sources: [] }, relay: true } };

  it('may name a site', () => {
    expect(parseNodeConfig(good)).toBe(good);
  });

  it.each<[string, object]>([
    ['update.site', { site: 'no' }],
    ['update.site.root', { site: { root: '', sources: [] } }],
    ['update.site.sources', { site: { root: 's' } }],
    ['update.site.more', { site: { root: 's', sources: [], more: 1 } }],
    ['update.site.sources.0.url', { site: { root: 's', sources: [{ url: 'ftp://x' }] } }],
    ['update.relay', { relay: 'yes' }],
  ])('is told of a fault in %s', (path, change) => {
    const faults = { faults: [expect.objectContaining({ path }) as object] };
    expect(() => parseNodeConfig({ ...good, update: { ...good.update, ...change } })).toThrow(expect.objectContaining({ detail: faults }) as Error);
  });
});
