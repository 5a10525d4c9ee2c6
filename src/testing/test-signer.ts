/** Ed25519 keys for tests that are the same in every run. Their private halves are public: never use them elsewhere. */
import type { Signer } from '../base/seams.js';
import { concatBytes, fromBase64Url, fromHex } from '../base/bytes.js';

/** PKCS #8 frame of a raw Ed25519 seed (RFC 8410). */
const pkcs8Head = '302e020100300506032b657004220420';

/** The signer number `seed` (0 to 255): the same number, the same key. Needs WebCrypto with Ed25519. */
export async function createTestSigner(seed = 1): Promise<Signer> {
  const secret = new Uint8Array(32).fill(seed);
  const framed = concatBytes([fromHex(pkcs8Head) ?? new Uint8Array(0), secret]);
  const key = await crypto.subtle.importKey('pkcs8', new Uint8Array(framed), { name: 'Ed25519' }, true, ['sign']);
  const { x } = await crypto.subtle.exportKey('jwk', key);
  return {
    publicKey: fromBase64Url(x ?? '') ?? new Uint8Array(0),
    sign: async (message) => new Uint8Array(await crypto.subtle.sign({ name: 'Ed25519' }, key, new Uint8Array(message))),
  };
}
