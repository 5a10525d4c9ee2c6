/** Records into Redis: all of a server store's under a new epoch, which then becomes the one that counts. */
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { VedetteError } from '../../base/errors.js';
import type { HashEntry } from '../../pattern/hash-entry.js';
import { hashGroups } from '../../pattern/hashes/hash-groups.js';
import { recordsOf } from '../../server/records.js';
import { formatRecords } from '../../server/store/record-text.js';
import { StoredTable } from '../../server/store/stored/stored-table.js';
import { openLmdbValues } from '../lmdb.js';
import type { RedisCommand, RedisConnection } from '../redis.js';
import { pathOf, readCurrent } from './generation-files.js';
import { bucketBits, bucketKey, bucketOfPrefix, currentKey, parseCurrent, type RedisCurrent } from './redis-keys.js';
import { checksum } from './write-table.js';

/** Options of `fillRedisStore`. */
export interface FillRedisOptions {
  readonly redis: RedisConnection;
  /** The directory of a server store (`importServerPattern`): what it holds was verified. */
  readonly dir: string;
  /** Beginning of all keys; default `vedette`. */
  readonly namespace?: string | undefined;
  /** How long readers may take to notice that there is a newer generation, in ms; default 3,000. */
  readonly graceMs?: number | undefined;
}

const commandsPerBatch = 500;

/**
 * Writes everything, switches, and removes what was there before. Readers answer all the time, from the one or the other.
 * @throws VedetteError `store-damaged`, `transport-failed`, `peer-missing`.
 */
export async function fillRedisStore(options: FillRedisOptions): Promise<void> {
  const { redis, dir, namespace = 'vedette', graceMs = 3000 } = options;
  const file = await readCurrent(dir);
  if (file === undefined) {
    throw new VedetteError('store-damaged', `${dir}: no server pattern was imported yet`, { detail: { dir } });
  }
  const values = await openLmdbValues(await pathOf(dir, file));
  try {
    const table = new StoredTable(values, { checksum });
    const next = pointerOf(table);
    await writeInBatches(redis, commandsOf(table, { namespace, current: next }));
    const [before] = await redis.run([['GET', currentKey(namespace)]]);
    await redis.run([['SET', currentKey(namespace), JSON.stringify(next)]]);
    if (before !== null) {
      await wait(graceMs);
      await removeEpoch(redis, { namespace, current: parseCurrent(before) });
    }
  } finally {
    await values.close();
  }
}

function pointerOf(table: StoredTable): RedisCurrent {
  const { generation, createdAt, contentId } = table.head.origin;
  return { epoch: randomBytes(8).toString('hex'), generation, createdAt, contentId, entries: table.entries, bits: bucketBits(table.entries) };
}

interface Place {
  readonly namespace: string;
  readonly current: RedisCurrent;
}

function* commandsOf(table: StoredTable, { namespace, current }: Place): Generator<RedisCommand> {
  for (const code of hashGroups.keys()) {
    for (const { prefix, entries } of byPrefix(table, code)) {
      const key = bucketKey(namespace, { code, bucket: bucketOfPrefix(prefix, current.bits), epoch: current.epoch });
      yield ['HSET', key, prefix, formatRecords(recordsOf(entries))];
    }
  }
}

/** The rows of a group are sorted: those of a prefix follow each other. */
function* byPrefix(table: StoredTable, code: number): Generator<{ readonly prefix: Uint8Array; readonly entries: HashEntry[] }> {
  const rows = table.group(code);
  for (let row = 0; row < (rows?.count ?? 0); ) {
    const end = rows!.end(row, rows!.prefixAt(row), rows!.count);
    const entries = Array.from({ length: end - row }, (_, i) => table.entryAt(code, row + i));
    yield { prefix: entries[0]!.hash.slice(0, 4), entries };
    row = end;
  }
}

async function removeEpoch(redis: RedisConnection, { namespace, current }: Place): Promise<void> {
  function* commands(): Generator<RedisCommand> {
    for (const code of hashGroups.keys()) {
      for (let bucket = 0; bucket < 2 ** current.bits; bucket++) {
        yield ['UNLINK', bucketKey(namespace, { code, bucket, epoch: current.epoch })];
      }
    }
  }
  await writeInBatches(redis, commands());
}

async function writeInBatches(redis: RedisConnection, commands: Iterable<RedisCommand>): Promise<void> {
  let batch: RedisCommand[] = [];
  for (const command of commands) {
    if (batch.push(command) === commandsPerBatch) {
      await redis.run(batch);
      batch = [];
    }
  }
  if (batch.length > 0) {
    await redis.run(batch);
  }
}
