/** `vedette serve`: the reputation server over one server pattern, until SIGTERM or SIGINT. */
import { fromUtf8 } from '../../base/bytes.js';
import { describeError, VedetteError } from '../../base/errors.js';
import { createNodeCrypto } from '../../node/node-crypto.js';
import { generateKeyPair } from '../../node/node-keys.js';
import { createSystemClock } from '../../preset/system-seams.js';
import { formatPublicKey } from '../../protocol/keys.js';
import { createHandler } from '../../server/handler.js';
import { createMemoryStore } from '../../server/memory-store.js';
import { serve } from '../../server/node-serve.js';
import type { ReputationStore } from '../../server/reputation-store.js';
import { defineCommand, type Command } from '../command.js';
import { exitClean } from '../exit-code.js';
import { readPublicKeys, readSigner } from '../input/keys.js';
import { readServerPattern, refusedFile } from '../input/patterns.js';
import { readLimitedFile } from '../input/read-file.js';

const maxPemBytes = 1024 * 1024;

/** The command. */
export const serveCommand: Command = defineCommand({
  name: 'serve',
  summary: 'answer questions from a server pattern',
  options: {
    serverPattern: { kind: 'text', value: 'FILE', help: 'what is answered from', required: true },
    trust: { kind: 'texts', value: 'KEY.pub', help: 'take only a pattern that is signed by this key' },
    host: { kind: 'text', value: 'ADDRESS', help: 'where to listen (127.0.0.1)' },
    port: { kind: 'whole', value: 'N', min: 0, max: 65_535, help: 'port; 0 is any free one (0)' },
    tlsCert: { kind: 'text', value: 'FILE', help: 'certificate chain in PEM: HTTPS instead of HTTP' },
    tlsKey: { kind: 'text', value: 'FILE', help: 'its private key in PEM' },
    key: { kind: 'text', value: 'FILE', help: 'signs the answers; without it, a key made for this run does' },
  },
  notes:
    'The first line on standard output is {"listening":URL,"key":PUBLIC KEY,"generation":N}: clients that are not on ' +
    'this machine need that key as --trust. SIGTERM ends the server when the answers under way are sent.',
  async run({ options, io }) {
    const crypto = createNodeCrypto();
    const tls = await readTls(options);
    const signer = options.key === undefined ? generateKeyPair().signer : await readSigner(options.key);
    const trust = await readPublicKeys(options.trust);
    const bytes = await readServerPattern(options.serverPattern, { crypto, trust });
    const store = openStore(options.serverPattern, () => createMemoryStore(bytes, { crypto }));
    const handler = createHandler({
      store,
      crypto,
      clock: createSystemClock(),
      signer,
      onFault: (error) => io.note(`vedette: ${describeError(error)}`),
    });
    const running = await serve({ handler, host: options.host, port: options.port, tls });
    const key = formatPublicKey(signer.publicKey);
    await io.line(JSON.stringify({ listening: running.url, key, generation: store.generation }));
    await untilStopped(io.signal);
    await running.close();
    return exitClean;
  },
});

function openStore(file: string, open: () => ReputationStore): ReputationStore {
  try {
    return open();
  } catch (error) {
    throw refusedFile(file, error);
  }
}

async function readTls(options: {
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
}): Promise<{ readonly cert: string; readonly key: string } | undefined> {
  const { tlsCert, tlsKey } = options;
  if (tlsCert === undefined && tlsKey === undefined) {
    return undefined;
  }
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new VedetteError('config-invalid', '--tls-cert and --tls-key go together');
  }
  const [cert, key] = await Promise.all([tlsCert, tlsKey].map((file) => readLimitedFile(file, maxPemBytes)));
  return { cert: fromUtf8(cert ?? new Uint8Array()), key: fromUtf8(key ?? new Uint8Array()) };
}

function untilStopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
