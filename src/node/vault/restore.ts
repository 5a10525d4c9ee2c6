/**
 * Out of the vault, back to where it was or to where it is told: a copy under a hidden name, complete with digest,
 * mode, owner and times, gets the name in one step and over nothing; only then the item goes. Killed in between, the
 * file is in both places.
 */
import { constants } from 'node:fs';
import { join } from 'node:path';
import { VedetteError } from '../../base/errors.js';
import type { HostLists } from '../../lists/host-lists.js';
import { errnoOf } from '../files/durable-files.js';
import { absolutePath, fileScheme, locatorPath, pathLabel, type FilePath } from '../files/file-path.js';
import { identify, isSameFile } from '../remedy/condemned.js';
import { pinDirectory, splitPath, type PinnedDirectory } from '../remedy/pinned-directory.js';
import type { RemedyFile } from '../remedy/remedy-files.js';
import { deleteAside, findAside, giveName } from '../remedy/verified-move.js';
import { diskError, refusal } from './item-error.js';
import { openItem, readContent, type OpenItem } from './item-file.js';
import { removeItem } from './list.js';
import type { Metadata } from './metadata.js';
import { hiddenName } from './quarantine.js';
import { isVaultId, itemPath, movesIn, syncNames, type VaultPlace } from './vault-place.js';
import type { VaultKey } from './vault-key.js';

/** How a file is given back. */
export interface Restoring {
  readonly place: VaultPlace;
  readonly key: VaultKey | undefined;
  readonly to?: string | undefined;
  /** Where its digest is approved before it is given back. */
  readonly approveIn?: Pick<HostLists, 'add'> | undefined;
}

interface Target {
  readonly dir: PinnedDirectory;
  readonly name: FilePath;
  readonly path: FilePath;
  /** Where it was taken from, not where the user says. */
  readonly isOrigin: boolean;
}

/** Gives the path. @throws what `Vault.restore` says. */
export async function restoreItem(id: string, how: Restoring): Promise<string> {
  const { place } = how;
  const wasMoving = await settleMove(id, how);
  const item = await openHeld(id, how);
  try {
    const target = await targetOf(item.metadata, how.to, place);
    try {
      const isThere = wasMoving && target.isOrigin && (await wasNeverTaken(item.metadata, target.path, place));
      await (isThere ? approve(item.metadata, how) : giveBack(item, target, how));
    } finally {
      await target.dir.close();
    }
    if (wasMoving) {
      await removeHidden(item.metadata, place);
    }
    await removeItem(place, id);
    return pathLabel(target.path);
  } finally {
    await item.file.close();
  }
}

/** Opens an item. @throws VedetteError `unsupported` (`unknown`), `store-damaged`. */
export async function openHeld(id: string, { place, key }: Pick<Restoring, 'place' | 'key'>): Promise<OpenItem> {
  if (!isVaultId(id)) {
    throw refusal('unknown', `${JSON.stringify(id.slice(0, 64))} is no id of this vault`);
  }
  const path = itemPath(place, id);
  try {
    return await openItem(place.files, path, { id, key });
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') {
      throw refusal('unknown', `the vault holds nothing as ${id}`);
    }
    throw diskError('reading', path, error);
  }
}

/** What an interrupted run left on its way becomes an item, so that it can be given back; true when there was such. */
export async function settleMove(id: string, { place, key }: Pick<Restoring, 'place' | 'key'>): Promise<boolean> {
  const [move] = isVaultId(id) ? (await movesIn(place)).filter((one) => one.id === id) : [];
  const held = move === undefined ? undefined : await place.files.lstat(itemPath(place, id)).catch(() => undefined);
  if (move === undefined || held !== undefined) {
    return move !== undefined && held !== undefined;
  }
  if (!move.isStale) {
    throw new VedetteError('store-busy', `${id} is being put away by another process`);
  }
  if (!(await isWritten(id, move.path, { place, key }))) {
    return false;
  }
  await place.files.rename(move.path, itemPath(place, id));
  await syncNames(place, place.dir);
  return true;
}

/** What was not written to its end is no item, and its original was not touched. */
async function isWritten(id: string, path: string, { place, key }: Pick<Restoring, 'place' | 'key'>): Promise<boolean> {
  try {
    await (await openItem(place.files, path, { id, key })).file.close();
    return true;
  } catch (error) {
    if (VedetteError.is(error) && error.code === 'store-damaged') {
      return false;
    }
    throw error;
  }
}

async function targetOf(metadata: Metadata, to: string | undefined, place: VaultPlace): Promise<Target> {
  const path = to === undefined ? locatorPath({ scheme: fileScheme, ref: metadata.ref }) : absolutePath(to);
  if (path === undefined || (to === undefined && goesUp(path))) {
    throw refusal('moved', `${metadata.ref} is no plain path: say where to restore to`);
  }
  const { dir: dirPath, name } = splitPath(path);
  if (name.length === 0) {
    throw refusal('taken', `${pathLabel(path)} is no name for a file`);
  }
  const dir = await pinTarget(dirPath, place);
  // A directory made anew under the old name is another one: whoever made it need not be who had it. Devices are
  // numbered anew by some file systems at every mount, so the inode decides.
  const isOrigin = to === undefined;
  if (isOrigin && inodeOf(dir.identity) !== inodeOf(metadata.parent)) {
    await dir.close();
    throw refusal('moved', `${pathLabel(dirPath)} is not the directory that the file was taken from: say where to restore to`);
  }
  return { dir, name, path, isOrigin };
}

