/** Hashes as texts: what the readers of hash formats share. */
import { fromHex, toHex } from '../../../base/bytes.js';
import type { HashAlgorithm } from '../../../base/fingerprint.js';
import type { HashEntry } from '../../../pattern/hash-entry.js';

/** A hash and the algorithm that its length tells. */
export interface ParsedHash {
  readonly algorithm: HashAlgorithm;
  readonly hash: Uint8Array;
}

const byLength: Readonly<Record<number, HashAlgorithm>> = { 32: 'md5', 40: 'sha1', 64: 'sha256' };

/** Digests of nothing: listed, they would make every empty file a find. They are in many published lists by mistake. */
const empty = new Set([
  'd41d8cd98f00b204e9800998ecf8427e',
  'da39a3ee5e6b4b0d3255bfef95601890afd80709',
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
]);

/** Characters that a threat name may have; a longer one is no name. */
export const maxNameLength = 1000;

/** True for a text that `parseHash` takes. Cheap: fields are looked at far more often than hashes are read. */
export function isHashText(text: string): boolean {
  return byLength[text.length] !== undefined && /^[0-9a-f]+$/i.test(text);
}

/** The hash that a hex text of 32, 40 or 64 digits stands for. */
export function parseHash(text: string): ParsedHash | undefined {
  const algorithm = byLength[text.length];
  const hash = algorithm === undefined ? undefined : fromHex(text);
  return hash === undefined ? undefined : { algorithm: algorithm!, hash };
}

/** True for the hash of empty content. */
export function isEmptyContent({ hash }: ParsedHash): boolean {
  return empty.has(toHex(hash));
}

/** A size in bytes: digits, no more than 2^53 - 1. */
export function parseSize(text: string): number | undefined {
  return /^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}

/** DESIGN rule 6: MD5 and SHA-1 can be forged, so they approve only together with the size. */
export function weakApproval({ algorithm, size }: Pick<HashEntry, 'algorithm' | 'size'>): string | undefined {
  return algorithm !== 'sha256' && size === undefined
    ? `weak approval: ${algorithm === 'md5' ? 'MD5' : 'SHA-1'} counts only with the size of the file`
    : undefined;
}

/** The name of the source without its ending, fit for a threat name. */
export function stemOf(source: string): string {
  const stem = source.replace(/\.[A-Za-z0-9]+$/, '').replace(/[^A-Za-z0-9._-]+/g, '-');
  return stem === '' ? 'list' : stem;
}
