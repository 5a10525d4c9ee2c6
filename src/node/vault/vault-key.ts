/**
 * The key of a vault: given by the host, or 32 random bytes in a file of mode 0600, made when the first file is put
 * away. The file is linked into place whole, so that of two processes that make one at once both use the same.
 *
 *     0   8  magic  89 56 44 4b 0d 0a 1a 0a
 *     8  32  the key
 *    40   8  its id: the first bytes of SHA-256("vedette vault key" + key), which tells damage from a key
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { join } from 'node:path';
import { VedetteError } from '../../base/errors.js';
import { errnoOf } from '../files/durable-files.js';
import type { RemedyFile } from '../remedy/remedy-files.js';
import { storeError } from '../store-error.js';
import { movingName, syncNames, type VaultPlace } from './vault-place.js';

/** A key and its name. */
export interface VaultKey {
  /** 32 bytes. */
  readonly bytes: Uint8Array;
  /** 8 bytes. */
  readonly id: Uint8Array;
}

/** Name of the key's file in the vault. */
export const keyName = 'vault.key';

const magic: Uint8Array = Uint8Array.of(0x89, 0x56, 0x44, 0x4b, 0x0d, 0x0a, 0x1a, 0x0a);
const fileBytes = 48;
const keyBytes = 32;

/** A key from the host, copied. @throws RangeError for another length than 32 bytes. */
export function vaultKey(bytes: Uint8Array): VaultKey {
  if (bytes.length !== keyBytes) {
    throw new RangeError(`key of a vault: expected ${keyBytes} bytes, got ${bytes.length}`);
  }
  const copy = bytes.slice();
  return { bytes: copy, id: new Uint8Array(createHash('sha256').update('vedette vault key').update(copy).digest().subarray(0, 8)) };
}

/** Undefined when none was made yet. @throws VedetteError `store-damaged`: the file is there and holds no key. */
export async function readVaultKey({ dir, files }: VaultPlace): Promise<VaultKey | undefined> {
  const path = join(dir, keyName);
  let file: RemedyFile;
  try {
    file = await files.open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') {
      return undefined;
    }
    throw storeError('reading', path, error);
  }
  try {
    const bytes = new Uint8Array(fileBytes + 1);
    const length = await file.read(0, bytes);
    const key = vaultKey(bytes.slice(8, 40));
    if (length !== fileBytes || !startsWith(bytes, magic) || !startsWith(bytes.subarray(40), key.id)) {
      throw new VedetteError('store-damaged', `${path} holds no key: what lies in the vault cannot be opened without it`, { detail: { why: 'key' } });
    }
    return key;
  } finally {
    await file.close();
  }
}

/** The key of the vault; makes one where there is none. */
export async function makeVaultKey(place: VaultPlace, random: (count: number) => Uint8Array): Promise<VaultKey> {
  const known = await readVaultKey(place);
  if (known !== undefined) {
    return known;
  }
  const { dir, moving, files } = place;
  const draft = join(moving, movingName(place, 'key'));
  try {
    await files.unlink(draft).catch(() => undefined);
    await writeKey(place, draft, vaultKey(random(keyBytes)));
    await linkNew(place, draft, join(dir, keyName));
    await syncNames(place, dir);
  } catch (error) {
    throw storeError('writing', join(dir, keyName), error);
  } finally {
    await files.unlink(draft).catch(() => undefined);
  }
  const made = await readVaultKey(place);
  if (made === undefined) {
    throw new VedetteError('store-damaged', `${join(dir, keyName)} was removed while it was made`, { detail: { why: 'key' } });
  }
  return made;
}

async function writeKey({ files }: VaultPlace, path: string, key: VaultKey): Promise<void> {
  const file = await files.open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    await file.write(0, Buffer.concat([magic, key.bytes, key.id]));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Whoever comes second leaves the first one's key. Where there are no hard links, the last one's counts. */
async function linkNew({ files }: VaultPlace, from: string, to: string): Promise<void> {
  try {
    await files.link(from, to);
  } catch (error) {
    const errno = errnoOf(error) ?? '';
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errno)) {
      await files.rename(from, to);
    } else if (errno !== 'EEXIST') {
      throw error;
    }
  }
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}
