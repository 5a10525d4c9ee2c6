/** `vedette import`: a server pattern into the store of a data directory, for a server that answers from it. */
import { join } from 'node:path';
import { importServerPattern } from '../../node/server-store/import-server-pattern.js';
import { createNodeCrypto } from '../../node/node-crypto.js';
import { parsePublicKey } from '../../protocol/keys.js';
import { defineCommand, type Command } from '../command.js';
import { exitClean } from '../exit-code.js';
import { readPublicKeys } from '../input/keys.js';
import { refusedFile } from '../input/patterns.js';

/** The directory of the server's store in a data directory. */
export function serverStoreDir(dataDir: string): string {
  return join(dataDir, 'server');
}

/** The command. */
export const importCommand: Command = defineCommand({
  name: 'import',
  summary: 'take a server pattern into the data directory of a server',
  argument: { name: 'FILE', count: 'one' },
  options: {
    data: { kind: 'text', value: 'DIR', help: 'the data directory that `vedette serve --data` answers from', required: true },
    trust: { kind: 'texts', value: 'KEY.pub', help: 'take only a pattern signed by this key' },
    rollback: { kind: 'switch', help: 'take it even where a newer generation is there' },
  },
  notes: 'Servers that run go over to the new generation by themselves, without a pause. Memory does not grow with the file.',
  async run({ args, options, io }) {
    const [file = ''] = args;
    const origin = await importServerPattern({
      file,
      dir: serverStoreDir(options.data),
      crypto: createNodeCrypto(),
      trust: (await readPublicKeys(options.trust)).map(parsePublicKey),
      rollback: options.rollback,
      signal: io.signal,
    }).catch((error: unknown) => {
      throw refusedFile(file, error);
    });
    await io.line(JSON.stringify({ imported: file, generation: origin.generation }));
    return exitClean;
  },
});
