/**
 * The keys that answers are believed by, and how they change without a new configuration: several at once, each with the
 * time in which it counts, and a signed list that announces the next ones and revokes others (docs/protocol.md, "Keys").
 *
 * A list is believed only by keys that sign nothing else. So whoever steals a key that signs answers can forge answers
 * until it is revoked, but can neither announce a key of their own nor revoke the good ones.
 */
import { toHex } from '../base/bytes.js';
import { VedetteError } from '../base/errors.js';
import type { Crypto } from '../base/seams.js';
import { decodeKeyList, keyListPayload, type KeyList } from './key-list.js';
import { isUsableKey, keyId } from './keys.js';
import { maxClockSkewMs } from './limits.js';

/** A key and the time in which it counts. */
export interface TrustedKey {
  /** 32 raw bytes. */
  readonly publicKey: Uint8Array;
  /** Epoch ms; it counts from 5 minutes before on. From ever when absent. */
  readonly notBefore?: number | undefined;
  /** Epoch ms; it counts until 5 minutes after. For ever when absent. */
  readonly notAfter?: number | undefined;
  /** It counts no more, and no list can make it count again. */
  readonly revoked?: boolean | undefined;
}

/** What is known about the key that a message names. */
export type KeyState =
  | { readonly kind: 'trusted'; readonly publicKey: Uint8Array }
  | { readonly kind: 'unknown' | 'not-yet' | 'retired' | 'revoked' };

/** What became of a list. */
export type KeyListOutcome =
  | { readonly kind: 'taken'; readonly sequence: number }
  | { readonly kind: 'refused'; readonly why: string };

/** The keys of one server, or of several that are run by the same people. */
export interface KeyRing {
  /** The key with that id (8 bytes) at that time (epoch ms). */
  find(id: Uint8Array, now: number): KeyState;
  /**
   * Takes a list when it is newer than the last one and signed by enough list keys. A host keeps the bytes of the last
   * one taken and offers them again at its next start: what was revoked stays revoked only where it is remembered.
   */
  offer(list: Uint8Array): Promise<KeyListOutcome>;
}

/** What a key ring is made of. */
export interface KeyRingOptions {
  /** Keys that sign answers. Those of a list take their place; what is revoked stays so. */
  readonly keys: readonly (Uint8Array | TrustedKey)[];
  /** Keys that sign lists, and lists only: kept offline. Without any, no list is taken. */
  readonly listKeys?: readonly Uint8Array[] | undefined;
  /** How many of the list keys must have signed; default 1. */
  readonly threshold?: number | undefined;
  readonly crypto: Pick<Crypto, 'sha256' | 'verify'>;
}

/**
 * A ring of these keys.
 * @throws VedetteError `config-invalid` for a key that is not 32 bytes or of small order, for a key that both signs
 * answers and lists, and for a threshold that the list keys cannot meet.
 */
export function createKeyRing(options: KeyRingOptions): KeyRing {
  const { crypto } = options;
  const threshold = options.threshold ?? 1;
  const listKeys = new Map((options.listKeys ?? []).map((key) => [idOf(key, crypto), key.slice()]));
  const configured = options.keys.map(trustedKey);
  assertKeys(configured, listKeys, { threshold, crypto });
  let keys = byId(configured, crypto);
  const revoked = new Set([...keys].filter(([, key]) => key.revoked === true).map(([id]) => id));
  let sequence = 0;
  const judge = async (bytes: Uint8Array): Promise<KeyList | string> => {
    const list = decodeKeyList(bytes);
    const signers = await signersOf(list, { listKeys, crypto });
    if (listKeys.size === 0 || signers < threshold) {
      return `signed by ${signers} list keys, expected ${threshold}`;
    }
    if (list.keys.some((key) => listKeys.has(idOf(key.publicKey, crypto)))) {
      return 'a list key among the keys that sign answers';
    }
    return list;
  };
  return {
    find: (id, now) => stateOf(keys.get(toHex(id)), { isRevoked: revoked.has(toHex(id)), now }),
    async offer(bytes) {
      const list = await judge(bytes).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
      if (typeof list === 'string') {
        return { kind: 'refused', why: list };
      }
      // Asked last: another list may have been taken while signatures were verified.
      if (list.sequence <= sequence) {
        return { kind: 'refused', why: `of sequence ${list.sequence}, expected more than ${sequence}` };
      }
      sequence = list.sequence;
      keys = byId(list.keys, crypto);
      for (const [id, key] of keys) {
        if (key.revoked === true) {
          revoked.add(id);
        }
      }
      return { kind: 'taken', sequence };
    },
  };
}

/** Pure. */
function stateOf(key: TrustedKey | undefined, at: { readonly isRevoked: boolean; readonly now: number }): KeyState {
  if (at.isRevoked) {
    return { kind: 'revoked' };
  }
  if (key === undefined) {
    return { kind: 'unknown' };
  }
  if (key.notBefore !== undefined && at.now < key.notBefore - maxClockSkewMs) {
    return { kind: 'not-yet' };
  }
  return key.notAfter !== undefined && at.now > key.notAfter + maxClockSkewMs
    ? { kind: 'retired' }
    : { kind: 'trusted', publicKey: key.publicKey };
}

/** How many different list keys have signed the list. */
async function signersOf(
  list: KeyList,
  by: { readonly listKeys: ReadonlyMap<string, Uint8Array>; readonly crypto: Pick<Crypto, 'verify'> },
): Promise<number> {
  const payload = keyListPayload(list.content);
  const signers = new Set<string>();
  for (const { keyId: id, signature } of list.signatures) {
    const publicKey = by.listKeys.get(toHex(id));
    if (publicKey !== undefined && (await by.crypto.verify(publicKey, payload, signature))) {
      signers.add(toHex(id));
    }
  }
  return signers.size;
}

function trustedKey(key: Uint8Array | TrustedKey): TrustedKey {
  return key instanceof Uint8Array ? { publicKey: key.slice() } : { ...key, publicKey: key.publicKey.slice() };
}

function byId(keys: readonly TrustedKey[], crypto: Pick<Crypto, 'sha256'>): ReadonlyMap<string, TrustedKey> {
  return new Map(keys.map((key) => [idOf(key.publicKey, crypto), key]));
}

function idOf(publicKey: Uint8Array, crypto: Pick<Crypto, 'sha256'>): string {
  return toHex(keyId(publicKey, crypto));
}

function assertKeys(
  keys: readonly TrustedKey[],
  listKeys: ReadonlyMap<string, Uint8Array>,
  by: { readonly threshold: number; readonly crypto: Pick<Crypto, 'sha256'> },
): void {
  const all = [...keys.map((key) => key.publicKey), ...listKeys.values()];
  if (!all.every(isUsableKey)) {
    throw invalid('expected public keys of 32 raw bytes, none of small order');
  }
  if (keys.some((key) => listKeys.has(idOf(key.publicKey, by.crypto)))) {
    throw invalid('a key signs either answers or lists');
  }
  if (!Number.isInteger(by.threshold) || by.threshold < 1 || (listKeys.size > 0 && by.threshold > listKeys.size)) {
    throw invalid(`the threshold must be from 1 to the number of list keys, got ${by.threshold}`);
  }
}

function invalid(what: string): VedetteError {
  return new VedetteError('config-invalid', `trust: ${what}`, { detail: { what: 'public-key' } });
}
