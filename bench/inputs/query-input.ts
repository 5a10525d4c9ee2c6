/** What query engines are given: loopback servers, and questions of one size. */
import { createHash } from 'node:crypto';
import type { Fingerprint } from '../../src/base/fingerprint.js';
import { createFetchTransport } from '../../src/preset/http/fetch-transport.js';
import { maxAnswerBytes, nonceBytes } from '../../src/protocol/limits.js';
import { encodeQuery } from '../../src/protocol/query-message.js';
import type { Server } from '../../src/query/transport.js';
import type { BenchContext } from '../definition.js';
import type { Loopback } from '../engines/query/loopback.js';
import { startLoopback } from '../engines/query/loopback.js';
import { prefixesOf, seededHashes, seededProbes } from './hashes.js';

/** One question. */
export interface Batch {
  readonly fingerprints: readonly Fingerprint[];
  readonly prefixes: readonly Uint8Array[];
  /** The request, ready to be sent. */
  readonly request: Uint8Array;
  /** Records that the answer has to hold. */
  readonly listed: number;
}

/** Servers and questions. */
export interface QueryInput {
  readonly loopback: Loopback;
  /** Our server. */
  readonly server: Server;
  /** Asked in turn. */
  readonly batches: readonly Batch[];
  /** Bytes of a request, and of an answer on average. */
  readonly sizes: { readonly request: number; readonly answer: number };
}

const serverSeed = 21;

/** Starts the servers and makes the questions; one prefix in ten is listed. */
export async function queryInput(
  context: BenchContext,
  size: { readonly prefixes: number; readonly batches: number; readonly listed: number },
): Promise<QueryInput> {
  const loopback = await startLoopback(context.workerScript, { seed: serverSeed, listed: size.listed });
  const listed = seededHashes(serverSeed, size.listed);
  const probes = seededProbes(22, { listed, count: size.prefixes * size.batches, listedShare: 0.1 });
  const batches = Array.from({ length: size.batches }, (_, i) => {
    const [from, to] = [i * size.prefixes, (i + 1) * size.prefixes];
    return batchOf(probes.fingerprints.slice(from, to), i);
  });
  const isListed = new Set(listed.map((hash) => hash.toString()));
  const withListed = batches.map((batch) => ({ ...batch, listed: batch.fingerprints.filter(({ hash }) => isListed.has(hash.toString())).length }));
  const server: Server = { id: 'loopback', address: loopback.url, scope: 'local' };
  const answer = await meanAnswerBytes(server, withListed.slice(0, 20));
  return { loopback, server, batches: withListed, sizes: { request: batches[0]!.request.length, answer } };
}

/** How round trips answer. */
export function queryAnswer(counts: { readonly roundTrips: number; readonly answers: number; readonly records: number }): string {
  return `${counts.roundTrips} round trips, ${counts.answers} prefixes answered, ${counts.records} listed`;
}

/** Any batch of the input is the one before it after a whole turn. */
export function batchAt({ batches }: QueryInput, index: number): Batch {
  return batches[index % batches.length]!;
}

/** Two of the probes may be the same listed hash: it is asked once. */
function batchOf(all: readonly Fingerprint[], index: number): Omit<Batch, 'listed'> {
  const fingerprints = [...new Map(all.map((one) => [one.hash.toString(), one])).values()];
  const prefixes = prefixesOf(fingerprints);
  const nonce = new Uint8Array(createHash('sha256').update(String(index)).digest()).subarray(0, nonceBytes);
  return { fingerprints, prefixes, request: encodeQuery({ nonce, groups: [{ kind: 'file', algorithm: 'sha256', prefixes }] }) };
}

async function meanAnswerBytes(server: Server, batches: readonly Batch[]): Promise<number> {
  const transport = createFetchTransport();
  let bytes = 0;
  for (const { request } of batches) {
    const reply = await transport.send(request, { server, signal: new AbortController().signal, maxBytes: maxAnswerBytes });
    if (reply.kind !== 'answer') {
      throw new Error(`the loopback server did not answer: ${reply.kind}`);
    }
    bytes += reply.body.length;
  }
  return Math.round(bytes / batches.length);
}
