/** Keys that come and go by the list that a server hands out: announced, revoked, remembered, and never made up. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Signer, StateStore } from '../../src/base/seams.js';
import { createInProcessTransport } from '../../src/preset/http/in-process-transport.js';
import { createMemoryState } from '../../src/preset/memory-state.js';
import { generateKeyPair } from '../../src/node/node-keys.js';
import { createKeyList, keyListPath } from '../../src/protocol/key-list.js';
import { createKeyRing } from '../../src/protocol/key-ring.js';
import type { ReputationSource } from '../../src/query/reputation-source.js';
import { createKeyListSource } from '../../src/query/wire/key-list-source.js';
import { createWireSource } from '../../src/query/wire/wire-source.js';
import { createHandler } from '../../src/server/handler.js';
import { createMemoryStore } from '../../src/server/memory-store.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { contentEntry, crypto, serverPattern } from '../support/feed.js';

const hourMs = 3_600_000;
const [old, next, list, stranger] = Array.from({ length: 4 }, () => generateKeyPair().signer) as [Signer, Signer, Signer, Signer];
const entry = contentEntry('Listed', 'listed content');
const question = { kind: 'file', algorithm: 'sha256', hashes: [entry.hash.slice(0, 4)] } as const;

let clock: FakeClock;
let state: StateStore;
/** What the server does now. */
let server: { signer: Signer; keyList: Uint8Array | undefined; looks: number };

beforeEach(() => {
  clock = new FakeClock();
  state = createMemoryState();
  server = { signer: old, keyList: undefined, looks: 0 };
});

async function source(): Promise<ReputationSource> {
  const pattern = await serverPattern({ hashes: [entry] }, { generation: 5, createdAt: clock.now(), expiresAt: clock.now() + 90 * 24 * hourMs });
  const store = createMemoryStore(pattern, { crypto });
  const transport = createInProcessTransport(async (request) => {
    server.looks += new URL(request.url).pathname === keyListPath ? 1 : 0;
    return createHandler({ store, crypto, clock, signer: server.signer, keyList: () => server.keyList })(request);
  });
  const ring = createKeyRing({ keys: [old.publicKey], listKeys: [list.publicKey], crypto });
  const at = { id: 'here', address: 'in-process:here', scope: 'local' } as const;
  return createKeyListSource(createWireSource({ transport, server: at, trust: ring, crypto, clock }), { ring, transport, server: at, clock, state });
}

const kindOf = async (of: ReputationSource): Promise<string> => {
  const reply = await of.lookup(question, { signal: new AbortController().signal });
  return reply.kind === 'failed' ? `failed: ${reply.detail}` : reply.kind;
};

const listOf = (sequence: number, keys: readonly { readonly signer: Signer; readonly revoked?: boolean }[], by = list): Promise<Uint8Array> =>
  createKeyList({ sequence, keys: keys.map(({ signer, revoked }) => ({ publicKey: signer.publicKey, revoked })), signers: [by], crypto });

describe('a source whose server hands out a key list', () => {
  it('asks again with the new key where an answer was refused, so that nobody waits for a rotation', async () => {
    const one = await source();
    expect(await kindOf(one)).toBe('answer');
    server.keyList = await listOf(1, [{ signer: old }, { signer: next }]);
    server.signer = next;
    await clock.advance(61_000);
    expect(await kindOf(one)).toBe('answer');
  });

  it('looks for a newer list every hour: a key that is revoked counts no more', async () => {
    const one = await source();
    server.keyList = await listOf(1, [{ signer: next }, { signer: old, revoked: true }]);
    expect(await kindOf(one)).toMatch(/answer|failed/);
    await clock.advance(hourMs + 1);
    await kindOf(one);
    expect(await kindOf(one)).toMatch(/failed: .*revoked/);
  });

  it('remembers what was revoked over a restart, from a server that hands out nothing any more', async () => {
    server.keyList = await listOf(1, [{ signer: next }, { signer: old, revoked: true }]);
    await kindOf(await source());
    await kindOf(await source());
    server.keyList = undefined;
    expect(await kindOf(await source())).toMatch(/failed: .*revoked/);
  });

  it.each([
    ['signed by a stranger', () => listOf(1, [{ signer: stranger }], stranger)],
    ['signed by a key that signs answers', () => listOf(1, [{ signer: stranger }], old)],
    ['that is none', () => Promise.resolve(Uint8Array.of(1, 2, 3))],
    ['of 20 kB', () => Promise.resolve(new Uint8Array(20_000))],
  ])('takes no list %s', async (_, make) => {
    server.keyList = await make();
    server.signer = stranger;
    const one = await source();
    expect(await kindOf(one)).toMatch(/failed: .*unknown/);
    server.signer = old;
    expect(await kindOf(one)).toBe('answer');
  });

  it('goes not back to an earlier list', async () => {
    const first = await listOf(1, [{ signer: next }]);
    server.keyList = await listOf(2, [{ signer: old }]);
    const one = await source();
    await kindOf(one);
    server.keyList = first;
    server.signer = next;
    await clock.advance(hourMs + 1);
    expect(await kindOf(one)).toMatch(/failed/);
    expect(await kindOf(one)).toMatch(/failed/);
  });

  it('looks once a minute at most, however many answers are refused', async () => {
    server.signer = stranger;
    const one = await source();
    for (let i = 0; i < 50; i++) {
      await kindOf(one);
      await clock.advance(1_000);
    }
    expect(server.looks).toBe(1);
    await clock.advance(30_000);
    await kindOf(one);
    expect(server.looks).toBe(2);
  });

  it('says 404 without a list, and 405 to other methods', async () => {
    const handler = createHandler({ store: createMemoryStore(await serverPattern({ hashes: [] }, { generation: 5 }), { crypto }), crypto, clock, keyList: () => server.keyList });
    const ask = async (method: string): Promise<number> => (await handler(new Request(`http://a.example${keyListPath}`, { method }))).status;
    expect([await ask('GET'), await ask('POST'), await ask('DELETE')]).toEqual([404, 404, 405]);
    server.keyList = await listOf(1, [{ signer: old }]);
    expect([await ask('GET'), await ask('POST')]).toEqual([200, 200]);
  });
});
