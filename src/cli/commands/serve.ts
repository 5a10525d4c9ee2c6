/** `vedette serve`: the reputation server over one server pattern, or a relay before another server, until SIGTERM or SIGINT. */
import { fromUtf8 } from '../../base/bytes.js';
import { describeError, VedetteError } from '../../base/errors.js';
import { createNodeCrypto } from '../../node/node-crypto.js';
import { generateKeyPair } from '../../node/node-keys.js';
import { createSystemClock, systemRandom } from '../../preset/system-seams.js';
import { formatPublicKey, parsePublicKey } from '../../protocol/keys.js';
import { createHandler, type Handler } from '../../server/handler.js';
import { createMemoryStore } from '../../server/memory-store.js';
import { serve } from '../../server/node-serve.js';
import { createRelay } from '../../server/relay/create-relay.js';
import type { ReputationStore } from '../../server/reputation-store.js';
import { defineCommand, type Command } from '../command.js';
import type { Io } from '../io.js';
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
    serverPattern: { kind: 'text', value: 'FILE', help: 'what is answered from' },
    upstream: { kind: 'text', value: 'URL', help: 'instead of a pattern: pass on what this server says, and keep it while it may be used' },
    trust: { kind: 'texts', value: 'KEY.pub', help: 'take only a pattern, or pass on only answers, signed by this key' },
    host: { kind: 'text', value: 'ADDRESS', help: 'where to listen (127.0.0.1)' },
    port: { kind: 'whole', value: 'N', min: 0, max: 65_535, help: 'port; 0 is any free one (0)' },
    tlsCert: { kind: 'text', value: 'FILE', help: 'certificate chain in PEM: HTTPS instead of HTTP' },
    tlsKey: { kind: 'text', value: 'FILE', help: 'its private key in PEM' },
    reference: { kind: 'switch', help: 'answer challenges: clients that reach this server are inside. Only where nobody outside can' },
    key: { kind: 'text', value: 'FILE', help: 'signs the answers; without it, a key made for this run does' },
  },
  notes:
    'A relay (--upstream) signs nothing: its clients trust the key of the server behind it. ' +
    'The first line on standard output is {"listening":URL,"key":PUBLIC KEY,"generation":N}: clients that are not on ' +
    'this machine need that key as --trust. SIGTERM ends the server when the answers under way are sent.',
  async run({ options, io }) {
    const tls = await readTls(options);
    const { handler, says } = options.upstream === undefined ? await prepareServer(options, io) : await prepareRelay(options, io);
    const running = await serve({ handler, host: options.host, port: options.port, tls });
    await io.line(JSON.stringify({ listening: running.url, ...says }));
    await untilStopped(io.signal);
    await running.close();
    return exitClean;
  },
});

interface Sources {
  readonly serverPattern: string | undefined;
  readonly upstream: string | undefined;
  readonly trust: readonly string[];
  readonly key: string | undefined;
  readonly reference: boolean;
}

/** What answers, and what the first line says about it. */
interface Prepared {
  readonly handler: Handler;
  readonly says: Readonly<Record<string, string | number>>;
}

async function prepareServer(options: Sources, io: Io): Promise<Prepared> {
  const file = options.serverPattern;
  if (file === undefined) {
    throw new VedetteError('config-invalid', "required option '--server-pattern <FILE>' not specified, nor '--upstream <URL>'");
  }
  const crypto = createNodeCrypto();
  const signer = options.key === undefined ? generateKeyPair().signer : await readSigner(options.key);
  const trust = await readPublicKeys(options.trust);
  const bytes = await readServerPattern(file, { crypto, trust });
  const store = openStore(file, () => createMemoryStore(bytes, { crypto }));
  const handler = createHandler({ store, crypto, clock: createSystemClock(), signer, reference: options.reference, onFault: noteFault(io) });
  return { handler, says: { key: formatPublicKey(signer.publicKey), generation: store.generation } };
}

async function prepareRelay(options: Sources, io: Io): Promise<Prepared> {
  const address = options.upstream ?? '';
  if (options.serverPattern !== undefined || options.key !== undefined || options.reference) {
    throw new VedetteError('config-invalid', '--upstream passes on what another server signed: leave out --server-pattern, --key and --reference');
  }
  if (!/^https?:\/\/[^?#@\\\s]+$/i.test(address) || !URL.canParse(address)) {
    throw new VedetteError('config-invalid', '--upstream: expected an http or https address without user, query or fragment');
  }
  const trust = (await readPublicKeys(options.trust)).map(parsePublicKey);
  if (trust.length === 0) {
    throw new VedetteError('config-invalid', '--upstream needs --trust KEY.pub, the key of that server: nothing else is passed on');
  }
  const handler = createRelay({
    upstream: { address, fetch: (request) => fetch(request) },
    trust,
    crypto: createNodeCrypto(),
    clock: createSystemClock(),
    random: systemRandom,
    onFault: noteFault(io),
  });
  return { handler, says: { upstream: address } };
}

function noteFault(io: Io): (error: unknown) => void {
  return (error) => io.note(`vedette: ${describeError(error)}`);
}

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
