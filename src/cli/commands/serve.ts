/**
 * `vedette serve`: the reputation server over a server pattern or a data directory, or a relay before another server, on one
 * core or all of them, until SIGTERM or SIGINT.
 */
import { randomBytes } from 'node:crypto';
import { fromHex, fromUtf8, toHex } from '../../base/bytes.js';
import type { Signer } from '../../base/seams.js';
import { generateKeyPair, signerFromPem } from '../../node/node-keys.js';
import { formatPublicKey } from '../../protocol/keys.js';
import { isClusterWorker, joinCluster, runCluster } from '../../server/node/cluster.js';
import { defineCommand, type Command } from '../command.js';
import type { Io } from '../io.js';
import { exitClean } from '../exit-code.js';
import { readSigner } from '../input/keys.js';
import { readLimitedFile } from '../input/read-file.js';
import { noteFault } from '../serve/handlers.js';
import { importInChild } from '../serve/import-first.js';
import { listen } from '../serve/listen.js';
import { needsImport } from '../serve/needs-import.js';
import { servedKeyList } from '../serve/served-keys.js';
import { planServe, type ServePlan, type ServeSettings } from '../serve/settings.js';
import { serverStoreDir } from './import.js';

/** The command. */
export const serveCommand: Command = defineCommand({
  name: 'serve',
  summary: 'answer questions from a server pattern',
  options: {
    serverPattern: { kind: 'text', value: 'FILE', help: 'what is answered from; with --data it is imported there first' },
    data: { kind: 'text', value: 'DIR', help: 'answer from what `vedette import` or `update` put there: opens at once, whatever its size' },
    upstream: { kind: 'text', value: 'URL', help: 'instead of a pattern: pass on what this server says, and keep it while it may be used' },
    internalOnly: { kind: 'switch', help: 'no external queries: refuse an --upstream that is not in a private network' },
    trust: { kind: 'texts', value: 'KEY.pub', help: 'take only a pattern or lists, or pass on only answers, signed by this key' },
    lists: { kind: 'text', value: 'FILE', help: "the site's lists: what they approve or block is answered so, whatever the pattern says" },
    role: { kind: 'choice', values: ['local', 'global'], help: 'global: HTTPS only, and /metrics for this machine only (local)' },
    host: { kind: 'text', value: 'ADDRESS', help: 'where to listen (127.0.0.1)' },
    port: { kind: 'whole', value: 'N', min: 0, max: 65_535, help: 'port; 0 is any free one (0)' },
    tlsCert: { kind: 'text', value: 'FILE', help: 'certificate chain in PEM: HTTPS instead of HTTP' },
    tlsKey: { kind: 'text', value: 'FILE', help: 'its private key in PEM' },
    key: { kind: 'text', value: 'FILE', help: 'signs the answers; without it, a key made for this run does' },
    keyList: { kind: 'text', value: 'FILE', help: 'hand out this signed key list (`vedette key-list make`); read again when it changes' },
    listKey: { kind: 'texts', value: 'KEY.pub', help: 'take only a key list signed by this key; a relay then follows the list' },
    reference: { kind: 'switch', help: 'meet challenges: clients that reach this server are inside. Never where it can be reached from outside' },
    workers: { kind: 'whole', value: 'N', min: 1, max: 256, help: 'processes that answer, with --data (one for each core)' },
    maxRate: { kind: 'whole', value: 'N', min: 1, max: 1_000_000, help: 'requests a second of one address (no limit)' },
    maxConnections: { kind: 'whole', value: 'N', min: 1, max: 65_535, help: 'connections of one address to one process (no limit)' },
    metricsFor: { kind: 'choice', values: ['loopback', 'any'], help: 'who may read /metrics (any; with --role global loopback)' },
  },
  notes:
    'A relay (--upstream) signs nothing: its clients trust the key of the server behind it. ' +
    'The first line on standard output is {"listening":URL,"key":PUBLIC KEY,"generation":N}: clients that are not on ' +
    'this machine need that key as --trust. SIGTERM ends the server when the answers under way are sent.',
  async run({ options, io }) {
    const settings: ServeSettings = { ...options, externalQueries: !options.internalOnly };
    const plan = planServe(settings);
    if (isClusterWorker()) {
      await runWorker(plan, settings, io);
      return exitClean;
    }
    if (plan.kind === 'data' && plan.serverPattern !== undefined && (await needsImport(plan.serverPattern, serverStoreDir(plan.data)))) {
      await importInChild({ file: plan.serverPattern, data: plan.data, trust: settings.trust }, io);
    }
    await (plan.workers === 1 ? runAlone(plan, settings, io) : runPrimary(plan, settings, io));
    return exitClean;
  },
});

async function runAlone(plan: ServePlan, settings: ServeSettings, io: Io): Promise<void> {
  const signer = await signerFor(plan, settings);
  const answering = await listen(plan, settings, {
    io,
    signer,
    agentKey: randomBytes(16),
    allCounts: (own) => Promise.resolve([own()]),
  });
  await io.line(JSON.stringify({ listening: answering.running.url, ...about(plan, { signer, generation: answering.prepared.state().generation }) }));
  await untilStopped(io.signal);
  await answering.close();
}

/** Workers answer; this process starts them, and knows the one key that all of them sign with. */
async function runPrimary(plan: ServePlan, settings: ServeSettings, io: Io): Promise<void> {
  const pem = settings.key === undefined ? generateKeyPair().privateKeyPem : fromUtf8(await readLimitedFile(settings.key, 65_536));
  const signer = settings.key === undefined ? signerFromPem(pem) : await readSigner(settings.key);
  await servedKeyList(settings, { signer, onFault: noteFault(io) });
  const { generation } = await storeFacts(plan);
  const running = await runCluster({
    workers: plan.workers,
    settings: { pem, agentKey: toHex(randomBytes(16)) },
    onFault: noteFault(io),
  });
  await io.line(JSON.stringify({ listening: running.url, ...about(plan, { signer, generation }), workers: plan.workers }));
  await untilStopped(io.signal);
  await running.close();
}

async function runWorker(plan: ServePlan, settings: ServeSettings, io: Io): Promise<void> {
  const member = await joinCluster();
  const { pem = '', agentKey = '' } = member.settings;
  const answering = await listen(plan, settings, {
    io,
    signer: signerFromPem(pem),
    agentKey: fromHex(agentKey) ?? randomBytes(16),
    allCounts: () => member.counts(),
  });
  member.onCount(() => answering.counts());
  member.listening(answering.running.url);
  await untilStopped(AbortSignal.any([io.signal, member.signal]));
  await answering.close();
  process.disconnect?.();
}

async function storeFacts(plan: ServePlan): Promise<{ readonly generation: number }> {
  if (plan.kind !== 'data') {
    return { generation: 0 };
  }
  const { openServerStore } = await import('../../node/server-store/open-server-store.js');
  const store = await openServerStore({ dir: serverStoreDir(plan.data) });
  const { generation } = store;
  await store.close();
  return { generation };
}

async function signerFor(plan: ServePlan, settings: ServeSettings): Promise<Signer | undefined> {
  if (plan.kind === 'relay') {
    return undefined;
  }
  return settings.key === undefined ? generateKeyPair().signer : readSigner(settings.key);
}

/** What the first line says besides the address. */
function about(plan: ServePlan, of: { readonly signer: Signer | undefined; readonly generation: number }): Readonly<Record<string, string | number>> {
  return plan.kind === 'relay' || of.signer === undefined
    ? { ...(plan.kind === 'relay' ? { upstream: plan.upstream } : {}) }
    : { key: formatPublicKey(of.signer.publicKey), generation: of.generation };
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