async function pinTarget(path: FilePath, { files }: VaultPlace): Promise<PinnedDirectory> {
  try {
    return await pinDirectory(path, files);
  } catch (error) {
    const errno = errnoOf(error) ?? '';
    if (errno === 'ENOENT' || errno === 'ENOTDIR') {
      throw refusal('gone', `the directory ${pathLabel(path)} is gone: make it, or say where to restore to`);
    }
    if (errno === 'ELOOP') {
      throw refusal('link', `the way to ${pathLabel(path)} leads through a symbolic link: name the directory by its own path`);
    }
    throw diskError('opening', pathLabel(path), error);
  }
}

async function giveBack(item: OpenItem, target: Target, how: Restoring): Promise<void> {
  const { dir, name } = target;
  const { files } = dir;
  const hidden = `${hiddenName(item.metadata.id)}.back`;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  try {
    await unlinkIfThere(target, hidden);
    const copy = await files.open(dir.at(hidden), flags, 0o600);
    try {
      await fill(copy, item, target);
      await assertFree(target);
      await approve(item.metadata, how);
      if (!(await giveName(dir, hidden, name))) {
        throw taken(target);
      }
      await assertItself(copy, target);
    } finally {
      await copy.close();
    }
    await dir.sync();
  } catch (error) {
    await files.unlink(dir.at(hidden)).catch(() => undefined);
    throw diskError('restoring', pathLabel(target.path), error);
  }
}

async function fill(copy: RemedyFile, item: OpenItem, target: Target): Promise<void> {
  let at = 0;
  for await (const piece of readContent(item)) {
    await copy.write(at, piece);
    at += piece.length;
  }
  const { metadata } = item;
  const isOwner = await giveOwner(copy, metadata, target);
  // Set-user-id and the like only for the owner that they were meant for.
  await copy.setMode(metadata.mode & (isOwner ? 0o7777 : 0o777));
  await copy.setTimes(seconds(metadata.atimeNs), seconds(metadata.mtimeNs));
  await copy.sync();
}

/** False where the user chose another place and may not give files away. */
async function giveOwner(copy: RemedyFile, { uid, gid }: Metadata, target: Target): Promise<boolean> {
  try {
    await copy.setOwner(uid, gid);
    return true;
  } catch (error) {
    if (!['EPERM', 'EACCES', 'EINVAL'].includes(errnoOf(error) ?? '')) {
      throw error;
    }
    if (target.isOrigin) {
      throw refusal('owner', `the file belongs to user ${uid} and group ${gid}: restore it as root, or say where to restore to for a copy of your own`);
    }
    return false;
  }
}

/** Node takes seconds as a number and cuts it to microseconds, so that the nearest number below would lose one. */
function seconds(nanoseconds: string): number {
  const microseconds = Number(BigInt(nanoseconds) / 1000n);
  return microseconds / 1e6 + (microseconds % 1e6 === 0 ? 0 : 2 ** -22);
}

async function approve({ sha256 }: Metadata, { approveIn }: Restoring): Promise<void> {
  await approveIn?.add({ id: `restored:${sha256}`, effect: 'approved', sha256 });
}

async function assertFree(target: Target): Promise<void> {
  const there = await target.dir.files.lstat(target.dir.at(target.name)).catch(() => undefined);
  if (there !== undefined) {
    throw taken(target);
  }
}

/** Whoever may write to the directory may also swap the copy for something else in the last moment. */
async function assertItself(copy: RemedyFile, target: Target): Promise<void> {
  const there = await target.dir.files.lstat(target.dir.at(target.name)).catch(() => undefined);
  if (there === undefined || !isSameFile(there, await copy.stat())) {
    throw refusal('taken', `${pathLabel(target.path)} was changed by somebody else while it was restored; it stays in the vault`);
  }
}

function taken({ path }: Target): Error {
  return refusal('taken', `a file has the place ${pathLabel(path)}: say where to restore to`);
}

async function unlinkIfThere({ dir }: Target, name: string): Promise<void> {
  await dir.files.unlink(dir.at(name)).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') {
      throw error;
    }
  });
}

/** The end came before the original was touched: it is still where it was. */
async function wasNeverTaken({ sha256 }: Metadata, path: FilePath, { files }: VaultPlace): Promise<boolean> {
  const identified = await identify(path, sha256, { files });
  if (identified.kind !== 'condemned') {
    return false;
  }
  await identified.condemned.close();
  return true;
}

/** The end came while the original had its hidden name. */
async function removeHidden({ id, ref, sha256 }: Metadata, { files }: VaultPlace): Promise<void> {
  const path = locatorPath({ scheme: fileScheme, ref });
  const aside = path === undefined ? undefined : await findAside(path, { hidden: hiddenName(id), sha256 }, { files }).catch(() => undefined);
  if (aside?.kind === 'condemned') {
    await deleteAside(aside.condemned.dir, hiddenName(id)).finally(() => aside.condemned.close());
  }
}

function goesUp(path: FilePath): boolean {
  return join('/', Buffer.from(path).toString('latin1')) !== Buffer.from(path).toString('latin1');
}

function inodeOf(identity: string): string {
  return identity.slice(identity.indexOf(':') + 1);
}
