/** A host on Node: the durable engine, files, the server on a port. */
import { Readable } from 'node:stream';
import { createEngine, type ActionHandler, type Engine } from 'vedette';
import { createFileActions, createNodeEngine, fileSubject, openJournalQueue, readConfig, walk, type NodeConfig } from 'vedette/node';
import { createHandler, createMemoryStore, createNodeCrypto, createSystemClock, generateKeyPair, serve, signerFromPem } from 'vedette/server';
import type { Handler, ReputationStore, RunningServer } from 'vedette/server';

export async function scan(folder: string): Promise<number> {
  const config: NodeConfig = { ...(await readConfig('vedette.json')), dataDir: '/var/lib/host', background: 'timers' };
  const engine: Engine = createNodeEngine(config);
  let found = 0;
  for await (const { verdict } of engine.checkAll(walk(folder))) {
    found += verdict.disposition === 'malicious' ? 1 : 0;
  }
  console.log((await engine.check(fileSubject(folder))).verdict.reason);
  await engine.close();
  return found;
}

export async function answer(pattern: Uint8Array): Promise<RunningServer> {
  const crypto = createNodeCrypto();
  const store: ReputationStore = createMemoryStore(pattern, { crypto });
  const { privateKeyPem, publicKey } = generateKeyPair();
  const handler: Handler = createHandler({ store, crypto, clock: createSystemClock(), signer: signerFromPem(privateKeyPem) });
  console.log(publicKey);
  return serve({ handler, port: 0 });
}

/** Parts of Node's under the portable preset. */
export async function mixed(upload: Readable): Promise<void> {
  const queue = await openJournalQueue({ dir: '/var/lib/host/pending', clock: createSystemClock() });
  const actions: ActionHandler = createFileActions({ quarantineDir: '/var/lib/host/quarantine' });
  const engine = createEngine({ parts: { queue, actions } });
  const receiver = engine.receive({ label: 'upload' });
  for await (const chunk of upload) {
    await receiver.write(chunk as Buffer);
  }
  console.log((await receiver.end()).decision.access);
  await engine.close();
  await queue.close();
}
