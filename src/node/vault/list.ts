/** Looking into the vault, and taking out for good. */
import { describeError } from '../../base/errors.js';
import { errnoOf } from '../files/durable-files.js';
import { whyDamaged } from './item-error.js';
import type { DamagedItem, VaultItem } from './item.js';
import { openItem } from './item-file.js';
import { vaultedFile } from './metadata.js';
import { isVaultId, itemIds, itemPath, movesIn, staleMoves, syncNames, type Move, type VaultPlace } from './vault-place.js';
import type { VaultKey } from './vault-key.js';

/** What is held, in the order of ids, then what is on its way. What cannot be read is `damaged`. */
export async function* listItems(place: VaultPlace, key: VaultKey | undefined): AsyncGenerator<VaultItem, void, undefined> {
  const ids = await itemIds(place);
  for (const id of ids) {
    const item = await describeItem(place, { id, path: itemPath(place, id), key, state: 'held' });
    if (item !== undefined) {
      yield item;
    }
  }
  const held = new Set(ids);
  for (const { id, path } of await movesIn(place)) {
    const item = isVaultId(id) && !held.has(id) ? await describeItem(place, { id, path, key, state: 'moving' }) : undefined;
    // What was not written to its end is no item yet: its original is where it was.
    if (item !== undefined && item.state !== 'damaged') {
      yield item;
    }
  }
}

/** What a purge goes by; both absent: everything goes. */
export interface PurgeLimits {
  /** Items that have been there for longer go. */
  readonly olderThanMs?: number | undefined;
  /** The oldest go until what is left has no more content than this. */
  readonly maxBytes?: number | undefined;
}

/** Ids of the items that go. */
export function purgeChoice(items: readonly Pick<VaultItem, 'id' | 'quarantinedAt' | 'size'>[], limits: PurgeLimits, now: number): string[] {
  const { olderThanMs, maxBytes } = limits;
  if (olderThanMs === undefined && maxBytes === undefined) {
    return items.map(({ id }) => id);
  }
  const isOld = (item: Pick<VaultItem, 'quarantinedAt'>): boolean => olderThanMs !== undefined && now - item.quarantinedAt > olderThanMs;
  const old = items.filter(isOld);
  const rest = items.filter((item) => !isOld(item)).sort((a, b) => a.quarantinedAt - b.quarantinedAt);
  let bytes = rest.reduce((sum, { size }) => sum + size, 0);
  const surplus = rest.filter(({ size }) => {
    const goes = maxBytes !== undefined && bytes > maxBytes;
    bytes -= goes ? size : 0;
    return goes;
  });
  return [...old, ...surplus].map(({ id }) => id);
}

/** Takes out for good; false when there is none of this id. */
export async function removeItem(place: VaultPlace, id: string): Promise<boolean> {
  const paths = isVaultId(id) ? [itemPath(place, id), ...(await staleMoves(place)).filter((one) => one.id === id).map((one) => one.path)] : [];
  let count = 0;
  for (const path of paths) {
    count += (await unlinked(place, path)) ? 1 : 0;
  }
  if (count > 0) {
    await syncNames(place, place.dir);
  }
  return count > 0;
}

/** What whoever cannot be seen has not written to for so long is nobody's any more. */
const quietMs = 3_600_000;

/** Removes what processes that died left half written. */
export async function sweep(place: VaultPlace, key: VaultKey | undefined, now: number): Promise<void> {
  for (const stale of await staleMoves(place)) {
    const isJunk = !isVaultId(stale.id) || (await isHalf(place, stale, key));
    if (isJunk && !(stale.isUnseen && (await isFresh(place, stale.path, now)))) {
      await unlinked(place, stale.path);
    }
  }
}

async function isFresh({ files }: VaultPlace, path: string, now: number): Promise<boolean> {
  const stats = await files.lstat(path).catch(() => undefined);
  return stats !== undefined && now - Number(stats.mtimeMs) < quietMs;
}

async function isHalf(place: VaultPlace, { id, path }: Move, key: VaultKey | undefined): Promise<boolean> {
  const item = await describeItem(place, { id, path, key, state: 'moving' });
  return item?.state === 'damaged' && item.why === 'damaged';
}

interface Described {
  readonly id: string;
  readonly path: string;
  readonly key: VaultKey | undefined;
  readonly state: 'held' | 'moving';
}

/** Undefined when it went away. */
async function describeItem(place: VaultPlace, what: Described): Promise<VaultItem | undefined> {
  try {
    const item = await openItem(place.files, what.path, what);
    await item.file.close();
    return vaultedFile(item.metadata, what.state);
  } catch (error) {
    return errnoOf(error) === 'ENOENT' ? undefined : damagedItem(place, what, error);
  }
}

async function damagedItem({ files }: VaultPlace, { id, path }: Described, error: unknown): Promise<DamagedItem> {
  const stats = await files.lstat(path).catch(() => undefined);
  return {
    state: 'damaged',
    id,
    why: whyDamaged(error),
    detail: describeError(error),
    size: Number(stats?.size ?? 0n),
    quarantinedAt: Number(stats?.mtimeMs ?? 0n),
  };
}

async function unlinked({ files }: VaultPlace, path: string): Promise<boolean> {
  try {
    await files.unlink(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') {
      return false;
    }
    throw error;
  }
}
