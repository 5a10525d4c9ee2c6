/**
 * How records lie in Redis. All prefixes that share their upper bits are fields of one hash, whose key carries these bits as
 * hash tag, so that a cluster spreads the hashes over its nodes. Each import has an epoch of its own in the keys; `current`
 * names the one that counts.
 */
import { fromUtf8 } from '../../base/bytes.js';
import { VedetteError } from '../../base/errors.js';
import { prefixNumber } from '../../pattern/hashes/hash-groups.js';

/** What `current` says. */
export interface RedisCurrent {
  readonly epoch: string;
  readonly generation: number;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly entries: number;
  readonly contentId: string;
  /** Upper bits of a prefix that choose its hash. */
  readonly bits: number;
}

/** Fields of one hash, about: few enough that a hash is found at once, many enough that keys weigh little. */
const fieldsPerHash = 64;
const maxBits = 24;

/** Upper bits for so many records. */
export function bucketBits(entries: number): number {
  return Math.max(0, Math.min(maxBits, Math.ceil(Math.log2(Math.max(1, entries / fieldsPerHash)))));
}

/** The key of the pointer. */
export function currentKey(namespace: string): string {
  return `${namespace}:current`;
}

/** The key of bucket number `bucket` of a group. */
export function bucketKey(namespace: string, of: { readonly code: number; readonly bucket: number; readonly epoch: string }): string {
  return `${namespace}:{${of.code}-${of.bucket.toString(16)}}:${of.epoch}`;
}

/** The bucket of a prefix. */
export function bucketOfPrefix(prefix: Uint8Array, bits: number): number {
  return bits === 0 ? 0 : prefixNumber(prefix) >>> (32 - bits);
}

/** @throws VedetteError `store-damaged` for anything but a pointer. */
export function parseCurrent(value: unknown): RedisCurrent {
  try {
    const json = JSON.parse(fromUtf8(value as Uint8Array)) as Partial<Record<keyof RedisCurrent, unknown>>;
    const { epoch, generation, createdAt, entries, contentId, bits } = json;
    const numbers = [generation, createdAt, entries, bits];
    if (typeof epoch === 'string' && typeof contentId === 'string' && numbers.every((one) => Number.isSafeInteger(one) && Number(one) >= 0) && Number(bits) <= maxBits) {
      return { epoch, contentId, generation: Number(generation), createdAt: Number(createdAt), entries: Number(entries), bits: Number(bits) };
    }
  } catch {
    // Falls through to the one error.
  }
  throw new VedetteError('store-damaged', 'server store in Redis: nothing was imported yet, or the pointer is none');
}
