/** Who plays: a publisher and a site with their repositories, reputation servers that keep themselves up to date, and agents. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile, compileActionTable, compileLists } from '../../dist/compile.js';
import { createEngine, createFetchTransport } from '../../dist/index.js';
import { createNodeEngine, createRepository, createUpdateRelay, generateKeyPair, keepServerUpdated, publish } from '../../dist/node.js';
import { createHandler, createNodeCrypto, formatPublicKey, openServerStore, serve, withSiteLists } from '../../dist/server.js';

/** What is published, by whom. */
const published = { publisher: ['agent-pattern', 'filter', 'server-pattern'], site: ['lists', 'action-table'] };
export const components = Object.values(published).flat();
const crypto = createNodeCrypto();

/** A repository in a directory that any web server can host, and the key that signs what is in it. */
async function createPublication(dir, clock, components) {
  const pattern = generateKeyPair();
  const [root, other, targets, snapshot, timestamp] = Array.from({ length: 5 }, generateKeyPair);
  const parts = Object.fromEntries(components.map((component) => [component, generateKeyPair()]));
  const role = (...pairs) => ({ keys: pairs.map((pair) => pair.publicKey), threshold: pairs.length });
  await createRepository({
    dir,
    roles: {
      root: role(root, other),
      targets: role(targets),
      snapshot: role(snapshot),
      timestamp: role(timestamp),
      components: Object.fromEntries(Object.entries(parts).map(([component, pair]) => [component, role(pair)])),
    },
    signers: [root, other, targets, snapshot, timestamp, ...Object.values(parts)].map((pair) => pair.signer),
    now: clock.now(),
  });
  return {
    key: formatPublicKey(pattern.publicKey),
    signer: pattern.signer,
    root: join(dir, 'metadata/1.root.json'),
    add: (made) => publish({ dir, components: made, signers: [snapshot, timestamp, ...Object.values(parts)].map((pair) => pair.signer), now: clock.now() }),
  };
}

/** Compiles a feed, and publishes what comes of it. */
export async function createPublisher(dir, clock) {
  const { key, root, signer, add } = await createPublication(dir, clock, published.publisher);
  return {
    key,
    root,
    async publish(generation, feed) {
      const made = await compile(feed, { generation, createdAt: clock.now(), signer });
      return add([made.agent, made.filter, made.server]);
    },
  };
}

/** The customer's administrator: what the site blocks and approves, and what is done about finds, signed by the site's own key. */
export async function createSite(dir, clock) {
  const { key, root, signer, add } = await createPublication(dir, clock, published.site);
  let blocked = [];
  return {
    key,
    root,
    /** The rules as the local server applies them: it is given them by its administrator, and downloads nothing for it. */
    rules: () => blocked,
    async publish(generation, { block, actions }) {
      const options = { generation, createdAt: clock.now(), signer };
      const hashes = block.map((content) => createHash('sha256').update(content).digest());
      const rules = hashes.map((hash, n) => ({ id: `blocked-${n}`, effect: 'blocked', sha256: hash.toString('hex') }));
      const report = await add([await compileLists(rules, options), await compileActionTable(actions, options)]);
      blocked = hashes.map((hash) => ({ kind: 'file', hash: new Uint8Array(hash), effect: 'blocked' }));
      return report;
    },
  };
}

/** A reputation server over a data directory that looks for server patterns every hour; a local one answers by its site's lists too. */
export async function createServer({ name, dir, publisher, sources, clock, port, site }) {
  mkdirSync(dir, { recursive: true });
  const { signer, publicKey } = generateKeyPair();
  const reports = [];
  const updates = await keepServerUpdated({
    dataDir: dir, root: publisher.root, sources, trust: [publisher.key], clock,
    // Hours are seconds here: nobody goes first.
    apart: { priority: 0 },
    onReport: (report) => reports.push(report),
  });
  let store;
  let running;
  return {
    name,
    key: formatPublicKey(publicKey),
    reports,
    get url() {
      return running?.url;
    },
    generation: () => store?.generation ?? 0,
    async start() {
      store ??= await openServerStore({ dir: join(dir, 'server'), pollMs: 50 });
      const answering = site === undefined ? store : withSiteLists(store, site.rules, clock);
      running = await serve({ handler: createHandler({ store: answering, crypto, clock, signer, ttlMs: 60_000 }), port: running === undefined ? port : Number(new URL(running.url).port) });
    },
    stop: () => running.close(),
    async close() {
      await updates.close();
      await running?.close().catch(() => undefined);
      await store?.close();
    },
  };
}

/** An agent: a local pattern, a filter, and questions to the servers of where it is. */
export function createAgent({ name, dir, publisher, site, sources, siteSources, servers, location, clock }) {
  let here = location;
  const late = [];
  const engine = createNodeEngine(
    {
      dataDir: dir,
      caches: false,
      trust: [publisher.key],
      siteTrust: [site.key],
      update: { root: publisher.root, sources, site: { root: site.root, sources: siteSources }, relay: true },
      locations: {
        internal: { servers: [{ address: servers.local.url, scope: 'local', trust: [servers.local.key] }] },
        external: { servers: [{ address: servers.global.address, scope: 'global', trust: [servers.global.key] }] },
      },
      query: { holdMs: 600, perServerMs: 200 },
    },
    {
      clock,
      location: { locate: async () => ({ location: here, by: 'the story' }) },
      // Global servers are asked over HTTPS. Here a proxy before it would unwrap that; the story leaves the proxy out.
      transport: createFetchTransport({ clock, fetch: (url, init) => fetch(String(url).replace(servers.global.address, servers.global.url), init) }),
      actions: { idempotent: true, apply: async (result) => (result.occasion === 'late' && late.push(result), { kind: 'done' }) },
    },
  );
  const changes = new Set();
  engine.on('pattern', ({ change }) => changes.add(change));
  return {
    name,
    engine,
    /** What was said of its patterns: installed, refused, rolled-back, stale. */
    changes,
    late,
    go(location) {
      here = location;
      engine.networkChanged();
    },
  };
}

/** What an agent has of the publisher's repository, for others on its network; `sent` is what they got. */
export async function passOn({ dir, publisher, clock }) {
  const relay = createUpdateRelay({ dataDir: dir, root: readFileSync(publisher.root, 'utf8'), clock });
  const sent = [];
  const handler = async (request) => {
    const response = await relay(request);
    if (response.ok) {
      sent.push(new URL(request.url).pathname.slice(1));
    }
    return response;
  };
  return { ...(await serve({ handler })), sent };
}

/** A visitor of the site: no pattern, no lists, only the local server to ask. */
export function createVisitor(server, clock) {
  return createEngine({ servers: [{ address: server.url, scope: 'local', trust: [server.key] }], parts: { clock, crypto } });
}
