/**
 * Putting the condemned file into the vault: a sealed copy is on the disk before the original is touched, and counts as
 * held only when the original is gone.
 *
 *     1  held under this id already                 → step 3; only where the original is still there, 5
 *     2  a copy that an interrupted run left        → verified, and taken over
 *     3  the original: under its hidden name, where an interrupted run left it, or in its place
 *     4  no copy yet: sealed into `moving`, verified against the digest, synced
 *     5  the original is set aside, looked at, deleted; its directory synced
 *     6  the copy becomes an item
 *
 * Killed before 5 is done, the original is there; killed after 4, the copy is. The next application of the same key
 * goes on from there.
 */
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { join } from 'node:path';
import type { CheckResult } from '../../base/check-result.js';
import { throwIfAborted, VedetteError } from '../../base/errors.js';
import type { Locator } from '../../base/subject.js';
import { errnoOf } from '../files/durable-files.js';
import type { FilePath } from '../files/file-path.js';
import { identify, isSameFile, type Condemned } from '../remedy/condemned.js';
import { deleteAside, deleteCondemned, findAside, type Moved } from '../remedy/verified-move.js';
import { storeError } from '../store-error.js';
import { whyDamaged } from './item-error.js';
import { openItem, verifyContent, writeItem } from './item-file.js';
import type { Metadata } from './metadata.js';
import { assertKept, itemPath, movingName, prepareVault, staleMoves, syncNames, type VaultPlace } from './vault-place.js';
import type { VaultKey } from './vault-key.js';

/** One application of a remedy. */
export interface RemedyOrder {
  readonly path: FilePath;
  readonly locator: Locator;
  /** Hex, lower case. */
  readonly sha256: string;
  readonly key: string;
  readonly result: CheckResult;
  readonly signal: AbortSignal;
}

/** A vault that is ready to be written to. */
export interface VaultRoom {
  readonly place: VaultPlace;
  /** Made where there is none. */
  key(): Promise<VaultKey>;
  /** Epoch ms. */
  now(): number;
}

/** What became of it; `links` counts the names that the content had. */
export type Quarantined = Exclude<Moved, { readonly kind: 'moved' }> | { readonly kind: 'held'; readonly links: number };

/** The same key for the same content at the same place is the same item. */
export function vaultId(key: string, sha256: string, locator: Locator): string {
  return createHash('sha256').update(JSON.stringify([key, sha256, locator.ref])).digest('hex').slice(0, 32);
}

/** A name in the directory of the condemned file that it has only while it is taken away. */
export function hiddenName(id: string): string {
  return `.vedette-${id}`;
}

/** Rejects with the system's error, or `store-damaged` where the vault fails; then nothing is lost, and the order may be repeated. */
export async function quarantineFile(order: RemedyOrder, room: VaultRoom): Promise<Quarantined> {
  const { place } = room;
  const id = vaultId(order.key, order.sha256, order.locator);
  await prepareVault(place);
  const key = await room.key();
  if (place.busy.has(id)) {
    throw new VedetteError('store-busy', `${id} is being put away already`);
  }
  place.busy.add(id);
  try {
    return await putAway(order, { id, key, place, now: room.now() });
  } finally {
    place.busy.delete(id);
  }
}

interface Task {
  readonly id: string;
  readonly key: VaultKey;
  readonly place: VaultPlace;
  readonly now: number;
}

/** A sealed copy that is not an item yet. */
interface Copy {
  readonly path: string;
  readonly links: number;
}

async function putAway(order: RemedyOrder, task: Task): Promise<Quarantined> {
  const held = await heldCopy(task);
  const copy = held ?? (await takeOver(task));
  const original = await findOriginal(order, task);
  if (!('condemned' in original)) {
    if (copy === undefined || original.kind === 'astray') {
      return original;
    }
    return held === undefined ? finish(copy, task) : { kind: 'held', links: held.links };
  }
  try {
    throwIfAborted(order.signal);
    // An interrupted run that was looked into is held while its original is still there.
    await (held === undefined ? undefined : verifyHeld(held, task, order.signal));
    return await exchange(order, { original, copy }, task);
  } finally {
    await original.condemned.close();
  }
}

