/**
 * Quarantine directories from before there were vaults: `ID.json` beside `ID.bin`, the content as it was. Each is sealed
 * into the vault under its id when the vault is first used, and then removed; what cannot be believed stays.
 */
import { constants } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf } from '../files/durable-files.js';
import { identify } from '../remedy/condemned.js';
import type { DamagedItem } from './item.js';
import { writeItem } from './item-file.js';
import { areThreats, type Metadata } from './metadata.js';
import { isVaultId, itemPath, movingName, syncNames, type VaultPlace } from './vault-place.js';
import type { VaultKey } from './vault-key.js';

/** How the vault is written to. */
export interface Adoption {
  readonly place: VaultPlace;
  key(): Promise<VaultKey>;
  prepare(): Promise<void>;
  random(count: number): Uint8Array;
}

const maxRecordBytes = 1 << 20;

/** An old record that cannot be taken over, and its content. They stay until they are removed. */
export interface LeftRecord {
  readonly id: string;
  readonly record: string;
  readonly content: string;
}

/** Seals every old record of a directory; those that could not be. Killed in between, it goes on the next time. */
export async function adoptOldQuarantine(dir: string, how: Adoption): Promise<LeftRecord[]> {
  const left: LeftRecord[] = [];
  const ids = await oldIds(dir, how.place);
  const own = ids.length === 0 ? dir : await realpath(dir);
  for (const id of ids) {
    if (!(await adopt(own, id, how))) {
      left.push({ id, record: join(own, `${id}.json`), content: join(own, `${id}.bin`) });
    }
  }
  return left;
}

async function oldIds(dir: string, { files }: VaultPlace): Promise<string[]> {
  try {
    const names = await files.list(dir);
    return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5)).filter(isVaultId).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) {
      return [];
    }
    throw error;
  }
}

/** As its keeper sees it; undefined when it was removed. */
export async function describeLeft({ id, record, content }: LeftRecord, { files }: VaultPlace): Promise<DamagedItem | undefined> {
  const stats = await files.lstat(record).catch(() => undefined);
  if (stats === undefined) {
    return undefined;
  }
  const bytes = (await files.lstat(content).catch(() => undefined))?.size ?? 0n;
  const detail = `${record} was written by an earlier build and cannot be taken over`;
  return { state: 'damaged', id, why: 'damaged', detail, size: Number(bytes), quarantinedAt: Number(stats.mtimeMs) };
}

/** Takes the record and its content out for good, the record last: it is what shows that there is something to remove. */
export async function removeLeft({ record, content }: LeftRecord, place: VaultPlace): Promise<boolean> {
  if ((await place.files.lstat(record).catch(() => undefined)) === undefined) {
    return false;
  }
  for (const path of [content, record]) {
    await place.files.unlink(path).catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') {
        throw error;
      }
    });
  }
  await syncNames(place, dirname(record));
  return true;
}

/** The item is there before the old files go. */
async function adopt(dir: string, id: string, how: Adoption): Promise<boolean> {
  const { place } = how;
  const record = join(dir, `${id}.json`);
  const content = join(dir, `${id}.bin`);
  const isSealed = (await place.files.lstat(itemPath(place, id)).catch(() => undefined)) !== undefined;
  if (!isSealed && !(await sealOld(content, await readOld(record, id, place), how))) {
    return false;
  }
  for (const path of [content, record]) {
    await place.files.unlink(path).catch(() => undefined);
  }
  await syncNames(place, dir);
  return true;
}

async function sealOld(content: string, metadata: Metadata | undefined, how: Adoption): Promise<boolean> {
  const { place } = how;
  const identified = metadata === undefined ? undefined : await identify(content, metadata.sha256, { files: place.files });
  if (metadata === undefined || identified?.kind !== 'condemned') {
    return false;
  }
  const { condemned } = identified;
  try {
    await how.prepare();
    const path = join(place.moving, movingName(place, metadata.id));
    const writing = { files: place.files, key: await how.key(), salt: how.random(32) };
    await place.files.unlink(path).catch(() => undefined);
    const isWhole = await writeItem(path, condemned.handle, { ...metadata, size: condemned.size }, writing);
    if (isWhole) {
      await place.files.rename(path, itemPath(place, metadata.id));
      await syncNames(place, place.dir);
    }
    return isWhole;
  } finally {
    await condemned.close();
  }
}

/** What no open call can read is no record: a link, a folder, a file of somebody else's. */
const unreadable: ReadonlySet<string> = new Set(['ELOOP', 'EACCES', 'EISDIR', 'ENXIO', 'ENOENT']);

async function readOld(path: string, id: string, { files }: VaultPlace): Promise<Metadata | undefined> {
  // untrusted: a file on disk; read to a limit, every field checked
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const file = await files.open(path, flags).catch((error: unknown) => {
    if (unreadable.has(errnoOf(error) ?? '')) {
      return undefined;
    }
    throw error;
  });
  if (file === undefined) {
    return undefined;
  }
  try {
    const bytes = Buffer.alloc(maxRecordBytes);
    const text = bytes.toString('utf8', 0, await file.read(0, bytes));
    const json: unknown = JSON.parse(text);
    const metadata = typeof json === 'object' && json !== null ? fromOld(json as Readonly<Record<string, unknown>>) : undefined;
    return metadata?.id === id ? metadata : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) === 'EISDIR') {
      return undefined;
    }
    throw error;
  } finally {
    await file.close();
  }
}

const texts = ['id', 'key', 'ref', 'parent'] as const;
const numbers = ['mode', 'uid', 'gid', 'links', 'size'] as const;

/** A record whose move was not finished is left alone: its original may still be where it was. */
function fromOld(json: Readonly<Record<string, unknown>>): Metadata | undefined {
  const { state, version, label, threats, quarantinedAt, sha256, atimeMs, mtimeMs } = json;
  const isRecord =
    version === 1 && state === 'held' &&
    texts.every((name) => typeof json[name] === 'string') &&
    numbers.every((name) => Number.isSafeInteger(json[name]) && Number(json[name]) >= 0) &&
    [quarantinedAt, atimeMs, mtimeMs].every((instant) => Number.isFinite(instant)) &&
    typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) && areThreats(threats);
  if (!isRecord) {
    return undefined;
  }
  const [id = '', key = '', ref = '', parent = ''] = texts.map((name) => String(json[name]));
  const [mode = 0, uid = 0, gid = 0, links = 1, size = 0] = numbers.map((name) => Number(json[name]));
  return {
    id, key, ref, parent, mode, uid, gid, links, size, sha256,
    ...(typeof label === 'string' ? { label } : {}),
    atimeNs: nanoseconds(Number(atimeMs)),
    mtimeNs: nanoseconds(Number(mtimeMs)),
    threats: threats as Metadata['threats'],
    quarantinedAt: Number(quarantinedAt),
  };
}

function nanoseconds(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * 1000n);
}
