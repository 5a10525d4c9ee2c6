/**
 * No failure becomes clean (DESIGN rule 2): an engine before a server that fails in every way that a network, a
 * middlebox or an attacker can make it fail. Real sockets and real time.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/base/bytes.js';
import { bytesSubject, urlSubject, type Subject } from '../../src/base/subject.js';
import type { Engine } from '../../src/engine/checker.js';
import { createEngine } from '../../src/preset/portable.js';
import { createFetchTransport } from '../../src/preset/http/fetch-transport.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { formatPublicKey, keyId } from '../../src/protocol/keys.js';
import { decodeQuery, encodeQuery } from '../../src/protocol/query-message.js';
import type { Reply, Transport } from '../../src/query/transport.js';
import { agentPattern, contentEntry, filterPattern, literal, urlEntry } from '../support/feed.js';
import { faults, startFaultServer, type Fault, type FaultServer } from '../support/fault-server.js';
import { answerWith, directAnswer, statementAnswer, statementsFor, stranger, trusted } from '../support/wire-fixtures.js';

const crypto = createNodeCrypto();
const now = Date.now();
const feed = {
  signatures: [literal('Local.Marker', 'local-marker')],
  hashes: [contentEntry('Listed', 'listed content'), urlEntry('Bad.Url', 'http://bad.example/')],
};
const generation = 5;
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
let server: FaultServer;
let patterns: Uint8Array[];

/** Everything that a filter sends to the server, of each kind. */
const subjects: readonly Subject[] = [bytesSubject(toUtf8('listed content')), urlSubject('http://bad.example/')];

const statements = (request: Uint8Array, changes = {}): Uint8Array[] =>
  statementsFor(decodeQuery(request), { generation, issuedAt: Date.now(), expiresAt: Date.now() + 3_600_000, records: [], ...changes });
const honest = (request: Uint8Array): Promise<Uint8Array> => directAnswer(request, statements(request));

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  server = await startFaultServer(honest);
  const options = { generation, createdAt: now, expiresAt: now + 86_400_000 };
  patterns = [await agentPattern(feed, options), await filterPattern(feed, options)];
});

afterAll(async () => {
  await server.close();
  process.off('unhandledRejection', onUnhandled);
});

function engineBefore(transport: Transport = createFetchTransport()): Engine {
  return createEngine({
    servers: [{ address: server.address, scope: 'local', trust: [formatPublicKey(trusted.publicKey)] }],
    query: { holdMs: 300, perServerMs: 120 },
    background: 'manual',
    parts: { pattern: patterns, transport, crypto },
  });
}

async function expectUnverified(engine: Engine, reasons: readonly string[]): Promise<void> {
  for (const subject of subjects) {
    const { verdict, pending, decision } = await engine.check(subject);
    expect(verdict).toMatchObject({ disposition: 'unknown', threats: [] });
    expect(reasons).toContain(verdict.reason);
    expect(pending.kind).toBe('queued');
    expect(decision).toEqual({ access: 'allow', remedy: 'none' });
  }
  // What the machine can prove by itself is not held up by any of this.
  expect((await engine.check(bytesSubject(toUtf8('a local-marker')))).verdict.disposition).toBe('malicious');
  expect(await engine.pending.counts()).toMatchObject({ dead: 0 });
  await engine.close();
}

describe('before a server that fails', () => {
  it('control: an honest server is believed, and its "not listed" is clean', async () => {
    server.fault = undefined;
    const engine = engineBefore();
    for (const subject of subjects) {
      expect((await engine.check(subject)).verdict).toMatchObject({ disposition: 'clean', source: 'query' });
    }
    await engine.close();
    await server.allClosed();
  });

  it.each(faults.map((fault) => [fault.name, fault] as const))('nothing becomes clean and everything is flagged: %s', async (name, fault: Fault) => {
    server.fault = fault;
    await expectUnverified(engineBefore(), /503|429/.test(name) ? ['throttled'] : ['unreachable', 'bad-answer']);
    await server.allClosed();
    expect(server.elsewhereRequests).toBe(0);
    expect(unhandled).toEqual([]);
  });

  it('nobody listens at all', async () => {
    const gone = await startFaultServer(honest);
    const { address } = gone;
    await gone.close();
    const engine = createEngine({
      servers: [{ address, scope: 'local', trust: [formatPublicKey(trusted.publicKey)] }],
      query: { holdMs: 300, perServerMs: 120 },
      background: 'manual',
      parts: { pattern: patterns, crypto },
    });
    await expectUnverified(engine, ['unreachable']);
  });
});

describe('before a server that lies', () => {
  const lies: readonly (readonly [string, string, (request: Uint8Array) => Uint8Array | Promise<Uint8Array>])[] = [
    ['signed by a key that is not trusted', 'bad-answer', (request) => directAnswer(request, statements(request), stranger)],
    ['not signed at all', 'bad-answer', (request) => answerWith(request, { kind: 'none' }, statements(request))],
    ['the answer to another request about the same prefixes', 'bad-answer', (request) => {
      const other = encodeQuery({ ...decodeQuery(request), nonce: new Uint8Array(16).fill(7) });
      return directAnswer(other, statements(request));
    }],
    ['about a prefix that was not asked', 'bad-answer', (request) => directAnswer(request, statements(request, { prefix: Uint8Array.of(9, 9, 9, 9) }))],
    ['of an older generation', 'server-behind', (request) => directAnswer(request, statements(request, { generation: generation - 1 }))],
    ['without a statement for what was asked', 'bad-answer', (request) => directAnswer(request, [])],
    ['statements that have expired', 'bad-answer', (request) => statementAnswer(request, statements(request, { issuedAt: now - 7_200_000, expiresAt: now - 3_600_000 }))],
    ['statements of another key', 'bad-answer', (request) => statementAnswer(request, statements(request, { keyId: keyId(stranger.publicKey, crypto) }), stranger)],
    ['one record with a disposition that does not exist', 'bad-answer', (request) => directAnswer(request, statements(request).map((bytes) => bytes.subarray(0, -2)))],
  ];

  it.each(lies)('%s: %s', async (_name, reason, lie) => {
    const send = async (body: Uint8Array): Promise<Reply<Uint8Array>> => ({ kind: 'answer', body: await lie(body) });
    const transport: Transport = { schemes: { http: 'plain' }, send };
    await expectUnverified(engineBefore(transport), [reason, ...(reason === 'bad-answer' ? ['unreachable'] : [])]);
    expect(unhandled).toEqual([]);
  });

  it('would be believed without the signature check, and these tests would notice (sabotage)', async () => {
    const send = async (body: Uint8Array): Promise<Reply<Uint8Array>> => ({ kind: 'answer', body: await forged(body) });
    const forged = (body: Uint8Array): Promise<Uint8Array> => directAnswer(body.map((byte, i) => (i === 5 ? byte ^ 1 : byte)), statements(body));
    const engine = createEngine({
      servers: [{ address: server.address, scope: 'local', trust: [formatPublicKey(trusted.publicKey)] }],
      background: 'manual',
      parts: { pattern: patterns, crypto: { ...crypto, verify: () => true }, transport: { schemes: { http: 'plain' }, send } },
    });
    await expect(expectUnverified(engine, ['bad-answer'])).rejects.toThrow();
    await engine.close();
  });
});
