/** The baseline of the link bench: a real redis-server in a process of its own, asked by ioredis (MGET, or GET for one). */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { hashPrefix } from '../../../src/base/fingerprint.js';
import type { Engine } from '../../definition.js';
import { Unavailable, running } from '../../definition.js';
import type { LinkInput } from '../../inputs/link-input.js';
import { askMany, linkAnswer } from '../../inputs/link-input.js';
import { importPeer, peerVersion } from '../../peers.js';

/** The part of ioredis that is used. */
interface Redis {
  get(key: Buffer): Promise<string | null>;
  mget(keys: readonly Buffer[]): Promise<readonly (string | null)[]>;
  mset(pairs: readonly (Buffer | string)[]): Promise<unknown>;
  disconnect(): void;
}

/** What it holds under a prefix is what our server says about it, in as many bytes. */
const value = 'x'.repeat(60);

/** One connection, which ioredis fills with as many commands as there are. */
export const redisLookups: Engine<LinkInput> = {
  name: 'ioredis',
  version: peerVersion('ioredis'),
  async start(input) {
    const { Redis: Client } = await importPeer<{ readonly Redis: new (port: number, host: string) => Redis }>('ioredis');
    const server = await startRedis();
    const redis = new Client(server.port, '127.0.0.1');
    for (let at = 0; at < input.listed.length; at += 1_000) {
      await redis.mset(input.listed.slice(at, at + 1_000).flatMap((hash) => [keyOf(hash), value]));
    }
    const keys = new Map(input.questions.map((question) => [question, question.prefixes.map(keyOf)]));
    return running({
      run: (amount) =>
        askMany(input, amount, async (question) => {
          const asked = keys.get(question)!;
          const values = asked.length === 1 ? [await redis.get(asked[0]!)] : await redis.mget(asked);
          return { answered: values.length, listed: values.filter((one) => one !== null).length };
        }),
      answer: linkAnswer,
      close: async () => {
        redis.disconnect();
        server.child.kill();
        await once(server.child, 'exit');
      },
    });
  },
};

function keyOf(hash: Uint8Array): Buffer {
  return Buffer.from(hashPrefix(hash));
}

/** An empty redis-server on a free port; it ends with this process. @throws Unavailable where there is none. */
export async function startRedis(): Promise<{ readonly port: number; readonly child: ChildProcess }> {
  const port = await freePort();
  const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
  const isGone = new Promise<never>((_, reject) => {
    child.once('error', () => reject(new Unavailable('no redis-server on this machine')));
    child.once('exit', (code) => reject(new Unavailable(`redis-server ended with code ${code}`)));
  });
  isGone.catch(() => undefined);
  process.once('exit', () => child.kill());
  await Promise.race([listens(port), isGone]);
  return { port, child };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when something takes connections there. */
async function listens(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isThere) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Unavailable('redis-server does not listen');
}
