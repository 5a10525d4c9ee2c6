/** Keys that the user names: public ones as text or in PEM, private ones in PEM. */
import { fromUtf8 } from '../../base/bytes.js';
import type { Signer } from '../../base/seams.js';
import { VedetteError } from '../../base/errors.js';
import { publicKeyFromPem, signerFromPem } from '../../node/node-keys.js';
import { formatPublicKey, parsePublicKey } from '../../protocol/keys.js';
import { readLimitedFile } from './read-file.js';

const maxKeyBytes = 65_536;

/**
 * The text form (`ed25519:…`) of a public key: given as that text, or as a file that holds it or a PEM.
 * @throws VedetteError `config-invalid` naming the argument.
 */
export async function readPublicKey(argument: string): Promise<string> {
  const text = argument.startsWith('ed25519:') ? argument : fromUtf8(await readLimitedFile(argument, maxKeyBytes));
  return named(argument, () => formatPublicKey(text.includes('-----BEGIN') ? publicKeyFromPem(text) : parsePublicKey(text)));
}

/** The text forms of several. */
export function readPublicKeys(names: readonly string[]): Promise<string[]> {
  return Promise.all(names.map(readPublicKey));
}

/** @throws VedetteError `config-invalid` naming the file, never quoting it. */
export async function readSigner(file: string): Promise<Signer> {
  const pem = fromUtf8(await readLimitedFile(file, maxKeyBytes));
  return named(file, () => signerFromPem(pem));
}

function named<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw VedetteError.is(error) ? new VedetteError(error.code, `${name}: ${error.message}`, { cause: error }) : error;
  }
}
