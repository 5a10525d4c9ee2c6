/**
 * A `ReputationStore` in Redis or Valkey: one pipeline for a batch, which ends by asking whether the records that it read
 * still count. Answers of an import that was replaced meanwhile are thrown away and asked for again.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { fromUtf8 } from '../../base/bytes.js';
import { VedetteError } from '../../base/errors.js';
import type { AnswerRecord } from '../../base/fingerprint.js';
import { groupCode } from '../../pattern/hashes/hash-groups.js';
import type { ReputationStore } from '../../server/reputation-store.js';
import { parseRecords } from '../../server/store/record-text.js';
import type { RedisCommand, RedisConnection } from '../redis.js';
import { bucketKey, bucketOfPrefix, currentKey, parseCurrent, type RedisCurrent } from './redis-keys.js';

/** Options of `openRedisStore`. */
export interface RedisStoreOptions {
  /** Stays open when the store is closed. */
  readonly redis: RedisConnection;
  /** Beginning of all keys; default `vedette`. */
  readonly namespace?: string | undefined;
  /** How often to look for a newer generation, in ms; default 1,000. */
  readonly pollMs?: number | undefined;
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** A store over records that `fillRedisStore` wrote. */
export interface RedisStore extends ReputationStore {
  readonly entries: number;
  /** Looks for a newer generation now. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

const attempts = 3;

/** @throws VedetteError `store-damaged` where nothing was imported, `transport-failed` when nobody answers. */
export async function openRedisStore(options: RedisStoreOptions): Promise<RedisStore> {
  const { redis, namespace = 'vedette', pollMs = 1000, onFault } = options;
  const readCurrent = async (): Promise<RedisCurrent> => parseCurrent((await redis.run([['GET', currentKey(namespace)]]))[0]);
  let current = await readCurrent();
  const ending = new AbortController();
  const refresh = async (): Promise<void> => {
    current = await readCurrent();
  };
  void poll(refresh, { pollMs, signal: ending.signal, onFault });
  return {
    get generation() {
      return current.generation;
    },
    get entries() {
      return current.entries;
    },
    async lookup(kind, algorithm, prefixes) {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const read = await readBatch(redis, { namespace, current, code: groupCode(kind, algorithm), prefixes });
        if (read.current.epoch === current.epoch) {
          return read.lists;
        }
        current = read.current;
      }
      throw new VedetteError('store-damaged', 'server store in Redis: it is replaced faster than it can be read');
    },
    refresh,
    async close() {
      ending.abort();
    },
  };
}

interface Batch {
  readonly namespace: string;
  readonly current: RedisCurrent;
  readonly code: number;
  readonly prefixes: readonly Uint8Array[];
}

async function readBatch(redis: RedisConnection, batch: Batch): Promise<{ readonly lists: readonly (readonly AnswerRecord[])[]; readonly current: RedisCurrent }> {
  const commands = commandsFor(batch);
  const pointer: RedisCommand = ['GET', currentKey(batch.namespace)];
  // On a cluster the pointer must not be read before the records are there.
  const values = redis.isCluster
    ? [...(await redis.run(commands)), ...(await redis.run([pointer]))]
    : await redis.run([...commands, pointer]);
  const lists = values.slice(0, -1).map((value) => (value === null ? [] : parseRecords(fromUtf8(bytesOf(value)))));
  return { lists, current: parseCurrent(values.at(-1)) };
}

/** One command for each prefix: those of a batch hardly ever share a hash. */
function commandsFor({ namespace, current, code, prefixes }: Batch): RedisCommand[] {
  return prefixes.map((prefix) => {
    const key = bucketKey(namespace, { code, bucket: bucketOfPrefix(prefix, current.bits), epoch: current.epoch });
    return ['HGET', key, prefix];
  });
}

function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) {
    throw new VedetteError('store-damaged', 'server store in Redis: a value is no string');
  }
  return value;
}

async function poll(
  refresh: () => Promise<void>,
  { pollMs, signal, onFault }: { readonly pollMs: number; readonly signal: AbortSignal; readonly onFault: RedisStoreOptions['onFault'] },
): Promise<void> {
  while (!signal.aborted) {
    await wait(pollMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (!signal.aborted) {
      await refresh().catch((error: unknown) => onFault?.(error));
    }
  }
}
