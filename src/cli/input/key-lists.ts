/** Key lists as files, and what the user says about the keys of one. */
import { VedetteError, describeError } from '../../base/errors.js';
import { decodeKeyList, type KeyList } from '../../protocol/key-list.js';
import type { TrustedKey } from '../../protocol/key-ring.js';
import { formatPublicKey, parsePublicKey } from '../../protocol/keys.js';
import { maxKeyListBytes } from '../../protocol/limits.js';
import { readPublicKey, readPublicKeys } from './keys.js';
import { readLimitedFile } from './read-file.js';

/** What is to stand in a list. */
export interface ListedKeys {
  readonly key: readonly string[];
  readonly revoke: readonly string[];
  /** Each `KEY.pub=TIME`. */
  readonly notBefore: readonly string[];
  readonly notAfter: readonly string[];
}

/** The list in a file; nobody has looked at its signatures. @throws VedetteError `config-invalid`, naming the file. */
export async function readKeyList(path: string): Promise<KeyList> {
  const bytes = await readLimitedFile(path, maxKeyListBytes);
  try {
    return decodeKeyList(bytes);
  } catch (error) {
    throw new VedetteError('config-invalid', `${path}: no key list (${describeError(error)})`, { cause: error });
  }
}

/**
 * The keys of a list that takes the place of another: what that one revoked stays revoked.
 * @throws VedetteError `config-invalid` for what is no key or no time, a time of a key that is not listed, and a key that was revoked.
 */
export async function keysOfList(listed: ListedKeys, before: KeyList | undefined): Promise<TrustedKey[]> {
  const counting = await readPublicKeys(listed.key);
  const revokedBefore = (before?.keys ?? []).filter((one) => one.revoked === true).map((one) => formatPublicKey(one.publicKey));
  const revoked = new Set([...revokedBefore, ...(await readPublicKeys(listed.revoke))]);
  const back = counting.find((text) => revoked.has(text));
  if (back !== undefined) {
    throw new VedetteError('config-invalid', `${back} is revoked, and stays so`);
  }
  const [notBefore, notAfter] = await Promise.all([timesOf('--not-before', listed.notBefore, counting), timesOf('--not-after', listed.notAfter, counting)]);
  return [
    ...[...new Set(counting)].map((text) => ({ publicKey: parsePublicKey(text), notBefore: notBefore.get(text), notAfter: notAfter.get(text) })),
    ...[...revoked].map((text) => ({ publicKey: parsePublicKey(text), revoked: true })),
  ];
}

async function timesOf(option: string, pairs: readonly string[], counting: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  for (const pair of pairs) {
    const at = pair.lastIndexOf('=');
    const key = await readPublicKey(pair.slice(0, Math.max(0, at)));
    if (!counting.includes(key)) {
      throw new VedetteError('config-invalid', `${option}: ${pair.slice(0, at)} is not among the keys of --key`);
    }
    times.set(key, instant(option, pair.slice(at + 1)));
  }
  return times;
}

/** A day, or an instant with its zone: a time of nobody's zone would be another one elsewhere. */
function instant(option: string, text: string): number {
  const isOne = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const at = isOne ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new VedetteError('config-invalid', `${option}: expected KEY.pub=2026-01-31 or KEY.pub=2026-01-31T12:00:00Z, got ${text}`);
  }
  return at;
}
