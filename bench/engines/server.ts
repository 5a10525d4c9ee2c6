/** Server engines: a redis-server that holds the same prefixes, and our server asked by a bare HTTP client and by a source. */
import { once } from 'node:events';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { createUndiciTransport } from '../../src/node/undici/create-undici-transport.js';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { decodeAnswer } from '../../src/protocol/answer-message.js';
import { decodeStatement } from '../../src/protocol/statement.js';
import { createWireSource } from '../../src/query/wire/wire-source.js';
import type { Engine } from '../definition.js';
import { running } from '../definition.js';
import { askInLanes, requestsOf, rightAnswer, serverAnswer, type ServerInput, type ServerOutput } from '../inputs/server-input.js';
import { writeHash } from '../inputs/synthetic-pattern.js';
import { importPeer, peerVersion } from '../peers.js';
import { bareClient } from '../server/bare-client.js';
import { startRedis } from './query/redis.js';

/** The part of ioredis that is used. */
interface Redis {
  mget(keys: readonly Buffer[]): Promise<readonly (string | null)[]>;
  mset(pairs: readonly (Buffer | string)[]): Promise<unknown>;
  disconnect(): void;
}

/** As many bytes as our server says about a record. */
const value = 'x'.repeat(60);
const fillSize = 1_000;
const fillAtOnce = 16;

/** MGET over one connection, which ioredis fills with as many commands as there are. */
export const redisMget: Engine<ServerInput> = {
  name: 'ioredis',
  version: peerVersion('ioredis'),
  async start(input) {
    const { Redis: Client } = await importPeer<{ readonly Redis: new (port: number, host: string) => Redis }>('ioredis');
    const server = await startRedis();
    const redis = new Client(server.port, '127.0.0.1');
    await fill(redis, input.files.records);
    const keys = input.questions.map(({ prefixes }) => prefixes.map((prefix) => Buffer.from(prefix)));
    return running({
      run: (amount) =>
        askInLanes(input, amount, async (index) => {
          const values = await redis.mget(keys[index]!);
          return { answered: values.length, listed: values.filter((one) => one !== null).length };
        }),
      answer: serverAnswer,
      close: async () => {
        redis.disconnect();
        server.child.kill('SIGKILL');
        await once(server.child, 'exit');
      },
    });
  },
};

async function fill(redis: Redis, records: number): Promise<void> {
  let next = 0;
  const hash = new Uint8Array(32);
  const lane = async (): Promise<void> => {
    while (next < records) {
      const pairs: (Buffer | string)[] = [];
      for (const end = Math.min(records, next + fillSize); next < end; next++) {
        writeHash(hash, 0, { i: next, records });
        pairs.push(Buffer.from(hash.subarray(0, 4)), value);
      }
      await redis.mset(pairs);
    }
  };
  await Promise.all(Array.from({ length: fillAtOnce }, lane));
}

/** Of so many questions the answers to one are kept and read after the pass. Were all kept, the client would be busy with its memory. */
const readOne = 20;

/** What our server does, and a client that only moves bytes. */
export const bareUndici: Engine<ServerInput> = {
  name: 'vedette, bytes taken',
  async start(input) {
    const client = await bareClient(input.server.url, input.atOnce);
    const requests = requestsOf(input);
    return running({
      run: async (amount) => {
        const read: Uint8Array[] = [];
        const { questions } = await askInLanes(input, amount, async (index) => {
          const answer = await client.post(requests[index]!);
          if (index % readOne === 0) {
            read.push(answer);
          }
          return { answered: 0, listed: 0 };
        });
        return { questions, read };
      },
      answer: ({ questions, read }) => serverAnswer({ questions, ...countAnswers(read) }),
      close: () => client.close(),
    });
  },
  expected: (input, amount) => rightAnswer(input, amount, (index) => index % readOne === 0),
};

function countAnswers(read: readonly Uint8Array[]): Omit<ServerOutput, 'questions'> {
  const statements = read.flatMap((bytes) => decodeAnswer(bytes).statements.map((one) => decodeStatement(one)));
  return { answered: statements.length, listed: statements.filter((one) => one.kind === 'understood' && one.statement.records.length > 0).length };
}

/** The source: every signature verified, every statement read and matched to what was asked. */
export const verifyingSource: Engine<ServerInput> = {
  name: 'vedette, answers verified',
  async start(input) {
    const transport = await createUndiciTransport({ connections: input.atOnce });
    const source = createWireSource({
      transport,
      server: { id: 'server', address: input.server.url, scope: 'local' },
      trust: [input.files.publicKey],
      crypto: createNodeCrypto(),
      clock: createSystemClock(),
    });
    return running({
      run: (amount) =>
        askInLanes(input, amount, async (index) => {
          const hashes = input.questions[index]!.prefixes;
          const reply = await source.lookup({ kind: 'file', algorithm: 'sha256', hashes }, { signal: new AbortController().signal });
          const answers = reply.kind === 'answer' ? reply.body.answers : [];
          return { answered: answers.length, listed: answers.filter((one) => one.records.length > 0).length };
        }),
      answer: serverAnswer,
      close: () => transport.close(),
    });
  },
};

