/** Puts a vault together: its directory, its key, what comes in, what goes out. */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { HostLists } from '../../lists/host-lists.js';
import { createRemedies } from '../remedy/remedies.js';
import { nodeProcesses, type ProcessProbe } from '../journal/lock-holder.js';
import { nodeRemedyFiles, type RemedyFiles } from '../remedy/remedy-files.js';
import { diskError, refusal } from './item-error.js';
import type { VaultItem } from './item.js';
import { readContent } from './item-file.js';
import { listItems, purgeChoice, removeItem, sweep } from './list.js';
import { adoptOldQuarantine, describeLeft, removeLeft, type LeftRecord } from './old-quarantine.js';
import { openHeld, restoreItem, settleMove } from './restore.js';
import type { Vault } from './vault.js';
import { makeVaultKey, readVaultKey, vaultKey, type VaultKey } from './vault-key.js';
import { prepareVault, type VaultPlace } from './vault-place.js';

/** Options of `createVault`. */
export interface VaultOptions {
  /** Made with mode 0700 when it is first needed; everything in it with 0600. */
  readonly dir: string;
  /** 32 bytes that the host keeps. Without it a key is made at first use and kept in the directory. */
  readonly key?: Uint8Array | undefined;
  /** Where `restore` approves. */
  readonly lists?: Pick<HostLists, 'add'> | undefined;
  /** A quarantine directory from before there were vaults, whose files are taken over. One in `dir` itself always is. */
  readonly adopt?: string | undefined;
  /** Epoch ms; the system's clock by default. */
  readonly now?: (() => number) | undefined;
}

/** What tests put in the place of the machine. */
export interface VaultSeams {
  readonly files?: RemedyFiles | undefined;
  readonly processes?: ProcessProbe | undefined;
}

/**
 * A vault in a directory. Opens nothing until it is used. Several processes may use one directory.
 * @throws RangeError for a key of another length than 32 bytes.
 */
export function createVault(options: VaultOptions): Vault {
  return createVaultWith(options, {});
}

/** The same over other system calls. */
export function createVaultWith(options: VaultOptions, seams: VaultSeams): Vault {
  const room = openRoom(options, seams);
  const { place, now } = room;
  return {
    ...createRemedies({ files: place.files, vault: { place, key: room.keyForWriting, now } }),
    async *list() {
      const left = await room.adopted();
      yield* listItems(place, await room.keyForReading());
      for (const one of left) {
        const item = await describeLeft(one, place);
        yield* item === undefined ? [] : [item];
      }
    },
    async open(id) {
      await room.adopted();
      const how = { place, key: await room.keyForReading() };
      await stored('opening', place, () => settleMove(id, how));
      const item = await openHeld(id, how);
      return streamOf(readContent(item), () => item.file.close());
    },
    async restore(id, { to, approve = false } = {}) {
      if (approve && options.lists === undefined) {
        throw refusal('lists', 'a vault approves in the lists that it was given, and this one was given none');
      }
      await room.adopted();
      const key = await room.keyForReading();
      const approveIn = approve ? options.lists : undefined;
      return stored('restoring from', place, () => restoreItem(id, { place, key, to, approveIn }));
    },
    async remove(id) {
      const left = await room.adopted();
      return stored('removing from', place, () => remove(id, { place, left }));
    },
    async purge(limits = {}) {
      const left = await room.adopted();
      const key = await room.keyForReading();
      return stored('purging', place, () => purge(place, { key, left, limits, now: now() }));
    },
  };
}

interface Room {
  readonly place: VaultPlace;
  readonly now: () => number;
  /** Made where there is none. */
  readonly keyForWriting: () => Promise<VaultKey>;
  /** Undefined where there is none yet. */
  keyForReading(): Promise<VaultKey | undefined>;
  /** Takes over what an earlier build left, once; what could not be. */
  adopted(): Promise<readonly LeftRecord[]>;
}

function openRoom(options: VaultOptions, seams: VaultSeams): Room {
  const dir = resolve(options.dir);
  const place: VaultPlace = {
    dir,
    moving: join(dir, 'moving'),
    files: seams.files ?? nodeRemedyFiles,
    processes: seams.processes ?? nodeProcesses,
    token: randomBytes(8).toString('hex'),
    busy: new Set(),
    prepared: new Set(),
  };
  const given = options.key === undefined ? undefined : vaultKey(options.key);
  const making = once(() => makeVaultKey(place, randomBytes));
  const keyForWriting = async (): Promise<VaultKey> => given ?? making();
  const prepare = (): Promise<void> => prepareVault(place);
  const adoption = { place, key: keyForWriting, prepare, random: randomBytes };
  return {
    place,
    now: options.now ?? Date.now,
    keyForWriting,
    keyForReading: async () => given ?? readVaultKey(place),
    adopted: once(() => stored('taking over to', place, () => adoptAll([dir, ...(options.adopt === undefined ? [] : [resolve(options.adopt)])], adoption))),
  };
}

async function adoptAll(dirs: readonly string[], adoption: Parameters<typeof adoptOldQuarantine>[1]): Promise<LeftRecord[]> {
  const left: LeftRecord[] = [];
  for (const dir of dirs) {
    left.push(...(await adoptOldQuarantine(dir, adoption)));
  }
  return left;
}

interface Removal {
  readonly place: VaultPlace;
  readonly left: readonly LeftRecord[];
}

/** The item of this id, and the old records that have it. */
async function remove(id: string, { place, left }: Removal): Promise<boolean> {
  let isRemoved = await removeItem(place, id);
  for (const one of left.filter((record) => record.id === id)) {
    isRemoved = (await removeLeft(one, place)) || isRemoved;
  }
  return isRemoved;
}

async function purge(
  place: VaultPlace,
  how: Omit<Removal, 'place'> & { readonly key: VaultKey | undefined; readonly limits: Parameters<Vault['purge']>[0]; readonly now: number },
): Promise<number> {
  await sweep(place, how.key, how.now);
  const items: VaultItem[] = [];
  for await (const item of listItems(place, how.key)) {
    items.push(item);
  }
  for (const one of how.left) {
    const item = await describeLeft(one, place);
    items.push(...(item === undefined ? [] : [item]));
  }
  let count = 0;
  for (const id of new Set(purgeChoice(items, how.limits ?? {}, how.now))) {
    count += (await remove(id, { place, left: how.left })) ? 1 : 0;
  }
  return count;
}

/** A stream that closes the file at its end, at a failure, and when it is destroyed unread. */
function streamOf(pieces: AsyncGenerator<Buffer, void, undefined>, close: () => Promise<void>): Readable {
  return new Readable({
    read() {
      pieces.next().then(
        ({ value, done }) => void this.push(done === true ? null : (value ?? null)),
        (error: unknown) => void this.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    },
    destroy(error, done) {
      close().then(() => done(error), (failed: unknown) => done(error ?? (failed instanceof Error ? failed : null)));
    },
  });
}

async function stored<T>(operation: string, place: VaultPlace, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw diskError(operation, place.dir, error);
  }
}

/** The first success is kept; a failure is tried again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
