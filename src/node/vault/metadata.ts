/** What a vault knows about a file: a JSON text, sealed in the head of its item. */
import { fileScheme, locatorPath, pathLabel } from '../files/file-path.js';
import type { VaultedFile } from './item.js';

/** The facts as they are written. Instants of the file are decimal nanoseconds since the epoch: no digit is lost. */
export interface Metadata extends Omit<VaultedFile, 'state' | 'path' | 'atimeMs' | 'mtimeMs'> {
  readonly atimeNs: string;
  readonly mtimeNs: string;
  /** Device and inode of the directory that it was in. */
  readonly parent: string;
}

/** Longest sealed metadata. */
export const maxMetadataBytes: number = 1 << 20;

const maxTextChars = 4096;
const maxThreats = 100;

/** Bytes of the metadata, with the texts of others cut. @throws RangeError when they are still too long: a path is. */
export function encodeMetadata(metadata: Metadata): Uint8Array {
  const { label, threats } = metadata;
  const bounded: Metadata = {
    ...metadata,
    ...(label === undefined ? {} : { label: label.slice(0, maxTextChars) }),
    threats: threats.slice(0, maxThreats).map(({ name, type }) => ({ name: name.slice(0, maxTextChars), type })),
  };
  const bytes = Buffer.from(JSON.stringify(bounded));
  if (bytes.length > maxMetadataBytes - 256) {
    throw new RangeError(`metadata: expected at most ${maxMetadataBytes - 256} bytes, got ${bytes.length}`);
  }
  return bytes;
}

/** Undefined for what was never written: every field is checked, although the bytes were authentic. */
export function parseMetadata(bytes: Uint8Array): Metadata | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
    return isMetadata(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** As its keeper sees it. */
export function vaultedFile(metadata: Metadata, state: VaultedFile['state']): VaultedFile {
  const { atimeNs, mtimeNs, parent: _, ...facts } = metadata;
  const path = locatorPath({ scheme: fileScheme, ref: metadata.ref });
  return {
    state,
    ...facts,
    path: path === undefined ? metadata.ref : pathLabel(path),
    atimeMs: Number(BigInt(atimeNs)) / 1e6,
    mtimeMs: Number(BigInt(mtimeNs)) / 1e6,
  };
}

const texts = ['id', 'key', 'ref', 'sha256', 'parent', 'atimeNs', 'mtimeNs'] as const;
const numbers = ['size', 'mode', 'uid', 'gid', 'links'] as const;

function isMetadata(json: unknown): json is Metadata {
  if (typeof json !== 'object' || json === null) {
    return false;
  }
  const facts = json as Readonly<Record<string, unknown>>;
  return (
    texts.every((name) => typeof facts[name] === 'string') &&
    numbers.every((name) => Number.isSafeInteger(facts[name]) && Number(facts[name]) >= 0) &&
    Number.isFinite(facts['quarantinedAt']) &&
    /^[0-9a-f]{32}$/.test(String(facts['id'])) &&
    /^[0-9a-f]{64}$/.test(String(facts['sha256'])) &&
    [facts['atimeNs'], facts['mtimeNs']].every((instant) => /^-?\d{1,20}$/.test(String(instant))) &&
    (facts['label'] === undefined || typeof facts['label'] === 'string') &&
    areThreats(facts['threats'])
  );
}

/** True for a list of names and types. */
export function areThreats(value: unknown): boolean {
  return Array.isArray(value) && value.every((one: unknown) => isThreat(one));
}

function isThreat(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'name' in value && 'type' in value &&
    typeof value.name === 'string' && typeof value.type === 'string'
  );
}
