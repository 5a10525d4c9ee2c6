/** From settings and parts to a query client: one wire source per configured server, then the host's own sources. */
import { VedetteError } from '../base/errors.js';
import type { Clock, Crypto, Random, StateStore } from '../base/seams.js';
import type { ServerConfig, Settings } from '../engine/options.js';
import type { QueryHooks, ServerFacts } from '../engine/rooms.js';
import { createKeyRing, type KeyRing } from '../protocol/key-ring.js';
import { parsePublicKey } from '../protocol/keys.js';
import { createQueryClient } from '../query/create-query-client.js';
import type { AskOutcome, QueryClient } from '../query/query-client.js';
import type { ReputationSource } from '../query/reputation-source.js';
import type { Transport } from '../query/transport.js';
import { createKeyListSource } from '../query/wire/key-list-source.js';
import { createWireSource } from '../query/wire/wire-source.js';

/** What the client is made of besides the settings. */
export interface QueryParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: Crypto;
  readonly transport: Transport;
  readonly sources: readonly ReputationSource[];
  /** For the waits that servers ask for. */
  readonly state: StateStore;
  readonly background?: ((work: Promise<unknown>) => void) | undefined;
}

/** @throws VedetteError `config-invalid` with every server that cannot be asked safely. */
export function createQueryFrom(settings: Settings, hooks: QueryHooks, parts: QueryParts): QueryClient {
  const faults: { readonly path: string; readonly message: string }[] = [];
  const sources: ReputationSource[] = [];
  settings.servers.forEach((server) => {
    try {
      sources.push(sourceOf(server, { settings, hooks, parts }));
    } catch (error) {
      faults.push({ path: pathOf(server, settings), message: error instanceof Error ? error.message : String(error) });
    }
  });
  if (faults.length > 0) {
    const listing = faults.map((fault) => `${fault.path}: ${fault.message}`).join('; ');
    throw new VedetteError('config-invalid', `the configuration is not valid: ${listing}`, { detail: { faults } });
  }
  return createQueryClient({
    sources: [...sources, ...parts.sources.map(leftOpen)],
    clock: parts.clock,
    random: parts.random,
    holdMs: settings.query.holdMs,
    perServerMs: settings.query.perServerMs,
    order: settings.query.order,
    windowMs: settings.query.windowMs,
    maxConcurrent: settings.query.maxConcurrent,
    hedge: settings.query.hedge,
    state: parts.state,
    // What runs by itself keeps to a place in the minute from its start; a host that calls `maintain` knows when.
    ...(settings.background === 'timers' ? { firstProbeWithinMs: 60_000 } : {}),
    ...(parts.background === undefined ? {} : { background: parts.background }),
    onAnswers: (question, answers, origin) => hooks.onAnswers(question, answers, origin),
    onEvent: (event) => hooks.onEvent(event),
  });
}

function sourceOf(
  server: ServerConfig,
  by: { readonly settings: Settings; readonly hooks: QueryHooks; readonly parts: QueryParts },
): ReputationSource {
  const { transport, crypto, clock, state } = by.parts;
  const { padding, decoys } = by.settings.query;
  const named = { id: server.address, address: server.address, scope: server.scope };
  const trust = trustOf(server, crypto);
  const newestGeneration = (): number | undefined => by.hooks.newestGeneration();
  const source = createWireSource({ transport, server: named, trust, crypto, clock, newestGeneration, privacy: { padding, decoys } });
  const kept = 'offer' in trust && (server.listKeys ?? []).length > 0 ? createKeyListSource(source, { ring: trust, transport, server: named, clock, state }) : source;
  return { ...kept, rated: server.rated === true };
}

/** A ring where keys come and go by lists; else keys alone, or with their times. */
function trustOf({ trust = [], keyTimes = {}, listKeys = [], listThreshold }: ServerConfig, crypto: Crypto): KeyRing | readonly Uint8Array[] {
  const keys = trust.map((text) => ({ publicKey: parsePublicKey(text), ...keyTimes[text] }));
  const stray = Object.keys(keyTimes).find((text) => !trust.includes(text));
  if (stray !== undefined) {
    throw new VedetteError('config-invalid', `keyTimes: ${stray} is not among the keys of trust`);
  }
  if (listKeys.length === 0 && Object.keys(keyTimes).length === 0) {
    return keys.map((key) => key.publicKey);
  }
  return createKeyRing({ keys, listKeys: listKeys.map(parsePublicKey), threshold: listThreshold, crypto });
}

/** Where the server stands in the configuration: what is in force in a location may come from several lists. */
function pathOf(server: ServerConfig, { servers, locations }: Settings): string {
  const lists: readonly (readonly [string, readonly ServerConfig[]])[] = [
    ['locations.internal.servers', locations?.internal?.servers ?? []],
    ['locations.external.servers', locations?.external?.servers ?? []],
    ['servers', servers],
  ];
  const [path, list] = lists.find(([, all]) => all.includes(server)) ?? ['servers', servers];
  return `${path}.${list.indexOf(server)}`;
}

/** The host made it, and the host closes it: another client may ask it after this one has ended. */
function leftOpen(source: ReputationSource): ReputationSource {
  const { id, scope, asks, maxBatch, strength, rated, silence, probes } = source;
  const said = { ...(rated === undefined ? {} : { rated }), ...(silence === undefined ? {} : { silence }), ...(probes === undefined ? {} : { probes }) };
  return { id, scope, asks, maxBatch, strength, ...said, lookup: (question, options) => source.lookup(question, options) };
}

/** What is known beforehand about whom these settings and sources ask. A host's own client is a closed book. */
export function serverFacts(settings: Settings, parts: { readonly sources: readonly ReputationSource[]; readonly isOwnClient: boolean }): ServerFacts {
  if (parts.isOwnClient) {
    return { raters: new Set(), allRate: false, localOnly: false };
  }
  const all = [...settings.servers.map((server) => ({ ...server, id: server.address })), ...parts.sources];
  const raters = new Set(all.filter((one) => one.rated === true).map((one) => one.id));
  return { raters, allRate: raters.size === all.length, localOnly: all.length > 0 && all.every((one) => one.scope === 'local') };
}

/** A host's own client, whose answers reach the cache as those of ours do. */
export function withHooks(client: QueryClient, hooks: QueryHooks): QueryClient {
  return {
    ...bound(client),
    async ask(fingerprints, options) {
      const outcomes = await client.ask(fingerprints, options);
      outcomes.forEach((outcome: AskOutcome, index) => {
        const fingerprint = fingerprints[index];
        if (outcome.kind === 'answered' && fingerprint !== undefined) {
          const { kind, algorithm } = fingerprint;
          const question = { kind, algorithm, hashes: [outcome.answer.asked] };
          hooks.onAnswers(question, [outcome.answer], { id: outcome.from, strength: 1 });
        }
      });
      return outcomes;
    },
  };
}

function bound(client: QueryClient): QueryClient {
  return {
    ask: (fingerprints, options) => client.ask(fingerprints, options),
    probe: (options) => client.probe(options),
    nextProbeAt: () => client.nextProbeAt(),
    reset: () => client.reset(),
    servers: () => client.servers(),
    inFlight: () => client.inFlight(),
    // The host made it; the host closes it.
    close: () => Promise.resolve(),
  };
}
