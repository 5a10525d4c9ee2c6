/** ioredis behind the one call that vedette makes of it: the one file that imports it, and only when it is asked for. */
import { setTimeout as wait } from 'node:timers/promises';
import type * as ioredis from 'ioredis';
import { describeError, VedetteError } from '../base/errors.js';

/** A command and its arguments. */
export type RedisCommand = readonly [name: string, key: string, ...args: (string | Uint8Array)[]];

/** A connection to Redis, Valkey or a cluster of them. */
export interface RedisConnection {
  /**
   * Runs the commands: in their order and in one round trip on a single server; on a cluster at once, written to each
   * node together. Bulk strings come back as bytes. @throws VedetteError `transport-failed` when any of them failed.
   */
  run(commands: readonly RedisCommand[]): Promise<unknown[]>;
  /** True when commands of one call may be answered in any order. */
  readonly isCluster: boolean;
  close(): Promise<void>;
}

/** Where Redis is. */
export interface RedisOptions {
  /** `redis://` or `rediss://` addresses: one server, or some nodes of a cluster with `cluster`. */
  readonly urls: readonly string[];
  readonly cluster?: boolean | undefined;
  /** How long a command may take, in ms; default 2,000. */
  readonly timeoutMs?: number | undefined;
}

/** @throws VedetteError `peer-missing` without the package, `transport-failed` when nobody answers. */
export async function connectRedis(options: RedisOptions): Promise<RedisConnection> {
  const { Redis, Cluster, Command } = await loadRedis();
  const settings = { commandTimeout: options.timeoutMs ?? 2000, maxRetriesPerRequest: 1, lazyConnect: true };
  const [url = 'redis://127.0.0.1:6379'] = options.urls;
  const client = options.cluster === true
    ? new Cluster([...options.urls], { redisOptions: settings, lazyConnect: true })
    : new Redis(url, settings);
  // Every failure comes back with the command that it hit; the event alone would end the process.
  client.on('error', () => undefined);
  await connectWithin(client, connectAttemptsMs + settings.commandTimeout);
  const send = async (name: string, args: (string | Buffer)[]): Promise<unknown> => client.sendCommand(new Command(name, args, { replyEncoding: null }));
  return {
    isCluster: client.isCluster,
    run: (commands) => (client.isCluster ? runApart(send, commands) : runTogether(client, commands)),
    async close() {
      await client.quit().catch(() => client.disconnect());
    },
  };
}

type Client = ioredis.Redis | ioredis.Cluster;

/** What a cluster may need besides to tell its nodes. */
const connectAttemptsMs = 3000;

/** A cluster that has no node up is looked for for ever; nobody waits for that. */
async function connectWithin(client: Client, timeoutMs: number): Promise<void> {
  const given = new AbortController();
  const late = wait(timeoutMs, undefined, { signal: given.signal }).then(() => {
    throw new Error(`no connection within ${timeoutMs} ms`);
  });
  try {
    await Promise.race([client.connect(), late]);
  } catch (error) {
    client.disconnect();
    throw failed(error);
  } finally {
    given.abort();
    late.catch(() => undefined);
  }
}

async function runTogether(client: Client, commands: readonly RedisCommand[]): Promise<unknown[]> {
  const pipeline = client.pipeline();
  for (const [name, ...args] of commands) {
    pipeline.callBuffer(name, ...args.map(argument));
  }
  const results = await pipeline.exec().catch((error: unknown) => {
    throw failed(error);
  });
  return (results ?? []).map(([error, value]) => {
    if (error !== null) {
      throw failed(error);
    }
    return value;
  });
}

async function runApart(send: (name: string, args: (string | Buffer)[]) => Promise<unknown>, commands: readonly RedisCommand[]): Promise<unknown[]> {
  try {
    // Not `callBuffer`: with automatic pipelines it loses the name of the command (6.0.0).
    return await Promise.all(commands.map(([name, ...args]) => send(name, args.map(argument))));
  } catch (error) {
    throw failed(error);
  }
}

function argument(value: string | Uint8Array): string | Buffer {
  return typeof value === 'string' ? value : Buffer.from(value.buffer, value.byteOffset, value.length);
}

function failed(error: unknown): VedetteError {
  return new VedetteError('transport-failed', `redis: ${describeError(error)}`, { cause: error, detail: { what: 'redis' } });
}

async function loadRedis(): Promise<Pick<typeof ioredis, 'Redis' | 'Cluster' | 'Command'>> {
  try {
    return await import('ioredis');
  } catch (error) {
    throw new VedetteError('peer-missing', "the server store in Redis: the package 'ioredis' is needed: npm install ioredis", { detail: { package: 'ioredis' }, cause: error });
  }
}
