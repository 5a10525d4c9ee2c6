/**
 * The bytes of an item, version 1, little-endian:
 *
 *      0   8  magic  89 56 44 51 0d 0a 1a 0a
 *      8   4  version
 *     12   4  length of the sealed metadata
 *     16   8  id of the vault's key
 *     24  32  salt
 *     56      sealed metadata; then the content in sealed chunks of 262,144 bytes, the last one shorter, at least one
 *
 * Whatever is sealed is AES-256-GCM with its tag of 16 bytes behind it. The key is HKDF-SHA256 of the vault's key with
 * the salt, so no two items share one. The nonce is the number of the chunk (the metadata is 0) and, in its last byte,
 * whether it is the last: chunks cannot be left out, exchanged or cut off (the STREAM construction of Hoang et al.,
 * CRYPTO 2015). The first 56 bytes are authenticated with the metadata, the metadata's tag with every chunk.
 *
 * Sealing neutralises: no scanner meets the content, and nothing runs it. It keeps no secret from who reads the key.
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import type { VaultKey } from './vault-key.js';

/** The version that is written, and the highest that is read. */
export const itemVersion = 1;

/** Bytes before the sealed metadata. */
export const prefixBytes = 56;

/** Bytes of content in a chunk. */
export const chunkBytes: number = 1 << 18;

/** Bytes of a tag, by which everything sealed is longer. */
export const tagBytes = 16;

const magic: Uint8Array = Uint8Array.of(0x89, 0x56, 0x44, 0x51, 0x0d, 0x0a, 0x1a, 0x0a);
const cipher = 'aes-256-gcm';
const purpose = 'vedette vault item, version 1';

/** What seals the chunks of one item. */
export interface ItemSeal {
  readonly key: Uint8Array;
  /** Authenticated with every chunk. */
  readonly bond: Uint8Array;
}

/** Prefix and sealed metadata, and what the chunks are sealed with. */
export function sealHead(metadata: Uint8Array, how: { readonly key: VaultKey; readonly salt: Uint8Array }): { readonly bytes: Uint8Array; readonly seal: ItemSeal } {
  const prefix = new Uint8Array(prefixBytes);
  const view = new DataView(prefix.buffer);
  prefix.set(magic);
  view.setUint32(8, itemVersion, true);
  view.setUint32(12, metadata.length + tagBytes, true);
  prefix.set(how.key.id, 16);
  prefix.set(how.salt, 24);
  const key = itemKey(how.key, how.salt);
  const sealed = seal({ key, bond: prefix }, { index: 0, isLast: false }, metadata);
  return { bytes: Buffer.concat([prefix, sealed]), seal: { key, bond: sealed.slice(-tagBytes) } };
}

/** What the first 56 bytes say. */
export type Prefix =
  | { readonly kind: 'ours'; readonly bytes: Uint8Array; readonly sealedBytes: number; readonly keyId: Uint8Array; readonly salt: Uint8Array }
  | { readonly kind: 'version'; readonly version: number }
  | { readonly kind: 'damaged' };

/** Reads the prefix; fewer bytes are damaged. */
export function readPrefix(bytes: Uint8Array): Prefix {
  if (bytes.length < prefixBytes || magic.some((byte, i) => bytes[i] !== byte)) {
    return { kind: 'damaged' };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, prefixBytes);
  const version = view.getUint32(8, true);
  if (version !== itemVersion) {
    return { kind: 'version', version };
  }
  return { kind: 'ours', bytes: bytes.slice(0, prefixBytes), sealedBytes: view.getUint32(12, true), keyId: bytes.slice(16, 24), salt: bytes.slice(24, 56) };
}

/** The metadata and what opens the chunks; undefined when the bytes are not authentic. */
export function openHead(
  prefix: Prefix & { readonly kind: 'ours' },
  sealed: Uint8Array,
  vaultKey: VaultKey,
): { readonly metadata: Uint8Array; readonly seal: ItemSeal } | undefined {
  const key = itemKey(vaultKey, prefix.salt);
  const metadata = unseal({ key, bond: prefix.bytes }, { index: 0, isLast: false }, sealed);
  return metadata === undefined ? undefined : { metadata, seal: { key, bond: sealed.slice(-tagBytes) } };
}

/** One chunk by its number, from 1. */
export interface ChunkPlace {
  readonly index: number;
  readonly isLast: boolean;
}

/** Number of chunks of a content. */
export function chunkCount(size: number): number {
  return Math.max(1, Math.ceil(size / chunkBytes));
}

/** Bytes that a content of this size takes, all chunks sealed. */
export function sealedLength(size: number): number {
  return size + chunkCount(size) * tagBytes;
}

/** Seals a chunk. */
export function seal({ key, bond }: ItemSeal, place: ChunkPlace, bytes: Uint8Array): Buffer {
  const sealing = createCipheriv(cipher, key, nonceOf(place)).setAAD(bond);
  return Buffer.concat([sealing.update(bytes), sealing.final(), sealing.getAuthTag()]);
}

/** Opens a chunk; undefined when it is not authentic, or not the one of this place. */
export function unseal({ key, bond }: ItemSeal, place: ChunkPlace, bytes: Uint8Array): Buffer | undefined {
  if (bytes.length < tagBytes) {
    return undefined;
  }
  const cut = bytes.length - tagBytes;
  try {
    const opening = createDecipheriv(cipher, key, nonceOf(place), { authTagLength: tagBytes }).setAAD(bond).setAuthTag(bytes.subarray(cut));
    return Buffer.concat([opening.update(bytes.subarray(0, cut)), opening.final()]);
  } catch {
    return undefined;
  }
}

function itemKey(vaultKey: VaultKey, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', vaultKey.bytes, salt, purpose, 32));
}

function nonceOf({ index, isLast }: ChunkPlace): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, index);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}