/** What is held under this id already. */
async function heldCopy({ place, id, key }: Task): Promise<Copy | undefined> {
  const path = itemPath(place, id);
  try {
    const item = await openItem(place.files, path, { id, key });
    await item.file.close();
    return { path, links: item.metadata.links };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

/** Nothing is deleted for the sake of an item that is not whole. @throws VedetteError `store-damaged` */
async function verifyHeld({ path }: Copy, { place, id, key }: Task, signal: AbortSignal): Promise<void> {
  const item = await openItem(place.files, path, { id, key });
  try {
    await verifyContent(item, { signal });
  } finally {
    await item.file.close();
  }
}

/** A whole copy of an earlier run, under a name of this vault; what is not whole is removed, as its original is there. */
async function takeOver({ place, id, key }: Task): Promise<Copy | undefined> {
  const { files, moving } = place;
  const own = join(moving, movingName(place, id));
  for (const stale of await staleOf(place, id)) {
    if (await isOthers(stale, { place, id, key })) {
      continue;
    }
    try {
      if (stale !== own) {
        await files.rename(stale, own);
      }
      const item = await openItem(files, own, { id, key });
      try {
        await verifyContent(item);
        await syncWhole(place, own);
        return { path: own, links: item.metadata.links };
      } finally {
        await item.file.close();
      }
    } catch (error) {
      const isBad = VedetteError.is(error) && error.code === 'store-damaged';
      if (!isBad && errnoOf(error) !== 'ENOENT') {
        throw error;
      }
      await files.unlink(own).catch(() => undefined);
    }
  }
  return undefined;
}

/** Sealed with another key or by a newer build, it may be whole and the only copy: it is left to who can read it. */
async function isOthers(path: string, { place, id, key }: Omit<Task, 'now'>): Promise<boolean> {
  try {
    await (await openItem(place.files, path, { id, key })).file.close();
    return false;
  } catch (error) {
    return whyDamaged(error) !== 'damaged';
  }
}

async function staleOf(place: VaultPlace, id: string): Promise<string[]> {
  // This id is busy by now, by this very run: what has this vault's own name is of an earlier one.
  const calm = { ...place, busy: new Set<string>() };
  return (await staleMoves(calm)).filter((stale) => stale.id === id).map((stale) => stale.path);
}

/** Killed before its sync, the writer of a copy may have left it in memory only. */
async function syncWhole(place: VaultPlace, path: string): Promise<void> {
  const file = await place.files.open(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
  await file.sync().finally(() => file.close());
  await syncNames(place, place.moving);
}

type Original =
  | { readonly kind: 'place' | 'aside'; readonly condemned: Condemned }
  | Exclude<Moved, { readonly kind: 'moved' }>;

async function findOriginal(order: RemedyOrder, { id, place }: Task): Promise<Original> {
  const how = { signal: order.signal, files: place.files };
  const aside = await findAside(order.path, { hidden: hiddenName(id), sha256: order.sha256 }, how);
  if (aside.kind === 'condemned') {
    return { kind: 'aside', condemned: aside.condemned };
  }
  if (aside.kind === 'back' && aside.moved.kind === 'astray') {
    return aside.moved;
  }
  const identified = await identify(order.path, order.sha256, how);
  // Other content was never condemned: for a remedy the file is gone.
  return identified.kind === 'condemned' ? { kind: 'place', condemned: identified.condemned } : { kind: 'gone' };
}

/** The copy takes the place of the original. */
async function exchange(
  order: RemedyOrder,
  what: { readonly original: Original & { readonly condemned: Condemned }; readonly copy: Copy | undefined },
  task: Task,
): Promise<Quarantined> {
  const { kind, condemned } = what.original;
  const copy = what.copy ?? (await sealCopy(order, condemned, task));
  if (copy === undefined) {
    return { kind: 'changed' };
  }
  const hidden = hiddenName(task.id);
  try {
    await assertKept(task.place, copy.path);
    const moved = kind === 'aside' ? await deleteAside(condemned.dir, hidden) : await deleteCondemned(condemned, hidden);
    if (moved.kind === 'moved' || (moved.kind === 'gone' && what.copy !== undefined)) {
      return await finish(copy, task);
    }
    // A copy of an earlier run stays whatever becomes of the original: it may be the only one.
    await (what.copy === undefined ? discard(copy, task) : undefined);
    return moved;
  } catch (error) {
    if (what.copy === undefined && (await isStillThere(condemned))) {
      await discard(copy, task);
    }
    throw error;
  }
}

async function isStillThere({ dir, name, stats }: Condemned): Promise<boolean> {
  const there = await dir.files.lstat(dir.at(name)).catch(() => undefined);
  return there !== undefined && isSameFile(there, stats);
}

/** Undefined when the bytes are no longer what they were when they were identified. */
async function sealCopy(order: RemedyOrder, condemned: Condemned, task: Task): Promise<Copy | undefined> {
  const { place, id, key } = task;
  const path = join(place.moving, movingName(place, id));
  const metadata = metadataOf(order, condemned, task);
  try {
    const how = { files: place.files, key, salt: randomBytes(32), signal: order.signal };
    if (!(await writeItem(path, condemned.handle, metadata, how))) {
      return undefined;
    }
    await syncNames(place, place.moving);
  } catch (error) {
    throw storeError('writing', path, error);
  }
  return { path, links: metadata.links };
}

async function discard(copy: Copy, { place }: Task): Promise<void> {
  await place.files.unlink(copy.path).catch(() => undefined);
}

async function finish(copy: Copy, { place, id }: Task): Promise<Quarantined> {
  try {
    await place.files.rename(copy.path, itemPath(place, id));
    await syncNames(place, place.dir);
    await syncNames(place, place.moving);
  } catch (error) {
    throw storeError('writing', itemPath(place, id), error);
  }
  return { kind: 'held', links: copy.links };
}

function metadataOf(order: RemedyOrder, condemned: Condemned, { id, now }: Task): Metadata {
  const { stats, dir } = condemned;
  const { label } = order.result.subject;
  return {
    id,
    key: order.key,
    ref: order.locator.ref,
    ...(label === undefined ? {} : { label }),
    sha256: order.sha256,
    size: condemned.size,
    mode: Number(stats.mode & 0o7777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    atimeNs: String(stats.atimeNs),
    mtimeNs: String(stats.mtimeNs),
    links: Number(stats.nlink),
    parent: dir.identity,
    threats: order.result.verdict.threats.map(({ name, type }) => ({ name, type })),
    quarantinedAt: now,
  };
}
