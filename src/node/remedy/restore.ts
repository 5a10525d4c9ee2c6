/** Looking into quarantine, and out of it: what is held, back to its place, or gone for good. */
import { constants } from 'node:fs';
import { open, rename, rm, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { VedetteError } from '../../base/errors.js';
import { nodeFiles } from '../durable-files.js';
import { absolutePath, fileScheme, locatorPath, pathLabel, type FilePath } from '../file-path.js';
import { pinDirectory, splitPath, type PinnedDirectory } from './pinned-directory.js';
import { contentName, listRecordIds, readRecord, removeRecord, type QuarantinedFile } from './quarantine-record.js';
import { copyHandle } from './quarantine.js';
import { placehold } from './verified-move.js';

/** Everything in a quarantine directory whose record can be read, in the order of ids. A missing directory is empty. */
export async function* listQuarantine(quarantineDir: string): AsyncGenerator<QuarantinedFile> {
  for (const id of await listRecordIds(quarantineDir)) {
    const record = await readRecord(quarantineDir, id);
    if (record !== undefined) {
      yield record;
    }
  }
}

/**
 * Puts a file back to where it was, or to `to`, with its mode, times and, where allowed, owner. Never overwrites.
 * Gives the path.
 * @throws VedetteError `unsupported` with `detail.why`: `unknown` (no such id), `taken` (a file has the place by now),
 * `moved` (the directory is not the one that it was taken from: say `to`); `store-damaged` when the content is not
 * what was put away, which then stays.
 */
export async function restoreQuarantined(quarantineDir: string, id: string, options: { readonly to?: string } = {}): Promise<string> {
  const record = await readRecord(quarantineDir, id);
  if (record === undefined) {
    throw refusal('unknown', `nothing is quarantined as ${id}`);
  }
  const path = options.to === undefined ? locatorPath({ scheme: fileScheme, ref: record.ref }) : absolutePath(options.to);
  if (path === undefined) {
    throw refusal('moved', `${record.ref} is no path: say where to restore to`);
  }
  const { dir: dirPath, name } = splitPath(path);
  const dir = await pinDirectory(dirPath);
  try {
    // A link may lead elsewhere by now, where this file has no business.
    if (options.to === undefined && dir.identity !== record.parent) {
      throw refusal('moved', `${pathLabel(dirPath)} is not the directory that the file was taken from: say where to restore to`);
    }
    await copyOut(quarantineDir, record, { dir, name });
  } finally {
    await dir.close();
  }
  await removeQuarantined(quarantineDir, id);
  return pathLabel(path);
}

/** Deletes a quarantined file for good; false when there is none of this id. */
export async function removeQuarantined(quarantineDir: string, id: string): Promise<boolean> {
  if ((await readRecord(quarantineDir, id)) === undefined) {
    return false;
  }
  await rm(join(quarantineDir, contentName(id)), { force: true });
  await removeRecord(quarantineDir, id);
  await nodeFiles.syncDirectory(quarantineDir);
  return true;
}

interface Place {
  readonly dir: PinnedDirectory;
  readonly name: FilePath;
}

/** A copy under a hidden name, complete with everything, takes the place in one step. */
async function copyOut(quarantineDir: string, record: QuarantinedFile, place: Place): Promise<void> {
  const hidden = place.dir.at(`.vedette-${record.id}`);
  const from = await open(join(quarantineDir, contentName(record.id)), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    await rm(hidden, { force: true });
    const to = await open(hidden, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      await fillCopy(from, to, record);
    } finally {
      await to.close();
    }
    const placeholder = await placehold(place);
    if (placeholder === undefined) {
      throw refusal('taken', `a file has the place of ${record.label ?? record.ref}: say where to restore to`);
    }
    await rename(hidden, place.dir.at(place.name)).finally(() => placeholder.release());
    await place.dir.sync();
  } catch (error) {
    await unlink(hidden).catch(() => undefined);
    throw error;
  } finally {
    await from.close();
  }
}

async function fillCopy(from: FileHandle, to: FileHandle, record: QuarantinedFile): Promise<void> {
  const { sha256, size } = await copyHandle(from, to, record.size);
  if (sha256 !== record.sha256 || size !== record.size) {
    throw new VedetteError('store-damaged', `the content of ${record.id} is not what was quarantined`);
  }
  const isOwner = await to.chown(record.uid, record.gid).then(() => true, () => false);
  // Set-user-id and the like only for the owner that they were meant for.
  await to.chmod(record.mode & (isOwner ? 0o7777 : 0o777));
  await to.utimes(record.atimeMs / 1000, record.mtimeMs / 1000);
  await to.sync();
}

function refusal(why: 'unknown' | 'taken' | 'moved', message: string): VedetteError {
  return new VedetteError('unsupported', message, { detail: { why } });
}
