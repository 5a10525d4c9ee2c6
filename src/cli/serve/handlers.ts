/** What answers behind a port: a store with everything that is said about it, or a relay. */
import { describeError } from '../../base/errors.js';
import type { Signer } from '../../base/seams.js';
import { createNodeCrypto } from '../../node/node-crypto.js';
import { openServerStore } from '../../node/server-store/open-server-store.js';
import { createSystemClock, systemRandom } from '../../preset/system-seams.js';
import { openContainer } from '../../pattern/container.js';
import { decodeStatement } from '../../protocol/statement.js';
import { createHandler, type Handler } from '../../server/handler.js';
import { createMemoryStore } from '../../server/memory-store.js';
import { countedStore, type ServerMetrics, type ServerState } from '../../server/metrics.js';
import { createRelay } from '../../server/relay/create-relay.js';
import type { SignedStatement } from '../../server/relay/statement-store.js';
import type { ReputationStore } from '../../server/reputation-store.js';
import { withSiteLists } from '../../server/with-site-lists.js';
import { serverStoreDir } from '../commands/import.js';
import { readServerPattern, refusedFile } from '../input/patterns.js';
import { readPublicKeys } from '../input/keys.js';
import type { Io } from '../io.js';
import { relayedKeys, servedKeyList } from './served-keys.js';
import type { ServePlan, ServeSettings } from './settings.js';
import { followSiteRules } from './site-rules.js';

/** What answers, and what it says about itself. */
export interface Prepared {
  readonly handler: Handler;
  state(): Omit<ServerState, 'processes'>;
  close(): Promise<void>;
}

/** What answering needs besides the settings. */
export interface Parts {
  readonly io: Io;
  /** Absent for a relay, which signs nothing. */
  readonly signer: Signer | undefined;
  readonly metrics: ServerMetrics;
}

/** Opens what the plan says. @throws VedetteError `config-invalid`, `pattern-refused`, `store-damaged`, `peer-missing`. */
export function prepare(plan: ServePlan, settings: ServeSettings, parts: Parts): Promise<Prepared> {
  switch (plan.kind) {
    case 'relay':
      return prepareRelay(plan.upstream, settings, parts);
    case 'memory':
      return prepareMemory(plan.serverPattern, settings, parts);
    case 'data':
      return prepareData(plan.data, settings, parts);
  }
}

/** Notes a fault that became a 500, or that nothing came of. */
export function noteFault(io: Io): (error: unknown) => void {
  return (error) => io.note(`vedette: ${describeError(error)}`);
}

async function prepareMemory(file: string, settings: ServeSettings, parts: Parts): Promise<Prepared> {
  const crypto = createNodeCrypto();
  const bytes = await readServerPattern(file, { crypto, trust: await readPublicKeys(settings.trust) });
  try {
    const { createdAt } = openContainer(bytes, { crypto });
    const store = createMemoryStore(bytes, { crypto });
    return await overStore(store, settings, { ...parts, createdAt: () => createdAt, close: async () => undefined });
  } catch (error) {
    throw refusedFile(file, error);
  }
}

async function prepareData(data: string, settings: ServeSettings, parts: Parts): Promise<Prepared> {
  const store = await openServerStore({ dir: serverStoreDir(data), onFault: noteFault(parts.io) });
  return overStore(store, settings, { ...parts, createdAt: () => store.origin.createdAt, close: () => store.close() });
}

async function overStore(
  bare: ReputationStore,
  settings: ServeSettings,
  parts: Parts & { readonly createdAt: () => number; readonly close: () => Promise<void> },
): Promise<Prepared> {
  const crypto = createNodeCrypto();
  const clock = createSystemClock();
  const { signer, metrics, io } = parts;
  const onFault = noteFault(io);
  const site = settings.lists === undefined ? undefined : await followSiteRules(settings.lists, { crypto, trust: await readPublicKeys(settings.trust), onFault });
  const store = countedStore(site === undefined ? bare : withSiteLists(bare, () => site.rules(), clock), metrics);
  const keyList = await servedKeyList(settings, { signer, onFault });
  return {
    handler: createHandler({ store, crypto, clock, signer, keyList, reference: settings.reference, onFault }),
    state: () => ({ generation: store.generation, entries: store.entries, createdAt: parts.createdAt(), now: clock.now() }),
    close: async () => {
      site?.close();
      await parts.close();
    },
  };
}

async function prepareRelay(address: string, settings: ServeSettings, { io, metrics }: Parts): Promise<Prepared> {
  const clock = createSystemClock();
  const onFault = noteFault(io);
  const upstream = { address, fetch: (request: Request) => fetch(request) };
  let generation = 0;
  const handler = createRelay({
    upstream,
    ...(await relayedKeys(settings, { onFault })),
    crypto: createNodeCrypto(),
    clock,
    random: systemRandom,
    onAnswered: (statements) => {
      generation = statements.reduce((newest, one) => Math.max(newest, one.generation), generation);
      countRelayed(statements, metrics);
    },
    onFault,
  });
  return {
    handler,
    state: () => ({ generation, entries: undefined, createdAt: undefined, now: clock.now() }),
    close: async () => undefined,
  };
}

/** What a relay passes on is counted as what a store finds. */
function countRelayed(statements: readonly SignedStatement[], metrics: Pick<ServerMetrics, 'found'>): void {
  const read = statements.map(({ statement }) => decodeStatement(statement));
  metrics.found(read.map((one) => (one.kind === 'understood' ? one.statement.records : [])));
}
