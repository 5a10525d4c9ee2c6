/**
 * Keys of a server that come and go, through a whole engine: announced by a list, ended by their time, revoked, and
 * remembered over a restart. Only answers by a key that counts now are believed; everything else is flagged.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Clock, Crypto, Signer, StateStore } from '../../src/base/seams.js';
import { digestSubject } from '../../src/base/subject.js';
import type { Engine } from '../../src/engine/checker.js';
import type { ServerConfig } from '../../src/engine/options.js';
import { createFileStateStore } from '../../src/node/files/file-state-store.js';
import { generateKeyPair } from '../../src/node/node-keys.js';
import { createInProcessTransport } from '../../src/preset/http/in-process-transport.js';
import { createMemoryState } from '../../src/preset/memory-state.js';
import { createEngine } from '../../src/preset/portable.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { createKeyList } from '../../src/protocol/key-list.js';
import type { TrustedKey } from '../../src/protocol/key-ring.js';
import { formatPublicKey } from '../../src/protocol/keys.js';
import { createHandler } from '../../src/server/handler.js';
import { createMemoryStore } from '../../src/server/memory-store.js';
import type { ReputationStore } from '../../src/server/reputation-store.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { contentEntry, crypto, serverPattern } from '../support/feed.js';
import { tempDir } from '../support/temp-dir.js';

const hourMs = 3_600_000;
const graceMs = 300_000;
const signers = Array.from({ length: 5 }, () => generateKeyPair().signer);
const [old, next, list, secondList, stranger] = signers as [Signer, Signer, Signer, Signer, Signer];
const textOf = ({ publicKey }: Signer): string => formatPublicKey(publicKey);
/** As many as are asked about: a file that was found once serves as a find while nobody answers. */
const entries = Array.from({ length: 40 }, (_, n) => contentEntry('Listed', `listed content ${n}`, { sized: false }));
const folder = tempDir('server-keys');

let clock: FakeClock;
let state: StateStore;
let store: ReputationStore;
let asked: number;
/** What the server does now. */
let server: { signer: Signer; keyList: Uint8Array | undefined };

beforeEach(async () => {
  clock = new FakeClock();
  state = createMemoryState();
  asked = 0;
  server = { signer: old, keyList: undefined };
  store = createMemoryStore(await serverPattern({ hashes: entries }, { generation: 5, expiresAt: clock.now() + 100 * 24 * hourMs }), { crypto });
});

function engine(config: Partial<ServerConfig> = {}, changes: Partial<Crypto> = {}, time: Clock = clock): Engine {
  const transport = createInProcessTransport(async (request) => {
    const { signer, keyList } = server;
    return createHandler({ store, crypto, clock: time, signer, ttlMs: 0, keyList: () => keyList })(request);
  }, { clock: time });
  return createEngine({
    servers: [{ address: 'in-process:here', scope: 'local', trust: [textOf(old)], listKeys: [textOf(list)], ...config }],
    background: 'manual',
    parts: { clock: time, state, transport, crypto: { ...crypto, ...changes } },
  });
}

/** What the engine makes of the next listed file: `believed`, or why it does not know. */
async function ask(of: Engine): Promise<string> {
  const { verdict, pending } = await clock.run(of.check(digestSubject(entries[asked++]!.hash), { layers: 'remote' }));
  if (verdict.disposition !== 'unknown') {
    return verdict.threats[0]?.name === 'Listed' ? 'believed' : verdict.disposition;
  }
  return `${verdict.reason}, ${pending.kind}`;
}

async function drained(of: Engine): Promise<string[]> {
  const found: string[] = [];
  for await (const { verdict } of of.pending.drain()) {
    found.push(verdict.disposition);
  }
  return found;
}

const refused = 'bad-answer, queued';

function listOf(sequence: number, keys: readonly (Signer | (Omit<TrustedKey, 'publicKey'> & { readonly is: Signer }))[], by: readonly Signer[] = [list]): Promise<Uint8Array> {
  const listed = keys.map((one): TrustedKey => ('is' in one ? { ...one, publicKey: one.is.publicKey } : { publicKey: one.publicKey }));
  return createKeyList({ sequence, keys: listed, signers: by, crypto });
}

