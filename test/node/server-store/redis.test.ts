import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HashEntry } from '../../../src/pattern/hash-entry.js';
import { createNodeCrypto } from '../../../src/node/node-crypto.js';
import { connectRedis, type RedisConnection } from '../../../src/node/redis.js';
import { fillRedisStore } from '../../../src/node/server-store/fill-redis-store.js';
import { importServerPattern } from '../../../src/node/server-store/import-server-pattern.js';
import { openRedisStore, type RedisStore } from '../../../src/node/server-store/redis-store.js';
import { describeReputationStore } from '../../../src/testing/suites/store-suite.js';
import { redisMissing, startRedis, type RedisServer } from '../../support/redis.js';
import { serverPattern } from '../../support/server-fixtures.js';
import { tempDir } from '../../support/temp-dir.js';

const dir = tempDir('redis');
let made = 0;

async function fill(redis: RedisConnection, of: { readonly entries: readonly HashEntry[]; readonly generation: number; readonly namespace: string }): Promise<void> {
  const at = join(dir, `s${made++}`);
  await writeFile(`${at}.vsp`, await serverPattern(of.entries, of.generation));
  await importServerPattern({ file: `${at}.vsp`, dir: at, crypto: createNodeCrypto(), trust: [] });
  await fillRedisStore({ redis, dir: at, namespace: of.namespace, graceMs: 0 });
}

const entry = (head: number, name: string): HashEntry => ({
  kind: 'file', algorithm: 'sha256', hash: new Uint8Array(32).fill(head), disposition: 'malicious', threat: { name, type: 't' },
});

for (const cluster of [false, true]) {
  describe.skipIf(redisMissing !== undefined)(`a store in a real ${cluster ? 'Redis Cluster' : 'Redis'}${redisMissing === undefined ? '' : ` (skipped: ${redisMissing})`}`, () => {
    let server: RedisServer;
    let redis: RedisConnection;
    beforeAll(async () => {
      server = await startRedis({ cluster, dir });
      redis = await connectRedis({ urls: [server.url], cluster });
    });
    afterAll(async () => {
      await redis.close();
      await server.stop();
    });

    describeReputationStore({ describe, it }, {
      name: cluster ? 'Redis Cluster' : 'Redis',
      create: async ({ entries, generation }): Promise<RedisStore> => {
        const namespace = `suite${made}`;
        await fill(redis, { entries, generation, namespace });
        return openRedisStore({ redis, namespace });
      },
      dispose: (store) => (store as RedisStore).close(),
    });

    it('goes over to a newer generation, and never answers from what was removed', async () => {
      await fill(redis, { entries: [entry(1, 'Old')], generation: 1, namespace: 'n' });
      const store = await openRedisStore({ redis, namespace: 'n', pollMs: 1_000_000 });
      await fill(redis, { entries: [entry(1, 'New'), entry(2, 'Two')], generation: 2, namespace: 'n' });
      const [records] = await store.lookup('file', 'sha256', [new Uint8Array(4).fill(1)]);
      expect(records?.[0]?.threats[0]?.name).toBe('New');
      expect([store.generation, store.entries]).toEqual([2, 2]);
      await store.close();
    });

    it('says so when nothing was imported, or what is there is no record', async () => {
      const damaged = expect.objectContaining({ code: 'store-damaged' }) as Error;
      await expect(openRedisStore({ redis, namespace: 'nobody' })).rejects.toThrow(damaged);
      await fill(redis, { entries: [entry(1, 'A')], generation: 1, namespace: 'bad' });
      const store = await openRedisStore({ redis, namespace: 'bad' });
      const [pointer] = await redis.run([['GET', 'bad:current']]);
      const { epoch } = JSON.parse(String(pointer)) as { epoch: string };
      await redis.run([['HSET', `bad:{0-0}:${epoch}`, new Uint8Array(4).fill(1), '[["zz"]]']]);
      await expect(store.lookup('file', 'sha256', [new Uint8Array(4).fill(1)])).rejects.toThrow(damaged);
      await store.close();
    });
  });
}

it('a server that is not there is a failed transport, at once', async () => {
  await expect(connectRedis({ urls: ['redis://127.0.0.1:1'], timeoutMs: 200 })).rejects.toThrow(expect.objectContaining({ code: 'transport-failed' }) as Error);
});
