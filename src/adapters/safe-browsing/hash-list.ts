/**
 * One Safe Browsing list as it is kept: hashes of one length, sorted, one after the other. An update is applied as a
 * whole or not at all; what comes out is believed only when its digest is the one that the server names.
 */
import { compareBytes, equalBytes } from '../../base/bytes.js';
import type { RiceLimits } from '../../pattern/rice/rice.js';
import { decodeRice32, decodeRiceWide } from '../../pattern/rice/rice.js';
import { refused } from '../../pattern/refused.js';
import type { Additions, ListUpdate } from './messages.js';

/** Lengths that the service has. */
export type HashBytes = 4 | 8 | 16 | 32;

/** A list. Immutable. */
export interface HashList {
  readonly name: string;
  /** As the server sent it; sent back as it is. */
  readonly version: Uint8Array;
  readonly hashBytes: HashBytes;
  /** Sorted, unique, `hashBytes` each. */
  readonly hashes: Uint8Array;
}

/** What applying depends on. */
export interface ApplyOptions extends RiceLimits {
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
}

/**
 * The list after an update: removals by index first, then additions; a full update starts from nothing. An update
 * without checksum leaves the list as it is.
 * @throws VedetteError `pattern-refused`: `altered` (the digest is another), `malformed`, `limit`, `truncated`.
 */
export function applyUpdate(current: HashList | undefined, update: ListUpdate, options: ApplyOptions): HashList {
  const before = update.partial ? current : undefined;
  if (update.partial && before === undefined) {
    throw refused('malformed', `${update.name}: a change to a list that is not there`);
  }
  if (update.checksum === undefined && update.additions === undefined && update.removals === undefined && before !== undefined) {
    return { ...before, version: update.version.slice() };
  }
  const hashBytes = update.additions?.hashBytes ?? before?.hashBytes ?? 4;
  if (before !== undefined && before.hashes.length > 0 && before.hashBytes !== hashBytes) {
    throw refused('malformed', `${update.name}: hashes of ${hashBytes} bytes added to ones of ${before.hashBytes}`);
  }
  const kept = withoutRemoved(before?.hashes ?? new Uint8Array(0), hashBytes, update, options);
  const added = update.additions === undefined ? new Uint8Array(0) : decodeAdditions(update.additions, options);
  if (kept.length + added.length > options.maxEntries * hashBytes) {
    throw refused('limit', `${update.name}: more than ${options.maxEntries} hashes`, { max: options.maxEntries });
  }
  const hashes = merge(kept, added, hashBytes);
  if (update.checksum === undefined || !equalBytes(options.sha256(hashes), update.checksum)) {
    throw refused('altered', `${update.name}: the list is not the one that its checksum names`, { list: update.name });
  }
  return { name: update.name, version: update.version.slice(), hashBytes, hashes };
}

/** Whether the list holds the hash, or the prefix of it that the list's length gives. Cost: a logarithm. */
export function listHas(list: HashList, hash: Uint8Array): boolean {
  const { hashes, hashBytes } = list;
  const wanted = hash.subarray(0, hashBytes);
  let low = 0;
  let high = hashes.length / hashBytes;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareBytes(hashes.subarray(middle * hashBytes, (middle + 1) * hashBytes), wanted);
    if (order === 0) {
      return true;
    }
    if (order < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return false;
}

function decodeAdditions(additions: Additions, limits: RiceLimits): Uint8Array {
  if (additions.hashBytes !== 4) {
    return decodeRiceWide(additions.block, limits);
  }
  const numbers = decodeRice32(additions.block, limits);
  const out = new Uint8Array(numbers.length * 4);
  const view = new DataView(out.buffer);
  numbers.forEach((number, i) => view.setUint32(i * 4, number));
  return out;
}

function withoutRemoved(hashes: Uint8Array, hashBytes: HashBytes, update: ListUpdate, limits: RiceLimits): Uint8Array {
  if (update.removals === undefined) {
    return hashes;
  }
  const count = hashes.length / hashBytes;
  const removed = decodeRice32(update.removals, limits);
  const out = new Uint8Array(hashes.length);
  let length = 0;
  let from = 0;
  for (const index of removed) {
    if (index >= count || index < from) {
      throw refused('malformed', `${update.name}: entry ${index} of ${count} is to be removed`, { index });
    }
    out.set(hashes.subarray(from * hashBytes, index * hashBytes), length);
    length += (index - from) * hashBytes;
    from = index + 1;
  }
  out.set(hashes.subarray(from * hashBytes), length);
  return out.subarray(0, length + (count - from) * hashBytes);
}

/** Both sorted lists as one. */
function merge(a: Uint8Array, b: Uint8Array, hashBytes: HashBytes): Uint8Array {
  if (a.length === 0 || b.length === 0) {
    return (a.length === 0 ? b : a).slice();
  }
  const out = new Uint8Array(a.length + b.length);
  let i = 0;
  let j = 0;
  for (let at = 0; at < out.length; at += hashBytes) {
    const takeA = j >= b.length || (i < a.length && compareAt(a, i, b, j, hashBytes) <= 0);
    for (let k = 0; k < hashBytes; k++) {
      out[at + k] = takeA ? a[i + k]! : b[j + k]!;
    }
    i += takeA ? hashBytes : 0;
    j += takeA ? 0 : hashBytes;
  }
  return out;
}

function compareAt(a: Uint8Array, i: number, b: Uint8Array, j: number, count: number): number {
  for (let k = 0; k < count; k++) {
    const difference = a[i + k]! - b[j + k]!;
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}