describe('keys that a list announces and revokes', () => {
  it('a new key that the list announces is believed, and what was flagged before is settled by it', async () => {
    const one = engine();
    expect(await ask(one)).toBe('believed');
    server.signer = next;
    expect(await ask(one)).toBe(refused);
    server.keyList = await listOf(1, [old, next]);
    await clock.advance(61_000);
    expect(await clock.run(drained(one))).toEqual(['malicious']);
    expect(await ask(one)).toBe('believed');
    server.signer = old;
    expect(await ask(one)).toBe('believed');
    await one.close();
  });

  it('a key that a list leaves out or revokes is believed no more, not even after a restart without any list', async () => {
    for (const keys of [[next], [next, { is: old, revoked: true }]]) {
      state = createMemoryState();
      const one = engine();
      server.keyList = await listOf(1, keys);
      await ask(one);
      expect(await ask(one)).toBe(refused);
      await one.close();
      server.keyList = undefined;
      const restarted = engine();
      expect(await ask(restarted)).toBe(refused);
      server.signer = next;
      expect(await ask(restarted)).toBe('believed');
      server.signer = old;
      await restarted.close();
    }
  });

  it('a revoked key stays revoked where a later list names it as a good one', async () => {
    const one = engine();
    server.keyList = await listOf(1, [next, { is: old, revoked: true }]);
    await ask(one);
    server.keyList = await listOf(2, [next, old]);
    await clock.advance(hourMs + 1);
    await ask(one);
    expect(await ask(one)).toBe(refused);
    server.signer = next;
    // Three refused answers have opened the breaker.
    await clock.advance(6_000);
    expect(await ask(one)).toBe('believed');
    await one.close();
  });

  it('a list that goes back is not taken, before a restart and after it', async () => {
    server.keyList = await listOf(2, [old]);
    const one = engine();
    await ask(one);
    server.keyList = await listOf(1, [next]);
    server.signer = next;
    await clock.advance(hourMs + 1);
    expect(await ask(one)).toBe(refused);
    await one.close();
    const restarted = engine();
    expect(await ask(restarted)).toBe(refused);
    await clock.advance(hourMs + 1);
    expect(await ask(restarted)).toBe(refused);
    server.signer = old;
    expect(await ask(restarted)).toBe('believed');
    await restarted.close();
  });

  it('a restart without its memory begins with the configured keys: then a list that goes back is taken (why there is a store)', async () => {
    server.keyList = await listOf(2, [old]);
    const one = engine();
    await ask(one);
    await one.close();
    state = createMemoryState();
    server.keyList = await listOf(1, [next]);
    server.signer = next;
    expect(await ask(engine())).toBe('believed');
  });

  it('as many list keys have to sign as the configuration says', async () => {
    const config = { listKeys: [textOf(list), textOf(secondList)], listThreshold: 2 };
    server.signer = next;
    server.keyList = await listOf(1, [next]);
    expect(await ask(engine(config))).toBe(refused);
    server.keyList = await listOf(1, [next], [list, secondList]);
    expect(await ask(engine(config))).toBe('believed');
  });

  it('what was taken is kept in files, and counts in the next process', async () => {
    state = createFileStateStore({ dir: folder });
    server.keyList = await listOf(1, [next]);
    server.signer = next;
    // Files take their time: by a clock that runs on while one is read, nobody would wait for them.
    const one = engine({}, {}, createSystemClock());
    expect(await ask(one)).toBe('believed');
    await one.close();
    server.keyList = undefined;
    state = createFileStateStore({ dir: folder });
    const restarted = engine({}, {}, createSystemClock());
    expect(await ask(restarted)).toBe('believed');
    await restarted.close();
  });

  it('a list by a stranger is refused, and a client that checks no signature is found to take it (sabotage)', async () => {
    server.keyList = await listOf(1, [stranger], [stranger]);
    server.signer = stranger;
    expect(await ask(engine())).toBe(refused);
    server.keyList = Buffer.from(await listOf(1, [stranger]));
    server.keyList[server.keyList.length - 1]! ^= 1;
    expect(await ask(engine())).toBe(refused);
    expect(await ask(engine({}, { verify: () => true }))).toBe('believed');
  });
});

describe('keys with a time', () => {
  it('a key counts from 5 minutes before its beginning on', async () => {
    const beginning = clock.now() + hourMs;
    const one = engine({ listKeys: [], keyTimes: { [textOf(old)]: { notBefore: beginning } } });
    clock.jumpWall(hourMs - graceMs - 1);
    expect(await ask(one)).toBe(refused);
    clock.jumpWall(beginning - graceMs - clock.now());
    expect(await ask(one)).toBe('believed');
    await one.close();
  });

  it('a key counts until 5 minutes after its end', async () => {
    const end = clock.now() + hourMs;
    const one = engine({ listKeys: [], keyTimes: { [textOf(old)]: { notAfter: end } } });
    clock.jumpWall(hourMs + graceMs);
    expect(await ask(one)).toBe('believed');
    clock.jumpWall(end + graceMs + 1 - clock.now());
    expect(await ask(one)).toBe(refused);
    await one.close();
  });

  it('two keys take turns without a gap', async () => {
    const turn = clock.now() + hourMs;
    const one = engine({ trust: [textOf(old), textOf(next)], listKeys: [], keyTimes: { [textOf(old)]: { notAfter: turn }, [textOf(next)]: { notBefore: turn } } });
    await clock.advance(hourMs - graceMs);
    for (const signer of [old, next]) {
      server.signer = signer;
      expect(await ask(one)).toBe('believed');
    }
    await clock.advance(2 * graceMs + 1);
    expect(await ask(one)).toBe('believed');
    server.signer = old;
    expect(await ask(one)).toBe(refused);
    await one.close();
  });

  it('times of a list are heeded as those of the configuration are', async () => {
    server.keyList = await listOf(1, [{ is: old, notAfter: clock.now() + hourMs }, { is: next, notBefore: clock.now() + hourMs }]);
    const one = engine();
    expect(await ask(one)).toBe('believed');
    server.signer = next;
    expect(await ask(one)).toBe(refused);
    await clock.advance(hourMs);
    expect(await ask(one)).toBe('believed');
    server.signer = old;
    await clock.advance(graceMs + 1);
    expect(await ask(one)).toBe(refused);
    await one.close();
  });

  it.each([
    ['times of a key that is not trusted', { keyTimes: { [textOf(next)]: { notAfter: 1 } } }],
    ['a list key that answers as well', { listKeys: [textOf(old)] }],
    ['a threshold that the list keys cannot meet', { listThreshold: 2 }],
  ])('refuses %s', (_, config) => {
    expect(() => engine(config)).toThrow(expect.objectContaining({ code: 'config-invalid' }));
  });
});
