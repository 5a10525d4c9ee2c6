/** `vedette keygen`: an Ed25519 key pair that signs patterns and answers. */
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { VedetteError } from '../../base/errors.js';
import { createNodeCrypto } from '../../node/node-crypto.js';
import { generateKeyPair } from '../../node/node-keys.js';
import { keyIdOf } from '../../pattern/container.js';
import { formatPublicKey } from '../../protocol/keys.js';
import { defineCommand, type Command } from '../command.js';
import { exitClean } from '../exit-code.js';
import { fileError } from '../input/read-file.js';

/** The command. */
export const keygenCommand: Command = defineCommand({
  name: 'keygen',
  summary: 'make an Ed25519 key pair',
  options: { out: { kind: 'text', value: 'DIR', help: 'where vedette.key and vedette.pub go', required: true } },
  notes: 'vedette.key is a PKCS #8 PEM without a password, readable by you alone. Nothing is ever overwritten.',
  async run({ options, io }) {
    const pair = generateKeyPair();
    const text = formatPublicKey(pair.publicKey);
    const privateFile = join(options.out, 'vedette.key');
    const publicFile = join(options.out, 'vedette.pub');
    await mkdir(options.out, { recursive: true }).catch((error: unknown) => {
      throw fileError(options.out, error);
    });
    await writeNew(privateFile, pair.privateKeyPem, 0o600);
    try {
      await writeNew(publicFile, `${text}\n`, 0o644);
    } catch (error) {
      // Half a pair is worse than none: it was made a moment ago, so nobody can be using it.
      await rm(privateFile, { force: true });
      throw error;
    }
    await io.line(`${privateFile}  private key: keep it to yourself`);
    await io.line(`${publicFile}  ${text} (id ${keyIdOf(pair.publicKey, createNodeCrypto())})`);
    return exitClean;
  },
});

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  try {
    const file = await open(path, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw isThere ? new VedetteError('config-invalid', `${path} is there already: keys are never overwritten`) : fileError(path, error);
  }
}
