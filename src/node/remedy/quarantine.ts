/**
 * Putting the condemned file into a private directory. Record first, then the move, then the record again: a move that
 * was interrupted anywhere is completed by the next application of the same key.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckResult } from '../../base/check-result.js';
import { throwIfAborted } from '../../base/errors.js';
import type { Locator } from '../../base/subject.js';
import { ensureDirectory, nodeFiles } from '../durable-files.js';
import type { FilePath } from '../file-path.js';
import { identify, type Condemned } from './condemned.js';
import { pinDirectory } from './pinned-directory.js';
import { contentName, readRecord, removeRecord, writeRecord, type QuarantinedFile } from './quarantine-record.js';
import { deleteCondemned, moveCondemned, resumeDeletion, type Moved } from './verified-move.js';

/** One application of the remedy. */
export interface QuarantineOrder {
  /** The private directory. */
  readonly quarantineDir: string;
  readonly path: FilePath;
  readonly locator: Locator;
  readonly sha256: string;
  readonly key: string;
  readonly result: CheckResult;
  /** Epoch ms. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/** What became of it; `links` counts the names that the content had. */
export type Quarantined = Moved | { readonly kind: 'inside' } | { readonly kind: 'held'; readonly links: number };

/** The same key for the same content at the same place is the same quarantined file. */
export function quarantineId(key: string, sha256: string, locator: Locator): string {
  return createHash('sha256').update(JSON.stringify([key, sha256, locator.ref])).digest('hex').slice(0, 32);
}

/** Rejects with the system's error; then nothing is lost, and the order may be repeated. */
export async function quarantineFile(order: QuarantineOrder): Promise<Quarantined> {
  const { quarantineDir: dir, key, locator, sha256 } = order;
  await ensureDirectory(nodeFiles, dir);
  const id = quarantineId(key, sha256, locator);
  const record = await readRecord(dir, id);
  if (record?.state === 'held') {
    return { kind: 'held', links: record.links };
  }
  const taken = record !== undefined && (await isContentHere(dir, record)) ? record : undefined;
  const resumed = await resumeDeletion(order.path, hiddenName(id), order);
  if (resumed?.kind === 'astray') {
    return resumed;
  }
  const identified = await identify(order.path, sha256, order);
  if (identified.kind !== 'condemned') {
    return taken === undefined ? identified : finish(dir, taken);
  }
  const { condemned } = identified;
  try {
    throwIfAborted(order.signal);
    return (await isInside(dir, condemned)) ? { kind: 'inside' } : await take(order, condemned, taken);
  } finally {
    await condemned.close();
  }
}

/** `taken`: the content is in quarantine already, and only its old name is left. */
async function take(order: QuarantineOrder, condemned: Condemned, taken: QuarantinedFile | undefined): Promise<Quarantined> {
  const { quarantineDir: dir } = order;
  const record = taken ?? recordOf(order, condemned);
  if (taken === undefined) {
    await writeRecord(dir, record);
  }
  const moved = taken === undefined ? await bring(dir, record, condemned) : await deleteCondemned(condemned, hiddenName(record.id));
  if (moved.kind === 'moved') {
    await condemned.dir.sync();
    return finish(dir, record);
  }
  if (!(await isContentHere(dir, record))) {
    await removeRecord(dir, record.id);
  }
  return moved;
}

/** By a rename where that keeps the content to itself, else as a copy, after which the original is deleted. */
async function bring(dir: string, record: QuarantinedFile, condemned: Condemned): Promise<Moved> {
  if (condemned.stats.nlink === 1n) {
    const target = await pinDirectory(dir);
    try {
      const moved = await moveCondemned(condemned, { dir: target, name: contentName(record.id) });
      if (moved.kind === 'moved') {
        await condemned.handle.chmod(0o600);
        await condemned.handle.sync();
      }
      if (moved.kind !== 'elsewhere') {
        return moved;
      }
    } finally {
      await target.close();
    }
  }
  // Somebody could still write to the content through another of its names: quarantine gets a file of its own.
  if (!(await copyContent(dir, record, condemned.handle))) {
    return { kind: 'changed' };
  }
  return deleteCondemned(condemned, hiddenName(record.id));
}

/** False when the bytes are not what they were when they were identified. */
async function copyContent(dir: string, record: QuarantinedFile, from: FileHandle): Promise<boolean> {
  const part = join(dir, `${record.id}.part`);
  await rm(part, { force: true });
  const to = await open(part, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    const { sha256, size } = await copyHandle(from, to, record.size);
    if (sha256 !== record.sha256 || size !== record.size) {
      await rm(part, { force: true });
      return false;
    }
    await to.sync();
  } finally {
    await to.close();
  }
  await rename(part, join(dir, contentName(record.id)));
  await nodeFiles.syncDirectory(dir);
  return true;
}

/** Copies at most one byte more than `limit`, and says what it copied. */
export async function copyHandle(from: FileHandle, to: FileHandle, limit: number): Promise<{ readonly sha256: string; readonly size: number }> {
  const hash = createHash('sha256');
  const chunk = new Uint8Array(1 << 18);
  let size = 0;
  while (size <= limit) {
    const { bytesRead } = await from.read(chunk, 0, Math.min(chunk.length, limit + 1 - size), size);
    if (bytesRead === 0) {
      break;
    }
    const part = chunk.subarray(0, bytesRead);
    hash.update(part);
    for (let done = 0; done < part.length; ) {
      done += (await to.write(part, done, part.length - done, size + done)).bytesWritten;
    }
    size += bytesRead;
  }
  return { sha256: hash.digest('hex'), size };
}

async function finish(dir: string, record: QuarantinedFile): Promise<Quarantined> {
  await nodeFiles.syncDirectory(dir);
  await writeRecord(dir, { ...record, state: 'held' });
  return { kind: 'held', links: record.links };
}

/** A name in the directory of the condemned file that it has only while it is deleted. */
export function hiddenName(id: string): string {
  return `.vedette-${id}`;
}

async function isContentHere(dir: string, record: QuarantinedFile): Promise<boolean> {
  const identified = await identify(join(dir, contentName(record.id)), record.sha256);
  if (identified.kind !== 'condemned') {
    return false;
  }
  await identified.condemned.handle.chmod(0o600);
  await identified.condemned.handle.sync();
  await identified.condemned.close();
  return true;
}

/** What lies in quarantine is not put there a second time. */
async function isInside(dir: string, condemned: Condemned): Promise<boolean> {
  const { dev, ino } = await lstat(dir, { bigint: true });
  return condemned.dir.identity === `${dev}:${ino}`;
}

function recordOf(order: QuarantineOrder, condemned: Condemned): QuarantinedFile {
  const { stats } = condemned;
  const { label } = order.result.subject;
  return {
    id: quarantineId(order.key, order.sha256, order.locator),
    state: 'moving',
    key: order.key,
    ref: order.locator.ref,
    ...(label === undefined ? {} : { label }),
    sha256: order.sha256,
    size: Number(stats.size),
    mode: Number(stats.mode & 0o7777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    atimeMs: Number(stats.atimeNs) / 1e6,
    mtimeMs: Number(stats.mtimeNs) / 1e6,
    links: Number(stats.nlink),
    parent: condemned.dir.identity,
    threats: order.result.verdict.threats.slice(0, 100).map(({ name, type }) => ({ name, type })),
    quarantinedAt: order.now,
  };
}
