/** The keys of `vedette serve` that come and go: the list that it hands out, and for a relay the keys that it believes. */
import type { Signer } from '../../base/seams.js';
import { createNodeCrypto } from '../../node/node-crypto.js';
import { createSystemClock } from '../../preset/system-seams.js';
import { createKeyRing, type KeyRing } from '../../protocol/key-ring.js';
import { parsePublicKey } from '../../protocol/keys.js';
import { isClusterWorker } from '../../server/node/cluster.js';
import { readPublicKeys } from '../input/keys.js';
import { openKeyListFile } from './key-list-file.js';
import type { ServeSettings } from './settings.js';

/** What gives the list that is handed out; undefined without `--key-list`. Never rejects. */
export type HandedOut = (() => Promise<Uint8Array | undefined>) | undefined;

/** What both need. */
export interface KeyParts {
  /** Told of faults that end nothing. */
  readonly onFault: (error: unknown) => void;
}

/** The key list of a server with this key. @throws VedetteError `config-invalid`, naming the file, when clients would not believe it. */
export async function servedKeyList(settings: ServeSettings, parts: KeyParts & { readonly signer: Signer | undefined }): Promise<HandedOut> {
  const signingKey = parts.signer?.publicKey;
  const ring = settings.listKey.length === 0 ? undefined : await ringOf(settings, signingKey === undefined ? [] : [signingKey]);
  return open(settings, { ...parts, ring, signingKey });
}

/** The keys that a relay believes, and the list that it hands out. With list keys it believes by the list. */
export async function relayedKeys(settings: ServeSettings, parts: KeyParts): Promise<{ readonly trust: KeyRing; readonly keyList: HandedOut }> {
  const ring = await ringOf(settings, (await readPublicKeys(settings.trust)).map(parsePublicKey));
  const keyList = await open(settings, { ...parts, ring: settings.listKey.length === 0 ? undefined : ring, signingKey: undefined });
  const find: KeyRing['find'] = (id, now) => {
    // The file may have a newer list by now: whoever asks next is judged by it.
    void keyList?.();
    return ring.find(id, now);
  };
  return { trust: { ...ring, find }, keyList };
}

async function ringOf({ listKey }: ServeSettings, keys: readonly Uint8Array[]): Promise<KeyRing> {
  return createKeyRing({ keys, listKeys: (await readPublicKeys(listKey)).map(parsePublicKey), crypto: createNodeCrypto() });
}

async function open(
  { keyList }: ServeSettings,
  how: KeyParts & { readonly ring: KeyRing | undefined; readonly signingKey: Uint8Array | undefined },
): Promise<HandedOut> {
  const parts = { ...how, crypto: createNodeCrypto(), clock: createSystemClock(), isRestart: isClusterWorker() };
  return keyList === undefined ? undefined : openKeyListFile({ path: keyList, ...parts });
}
