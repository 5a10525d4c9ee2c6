/**
 * The directory of a vault and the names in it. `ID.item` is a file that is held; `moving/ID.HOLDER` is one on its way,
 * named after the process that does it, so that only what nobody works on any more is taken up again.
 */
import { constants } from 'node:fs';
import { chmod, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDirectory, errnoOf, nodeFiles } from '../files/durable-files.js';
import { formatHolder, holderState, parseHolder, type ProcessProbe } from '../journal/lock-holder.js';
import type { RemedyFiles } from '../remedy/remedy-files.js';
import { storeError } from '../store-error.js';

/** Where a vault is, and how its files are reached. */
export interface VaultPlace {
  /** Absolute. */
  readonly dir: string;
  readonly moving: string;
  readonly files: RemedyFiles;
  readonly processes: ProcessProbe;
  /** Of this vault in this process, lower-case hex. */
  readonly token: string;
  /** Ids that are being put away right now by this vault. */
  readonly busy: Set<string>;
  /** Directories that were made, or seen to be private, by this vault. */
  readonly prepared: Set<string>;
}

const itemEnding = '.item';

/** Makes both directories, private to the user; once, unless somebody removed them meanwhile. */
export async function prepareVault(place: VaultPlace): Promise<void> {
  const isThere = place.prepared.has(place.moving) && (await place.files.lstat(place.moving).catch(() => undefined))?.isDirectory() === true;
  if (!isThere) {
    await makeVault(place);
    place.prepared.add(place.moving);
  }
}

async function makeVault({ dir, moving }: VaultPlace): Promise<void> {
  try {
    await ensureDirectory(nodeFiles, moving);
    for (const one of [dir, moving]) {
      if (process.platform !== 'win32' && ((await stat(one)).mode & 0o077) !== 0) {
        await chmod(one, 0o700);
      }
    }
  } catch (error) {
    throw storeError('making', dir, error);
  }
}

/** Path of an item. */
export function itemPath({ dir }: VaultPlace, id: string): string {
  return join(dir, id + itemEnding);
}

/** Name under which this vault brings something in. */
export function movingName({ processes, token }: VaultPlace, id: string): string {
  return `${id}.${formatHolder(processes.self(), token)}`;
}

/** True for what an id looks like. */
export function isVaultId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

/** Ids of all items, sorted. A directory that is not there is empty. */
export async function itemIds(place: VaultPlace): Promise<string[]> {
  const names = await namesIn(place, place.dir);
  return names.filter((name) => name.endsWith(itemEnding)).map((name) => name.slice(0, -itemEnding.length)).filter(isVaultId).sort();
}

/** Something on its way. */
export interface Move {
  /** An item's id, or `key`. */
  readonly id: string;
  readonly path: string;
  /** Nobody works on it any more, as far as can be seen from here. */
  readonly isStale: boolean;
  /** Of another container, machine or boot: whoever brings it in may live all the same. */
  readonly isUnseen: boolean;
}

/** What is on its way, sorted by name. */
export async function movesIn(place: VaultPlace): Promise<Move[]> {
  const names = (await namesIn(place, place.moving)).sort();
  return names.flatMap((name) => {
    const [id = '', text = ''] = name.split('.', 2);
    const holder = parseHolder(text);
    return holder === undefined ? [] : [{ id, path: join(place.moving, name), ...stateOf(place, id, holder) }];
  });
}

/** What was left on its way. */
export async function staleMoves(place: VaultPlace): Promise<Move[]> {
  return (await movesIn(place)).filter((move) => move.isStale);
}

/** Others use the vault as well, and some cannot see that this process lives. @throws VedetteError `store-damaged` when they took it. */
export async function assertKept({ files }: VaultPlace, path: string): Promise<void> {
  await files.lstat(path).catch((error: unknown) => {
    throw storeError('keeping', path, error);
  });
}

/** Resolves when the names of a directory of the vault are on the disk. */
export async function syncNames({ files }: VaultPlace, dir: string): Promise<void> {
  if (process.platform === 'win32') {
    return;
  }
  const handle = await files.open(dir, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0));
  try {
    await handle.sync();
  } catch (error) {
    // A file system that cannot sync directories: there is nothing more to be had of it.
    if (!['EINVAL', 'ENOTSUP', 'ENOSYS'].includes(errnoOf(error) ?? '')) {
      throw error;
    }
  } finally {
    await handle.close();
  }
}

function stateOf(
  { processes, token, busy }: VaultPlace,
  id: string,
  { holder, token: whose }: NonNullable<ReturnType<typeof parseHolder>>,
): Pick<Move, 'isStale' | 'isUnseen'> {
  const state = holderState(holder, processes);
  return whose === token ? { isStale: !busy.has(id), isUnseen: false } : { isStale: state !== 'alive', isUnseen: state === 'unseen' };
}

async function namesIn({ files }: VaultPlace, dir: string): Promise<string[]> {
  try {
    return await files.list(dir);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') {
      return [];
    }
    throw storeError('listing', dir, error);
  }
}
