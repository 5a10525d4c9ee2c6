/**
 * `vedette key-list make|show`: the signed list of the keys that answer, which a server hands out (`serve --key-list`). It is
 * made where the list key is, offline, and needs no server.
 */
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { equalBytes } from '../../base/bytes.js';
import { VedetteError } from '../../base/errors.js';
import type { Signer } from '../../base/seams.js';
import { createNodeCrypto } from '../../node/node-crypto.js';
import { createKeyList, type KeyList } from '../../protocol/key-list.js';
import { createKeyRing, type TrustedKey } from '../../protocol/key-ring.js';
import { parsePublicKey } from '../../protocol/keys.js';
import { maxKeyListBytes } from '../../protocol/limits.js';
import { defineCommand, type Command } from '../command.js';
import { exitClean } from '../exit-code.js';
import { keysOfList, readKeyList } from '../input/key-lists.js';
import { readPublicKeys, readSigner } from '../input/keys.js';
import { readLimitedFile } from '../input/read-file.js';
import { keyListLines, keyListRecord } from '../output/items/key-list.js';
import { replaceFiles } from '../output/replace-files.js';

/** Where the list key is. */
export const keyListMakeCommand: Command = defineCommand({
  name: 'key-list make',
  summary: 'sign the list of the keys that answer',
  options: {
    out: { kind: 'text', value: 'FILE', help: 'the list; one that is there is replaced by its successor', required: true },
    signedBy: { kind: 'texts', value: 'LIST.key', help: 'private list key, which signs nothing else' },
    key: { kind: 'texts', value: 'KEY.pub', help: 'a key that counts from now on, the next one too' },
    revoke: { kind: 'texts', value: 'KEY.pub', help: 'a key that never counts again' },
    notBefore: { kind: 'texts', value: 'KEY.pub=TIME', help: 'it counts from then on (2026-01-31 or 2026-01-31T12:00:00Z)' },
    notAfter: { kind: 'texts', value: 'KEY.pub=TIME', help: 'it counts until then' },
    sequence: { kind: 'whole', value: 'N', min: 1, max: Number.MAX_SAFE_INTEGER, help: 'number of the list (one more than that of the file)' },
  },
  notes:
    'A list takes the place of the one before: name every key that is to count. What was revoked stays so and need not be ' +
    'named again. Clients and relays take a list whose number is higher than the last. To rotate: a list with the old and the new key; ' +
    'an hour later the server with the new one; then a list where the old one ends (--not-after).',
  async run({ options, io }) {
    const { out } = options;
    const signers = await Promise.all(options.signedBy.map(readSigner));
    if (signers.length === 0 || options.key.length === 0) {
      throw new VedetteError('config-invalid', '--signed-by LIST.key and --key KEY.pub are needed: who signs the list, and what is to count');
    }
    const before = (await isThere(out)) ? await readKeyList(out) : undefined;
    const keys = await keysOfList(options, before);
    const sequence = options.sequence ?? (before?.sequence ?? 0) + 1;
    assertTaken({ out, keys, signers, sequence, before });
    await replaceFiles(dirname(out), [[basename(out), await createKeyList({ sequence, keys, signers, crypto: createNodeCrypto() })]]);
    for (const line of keyListLines(out, await readKeyList(out))) {
      await io.line(line);
    }
    return exitClean;
  },
});

/** Anywhere. */
export const keyListShowCommand: Command = defineCommand({
  name: 'key-list show',
  summary: 'show a list of keys',
  argument: { name: 'FILE', count: 'one' },
  options: {
    listKey: { kind: 'texts', value: 'LIST.pub', help: 'also verify that it is signed by one of these' },
    json: { kind: 'switch', help: 'one JSON line' },
  },
  async run({ args: [file = ''], options, io }) {
    const list = await readKeyList(file);
    if (options.listKey.length > 0) {
      const ring = createKeyRing({ keys: [], listKeys: (await readPublicKeys(options.listKey)).map(parsePublicKey), crypto: createNodeCrypto() });
      const outcome = await ring.offer(await readLimitedFile(file, maxKeyListBytes));
      if (outcome.kind === 'refused') {
        throw new VedetteError('config-invalid', `${file}: ${outcome.why}`);
      }
    }
    for (const line of options.json ? [JSON.stringify(keyListRecord(file, list))] : keyListLines(file, list)) {
      await io.line(line);
    }
    return exitClean;
  },
});

/** A list that every client would refuse is not written. */
function assertTaken(
  made: { readonly out: string; readonly keys: readonly TrustedKey[]; readonly signers: readonly Signer[]; readonly sequence: number; readonly before: KeyList | undefined },
): void {
  const { out, keys, signers, sequence, before } = made;
  if (signers.some((signer) => keys.some((one) => equalBytes(one.publicKey, signer.publicKey)))) {
    throw new VedetteError('config-invalid', 'a list key signs lists only: it cannot stand in one');
  }
  if (before !== undefined && sequence <= before.sequence) {
    throw new VedetteError('config-invalid', `--sequence: the list in ${out} is number ${before.sequence}, and nobody goes back`);
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}
