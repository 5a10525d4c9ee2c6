/** An item as a file: written from a file that is held open, and read as a stream without ever holding all of it. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { throwIfAborted } from '../../base/errors.js';
import type { Signal } from '../../base/seams.js';
import type { RemedyFile, RemedyFiles } from '../remedy/remedy-files.js';
import { itemError } from './item-error.js';
import {
  chunkBytes, chunkCount, itemVersion, openHead, prefixBytes, readPrefix, seal, sealedLength, sealHead, tagBytes, unseal, type ItemSeal,
} from './item-format.js';
import { encodeMetadata, maxMetadataBytes, parseMetadata, type Metadata } from './metadata.js';
import type { VaultKey } from './vault-key.js';

/** How an item is written. */
export interface Writing extends Signal {
  readonly files: RemedyFiles;
  readonly key: VaultKey;
  readonly salt: Uint8Array;
}

/**
 * Writes an item to a new file and brings it to the disk. False, with nothing left, when the source does not have the
 * size and digest that the metadata says.
 */
export async function writeItem(path: string, source: RemedyFile, metadata: Metadata, how: Writing): Promise<boolean> {
  const { files } = how;
  const target = await files.open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0), 0o600);
  let isWhole = false;
  try {
    isWhole = await fill(target, source, metadata, how);
    if (isWhole) {
      await target.sync();
    }
  } catch (error) {
    isWhole = false;
    throw error;
  } finally {
    await target.close();
    if (!isWhole) {
      await files.unlink(path).catch(() => undefined);
    }
  }
  return isWhole;
}

async function fill(target: RemedyFile, source: RemedyFile, metadata: Metadata, how: Writing): Promise<boolean> {
  const head = sealHead(encodeMetadata(metadata), how);
  await target.write(0, head.bytes);
  const hash = createHash('sha256');
  // One byte more than a chunk: whether anything follows the last one.
  const buffer = new Uint8Array(chunkBytes + 1);
  const count = chunkCount(metadata.size);
  for (let index = 1, at = head.bytes.length; index <= count; index++, at += chunkBytes + tagBytes) {
    throwIfAborted(how.signal);
    const from = (index - 1) * chunkBytes;
    const isLast = index === count;
    const length = Math.min(chunkBytes, metadata.size - from);
    const read = await source.read(from, buffer);
    if (read < length || (isLast && read > length)) {
      return false;
    }
    const chunk = buffer.subarray(0, length);
    hash.update(chunk);
    await target.write(at, seal(head.seal, { index, isLast }, chunk));
  }
  return hash.digest('hex') === metadata.sha256;
}

/** An item that is open. */
export interface OpenItem {
  readonly metadata: Metadata;
  readonly file: RemedyFile;
  readonly seal: ItemSeal;
  /** Offset of the first chunk. */
  readonly contentAt: number;
}

/**
 * Opens an item; the caller closes its file. Rejects with the system's error, or with VedetteError `store-damaged`
 * when head or length are not what was written, `detail.why` saying whether it is damaged, of another key or newer.
 */
export async function openItem(files: RemedyFiles, path: string, what: { readonly id: string; readonly key: VaultKey | undefined }): Promise<OpenItem> {
  const file = await files.open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    return await readHead(file, what);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readHead(file: RemedyFile, { id, key }: { readonly id: string; readonly key: VaultKey | undefined }): Promise<OpenItem> {
  const stats = await file.stat();
  // untrusted: a file on disk, read under limits
  const prefix = stats.isFile() ? readPrefix(await readExactly(file, 0, prefixBytes)) : ({ kind: 'damaged' } as const);
  if (prefix.kind === 'version') {
    throw itemError(id, 'version', `has format version ${prefix.version}; this vedette reads up to ${itemVersion}`);
  }
  if (prefix.kind === 'damaged' || prefix.sealedBytes < tagBytes || prefix.sealedBytes > maxMetadataBytes) {
    throw itemError(id, 'damaged', 'is no item of a vault, or its beginning is damaged');
  }
  if (key === undefined || key.id.some((byte, i) => byte !== prefix.keyId[i])) {
    throw itemError(id, 'foreign', 'was sealed with another key than that of this vault');
  }
  const head = openHead(prefix, await readExactly(file, prefixBytes, prefix.sealedBytes), key);
  const metadata = head === undefined ? undefined : parseMetadata(head.metadata);
  if (head === undefined || metadata?.id !== id) {
    throw itemError(id, 'damaged', 'its facts are damaged');
  }
  const contentAt = prefixBytes + prefix.sealedBytes;
  if (Number(stats.size) !== contentAt + sealedLength(metadata.size)) {
    throw itemError(id, 'damaged', `has ${stats.size} bytes instead of ${contentAt + sealedLength(metadata.size)}`);
  }
  return { metadata, file, seal: head.seal, contentAt };
}

/**
 * The content in pieces, each authentic before it is given out; at the end the digest is compared. Throws VedetteError
 * `store-damaged` where it is damaged: then nothing that was given out is the file.
 */
export async function* readContent({ metadata, file, seal: opening, contentAt }: OpenItem, options: Signal = {}): AsyncGenerator<Buffer, void, undefined> {
  const hash = createHash('sha256');
  const count = chunkCount(metadata.size);
  for (let index = 1; index <= count; index++) {
    throwIfAborted(options.signal);
    const isLast = index === count;
    const length = Math.min(chunkBytes, metadata.size - (index - 1) * chunkBytes) + tagBytes;
    const sealed = await readExactly(file, contentAt + (index - 1) * (chunkBytes + tagBytes), length);
    const piece = unseal(opening, { index, isLast }, sealed);
    if (piece === undefined) {
      throw itemError(metadata.id, 'damaged', `piece ${index} of ${count} of its content is damaged`);
    }
    hash.update(piece);
    if (piece.length > 0) {
      yield piece;
    }
  }
  if (hash.digest('hex') !== metadata.sha256) {
    throw itemError(metadata.id, 'damaged', 'its content is not what was put away');
  }
}

/** Resolves when all of the content was read and is what was put away. */
export async function verifyContent(item: OpenItem, options: Signal = {}): Promise<void> {
  for await (const _ of readContent(item, options)) {
    // Being read is all that it is for.
  }
}

async function readExactly(file: RemedyFile, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, await file.read(at, bytes));
}
