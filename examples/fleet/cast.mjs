/** Who plays: a publisher with its repository, reputation servers that keep themselves up to date, and agents. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../dist/compile.js';
import { createFetchTransport } from '../../dist/index.js';
import { createNodeEngine, createRepository, generateKeyPair, keepServerUpdated, publish } from '../../dist/node.js';
import { createHandler, createNodeCrypto, formatPublicKey, openServerStore, serve } from '../../dist/server.js';

export const components = ['agent-pattern', 'filter', 'server-pattern'];
const crypto = createNodeCrypto();

/** Signs components, and keeps the repository in a directory that any web server can host. */
export async function createPublisher(dir, clock) {
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
    root: join(dir, 'metadata/1.root.json'),
    /** Compiles a feed and publishes what comes of it. */
    async publish(generation, feed, signer = pattern.signer) {
      const made = await compile(feed, { generation, createdAt: clock.now(), signer });
      return publish({
        dir,
        components: [made.agent, made.filter, made.server],
        signers: [snapshot, timestamp, ...Object.values(parts)].map((pair) => pair.signer),
        now: clock.now(),
      });
    },
  };
}

/** A reputation server over a data directory that looks for server patterns every hour. */
export async function createServer({ name, dir, publisher, sources, clock, port }) {
  mkdirSync(dir, { recursive: true });
  const { signer, publicKey } = generateKeyPair();
  const reports = [];
  const updates = await keepServerUpdated({ dataDir: dir, root: publisher.root, sources, trust: [publisher.key], clock, onReport: (report) => reports.push(report) });
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
      running = await serve({ handler: createHandler({ store, crypto, clock, signer, ttlMs: 60_000 }), port: running === undefined ? port : Number(new URL(running.url).port) });
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
export function createAgent({ name, dir, publisher, sources, servers, location, clock }) {
  let here = location;
  const late = [];
  const engine = createNodeEngine(
    {
      dataDir: dir,
      caches: false,
      trust: [publisher.key],
      update: { root: publisher.root, sources },
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
