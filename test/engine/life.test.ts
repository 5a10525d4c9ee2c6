/** Engines that are closed, derived, configured and updated while they work. */
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/base/bytes.js';
import type { StateStore } from '../../src/base/seams.js';
import { bytesSubject } from '../../src/base/subject.js';
import { generateKeyPair } from '../../src/node/node-keys.js';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import { createMemoryState } from '../../src/preset/memory-state.js';
import { formatPublicKey } from '../../src/protocol/keys.js';
import { FakeClock, settle } from '../../src/testing/doubles/fake-clock.js';
import { agentPattern, contentEntry, filterPattern, serverPattern } from '../support/feed.js';
import { createWorld } from '../support/world.js';

const feed = { hashes: [contentEntry('Listed', 'content a')] };
const listed = bytesSubject(toUtf8('content a'));
const servers = [{ address: 'in-process:test', scope: 'local' as const }];

describe('a new configuration', () => {
  it('lets a question end that is between two attempts', async () => {
    const world = await createWorld({ feed });
    world.mood = 'down';
    const checking = world.engine.check(listed);
    await settle();
    await world.engine.configure({ servers, background: 'manual' });
    world.mood = 'up';
    expect((await world.clock.run(checking)).verdict.disposition).toBe('malicious');
    await world.clock.run(world.engine.close());
    expect(world.clock.sleeping).toBe(0);
  });

  it('is refused after the end of the engine', async () => {
    const { engine } = await createWorld({ feed });
    await engine.close();
    await expect(engine.configure({ servers })).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('the end of an engine', () => {
  it('opens no queue any more', async () => {
    let opened = 0;
    const queue = async (): Promise<ReturnType<typeof createMemoryQueue>> => {
      opened++;
      return createMemoryQueue({ clock: new FakeClock() });
    };
    const { engine } = await createWorld({ feed, parts: { queue } });
    await engine.close();
    await expect(engine.pending.counts()).rejects.toMatchObject({ code: 'closed' });
    expect(opened).toBe(0);
  });

  it('comes once, for everybody who asked for it', async () => {
    const { engine } = await createWorld({ feed });
    let closed = 0;
    const both = [engine.close(), engine.close()].map((one) => one.then(() => closed++));
    await Promise.all(both);
    expect(closed).toBe(2);
  });
});

describe('two components installed at once', () => {
  it('end with the newer one in use and kept', async () => {
    const { signer } = generateKeyPair();
    const memory = createMemoryState();
    let writes = 0;
    const state: StateStore = {
      get: (key) => memory.get(key),
      set: async (key, value) => {
        // The older one takes longer to be written.
        for (let turn = writes++ === 0 ? 3 : 0; turn > 0; turn--) {
          await settle();
        }
        await memory.set(key, value);
      },
    };
    const world = await createWorld({
      config: { trust: [formatPublicKey(signer.publicKey)] },
      parts: { state, pattern: [await agentPattern(feed, { generation: 1, signer })] },
    });
    const older = await agentPattern(feed, { generation: 2, signer });
    const newer = await agentPattern(feed, { generation: 3, signer });
    await Promise.allSettled([world.engine.install(older), world.engine.install(newer)]);
    expect(world.engine.status().generations.agent).toBe(3);
  });
});

describe('a newer server generation', () => {
  it('has the filter read again within a minute, not with the next look of the hour', async () => {
    let pattern = [await agentPattern(feed, { generation: 1 }), await filterPattern(feed, { generation: 1 })];
    const world = await createWorld({ feed, config: { background: 'timers' }, parts: { pattern: async () => pattern } });
    await world.clock.run(world.engine.ready());
    await world.clock.advance(1_000);
    world.serve(await serverPattern(feed, { generation: 2 }));
    pattern = [await filterPattern(feed, { generation: 2 })];
    await world.clock.run(world.engine.check(listed));
    await world.clock.advance(60_000);
    expect(world.engine.status().generations.filter).toBe(2);
    await world.engine.close();
  });
});

describe('a host that cannot be kept awake', () => {
  it('gets its results all the same', async () => {
    const background = (): void => {
      throw new Error('the request is over');
    };
    const { engine } = await createWorld({ feed, parts: { background } });
    expect((await engine.check(listed)).verdict.disposition).toBe('malicious');
  });
});

describe('a derived engine', () => {
  it('that was closed checks nothing any more: nobody would drain what it flags', async () => {
    const world = await createWorld({ feed, without: ['filter'] });
    const tenant = world.engine.derive({ name: 'tenant' });
    world.mood = 'down';
    const checking = expect(tenant.check(listed)).rejects.toMatchObject({ code: 'closed' });
    await settle();
    await tenant.close();
    await checking;
    await expect(tenant.check(listed)).rejects.toMatchObject({ code: 'closed' });
    expect(await world.engine.pending.counts()).toMatchObject({ orphaned: 0 });
    expect(world.engine.derive({ name: 'tenant' })).toBeDefined();
  });

  it('is not made of an engine that was closed', async () => {
    const { engine } = await createWorld({ feed });
    await engine.close();
    expect(() => engine.derive({ name: 'tenant' })).toThrow(/closed/);
  });
});

describe('patterns that the host cannot bring at the start', () => {
  it('are asked for again, and what was kept is used meanwhile', async () => {
    const { signer } = generateKeyPair();
    const config = { trust: [formatPublicKey(signer.publicKey)] };
    const state = createMemoryState();
    const before = await createWorld({ config, parts: { state } , without: ['agent', 'filter'] });
    await before.engine.install(await agentPattern(feed, { generation: 4, signer }));
    const filter = await filterPattern(feed, { generation: 1, signer });
    let away = true;
    const pattern = async (): Promise<readonly Uint8Array[]> => {
      if (away) {
        throw new Error('no network');
      }
      return [filter];
    };
    const world = await createWorld({ feed, config: { ...config, background: 'timers' }, parts: { state, pattern } });
    await expect(world.engine.ready()).rejects.toThrow('no network');
    expect(world.engine.status().generations).toMatchObject({ agent: 4 });
    away = false;
    await world.clock.advance(120_000);
    expect(world.engine.status().generations).toMatchObject({ agent: 4, filter: 1 });
    await world.engine.close();
  });
});
