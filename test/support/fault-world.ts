/**
 * What the fault table is about: subjects that only a server can tell, the package's own server that can, and engines
 * that ask it through a fault. The faults get their honest answers from that server over a socket of its own.
 */
import { toHex, toUtf8 } from '../../src/base/bytes.js';
import type { Crypto } from '../../src/base/seams.js';
import { bytesSubject, urlSubject, type Subject } from '../../src/base/subject.js';
import type { Engine } from '../../src/engine/checker.js';
import { createUndiciTransport } from '../../src/node/undici/create-undici-transport.js';
import { createFetchTransport } from '../../src/preset/http/fetch-transport.js';
import { createEngine } from '../../src/preset/portable.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { formatPublicKey } from '../../src/protocol/keys.js';
import { contentType, queryPath } from '../../src/protocol/messages.js';
import type { Transport } from '../../src/query/transport.js';
import { loadKernelSync } from '../../src/scan/kernel/load-kernel.js';
import { createHandler } from '../../src/server/handler.js';
import { createMemoryStore } from '../../src/server/memory-store.js';
import { serve } from '../../src/server/node/serve.js';
import { agentPattern, contentEntry, crypto, filterPattern, literal, serverPattern, urlEntry } from './feed.js';
import type { Honest } from './fault-server.js';
import { trusted } from './wire-fixtures.js';

/** A subject and what an honest server makes of it. */
export interface Case {
  readonly name: string;
  readonly subject: Subject;
  /** Hex, as results have it. */
  readonly sha256: string;
  readonly truth: 'malicious' | 'clean';
}

function fileCase(name: string, content: string, truth: Case['truth']): Case {
  return { name, subject: bytesSubject(toUtf8(content)), sha256: toHex(contentEntry(name, content).hash), truth };
}

function urlCase(name: string, url: string, truth: Case['truth']): Case {
  return { name, subject: urlSubject(url), sha256: toHex(urlEntry(name, url).hash), truth };
}

/** Every one of them is in the filter: none can be told without the server. */
export const cases: readonly Case[] = [
  fileCase('a listed file', 'listed content', 'malicious'),
  fileCase('a file that is listed no more', 'content of before', 'clean'),
  urlCase('a listed URL', 'http://bad.example/', 'malicious'),
  urlCase('a URL that is listed no more', 'http://was-bad.example/', 'clean'),
];

/** Told by the local pattern, whatever a server does. */
export const localCases: readonly Case[] = [
  fileCase('a local find', 'a local-marker', 'malicious'),
  fileCase('a file in no filter', 'nobody knows it', 'clean'),
];

/** Time that a question may take in all, and at one server (ms). */
export const holdMs = 600;
const perServerMs = 350;

const generation = 5;
const listed = [contentEntry('Listed', 'listed content'), urlEntry('Bad.Url', 'http://bad.example/')];
const before = [contentEntry('Gone', 'content of before'), urlEntry('Gone.Url', 'http://was-bad.example/')];

/** Transports of the table. */
export type Way = 'fetch' | 'undici';

/** The world of the table. */
export interface FaultWorld {
  readonly honest: Honest;
  /** The same without a socket, where sockets are counted. */
  readonly honestHere: Honest;
  /** An engine that asks under an address; whoever takes it closes the transport. With `changes` its crypto is sabotaged. */
  engine(address: string, transport: Transport, changes?: Partial<Crypto>): Engine;
  transport(way: Way, options?: Parameters<typeof createUndiciTransport>[0]): Promise<Transport>;
  close(): Promise<void>;
}

/** Starts the honest server. */
export async function createFaultWorld(): Promise<FaultWorld> {
  const now = Date.now();
  const options = { generation, createdAt: now, expiresAt: now + 86_400_000 };
  const store = createMemoryStore(await serverPattern({ hashes: listed }, options), { crypto });
  const handler = createHandler({ store, crypto, clock: createSystemClock(), signer: trusted });
  const server = await serve({ handler, limits: { closeGraceMs: 0 } });
  // One for all engines: compiling it takes longer than most lines of the table.
  const kernel = loadKernelSync();
  const upstream = await createUndiciTransport({ env: {}, connections: 64 });
  const pattern = [
    await agentPattern({ signatures: [literal('Local.Marker', 'local-marker')] }, options),
    await filterPattern({ hashes: [...listed, ...before] }, options),
  ];
  return {
    honest: async (request) => {
      const how = { server: { id: 'honest', address: server.url, scope: 'local' }, signal: new AbortController().signal, maxBytes: 1_000_000 } as const;
      const reply = await upstream.send(request, how);
      if (reply.kind !== 'answer') {
        throw new Error('the honest server has no answer');
      }
      return reply.body;
    },
    honestHere: async (body) => {
      const headers = { 'content-type': contentType };
      const response = await handler(new Request(server.url + queryPath, { method: 'POST', headers, body: new Uint8Array(body) }));
      return new Uint8Array(await response.arrayBuffer());
    },
    engine: (address, transport, changes) =>
      createEngine({
        servers: [{ address, scope: 'local', trust: [formatPublicKey(trusted.publicKey)] }],
        query: { holdMs, perServerMs },
        pending: { drainPerSecond: 10_000, drainBurst: 10_000 },
        background: 'manual',
        parts: { pattern, transport, kernel, crypto: { ...crypto, ...changes } },
      }),
    transport: async (way, more) => (way === 'fetch' ? createFetchTransport() : createUndiciTransport({ env: {}, ...more })),
    close: async () => {
      await upstream.close();
      await server.close();
    },
  };
}
