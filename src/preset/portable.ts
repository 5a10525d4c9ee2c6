/**
 * The portable preset: an engine from JSON and whatever parts the host brings, on any runtime with the web platform.
 * Nothing is opened and nothing starts before the first check or `ready()`.
 */
import { createPolicy } from '../action/create-policy.js';
import type { HostRule } from '../base/fingerprint.js';
import type { Clock } from '../base/seams.js';
import { createAnswerCache } from '../cache/create-answer-cache.js';
import { createMemoryCache } from '../cache/memory-cache.js';
import { createScanMemory } from '../cache/scan/create-scan-memory.js';
import type { Engine } from '../engine/checker.js';
import { assembleEngine } from '../engine/engine.js';
import { parseConfig, type EngineConfig } from '../engine/options.js';
import type { Component, Rooms } from '../engine/rooms.js';
import { filterRuling, mayAsk } from '../filter/query-policy.js';
import type { ReadGateways } from '../location/gateway.js';
import { lookAgainMs } from '../location/look-again.js';
import { placeAfterChange, placeFrom } from '../location/place.js';
import { profileInForce } from '../location/profile.js';
import { createExtractor } from '../fingerprint/create-extractor.js';
import type { FingerprintExtractor } from '../fingerprint/extractor.js';
import { createPortableHash, type CreateHash, type HashWhole } from '../fingerprint/digests.js';
import { urlPort } from '../fingerprint/url-canonical.js';
import { urlExpression } from '../fingerprint/url-expressions.js';
import { createHostLists } from '../lists/create-host-lists.js';
import { patternState } from '../pattern/expiry.js';
import { releaseAfter } from '../pending/drain-pace.js';
import { parsePublicKey } from '../protocol/keys.js';
import type { LocalPattern } from '../scan/local-pattern.js';
import type { Kernel } from '../scan/kernel/kernel.js';
import type { Matcher } from '../scan/matcher.js';
import { createInstaller } from '../update/install.js';
import type { Upkeep } from '../update/upkeep.js';
import { createFetchTransport } from './http/fetch-transport.js';
import { assertReferences, probesFrom } from './location-parts.js';
import { logsFrom } from './lazy-logs.js';
import { loadComponent } from './load-component.js';
import { loadMemoryQueue } from './memory-queue.js';
import { createMemoryState } from './memory-state.js';
import type { GivenParts, Parts } from './parts.js';
import { createPortableCrypto } from './portable-crypto.js';
import { createQueryFrom, serverFacts, withHooks } from './query-parts.js';
import { scanRevision } from './scan-revision.js';
import { createSystemClock, systemRandom } from './system-seams.js';

/** What a preset of another runtime puts in place of the portable defaults. */
export interface PresetDefaults {
  readonly createHash?: CreateHash;
  /** The same of a content that is there in one piece. */
  readonly hashWhole?: HashWhole;
  /** Called when the first agent pattern is loaded. */
  kernel?(): Kernel;
  /** SHA-256 of an ASCII text, for the expressions of URLs. */
  readonly sha256Text?: (text: string) => Uint8Array;
  /** The gateways of this machine. */
  readonly readGateways?: ReadGateways | undefined;
  /** A text that changes with the network. */
  readonly networkMark?: (() => string | Promise<string>) | undefined;
  /** Looks for newer components. */
  readonly upkeep?: Upkeep | undefined;
  /** Closes what the preset opened for the engine. */
  close?(): Promise<void>;
  /** Told how parts of the preset's own make a `fault` event. */
  reportTo?(fault: (where: string, error: unknown) => void): void;
}

/**
 * An engine. Synchronous: opens nothing and starts nothing.
 * @throws VedetteError `config-invalid` with every fault of the configuration.
 */
export function createEngine(options: EngineConfig & { readonly parts?: GivenParts | undefined }): Engine {
  const { parts, ...config } = options;
  return createEngineWith(config, parts ?? {}, {});
}

/** The same, for presets that bring defaults of their own. */
export function createEngineWith(config: EngineConfig, parts: GivenParts, defaults: PresetDefaults): Engine {
  return assembleEngine(parseConfig(config), roomsFrom(config, parts, defaults));
}

function roomsFrom(config: EngineConfig, parts: GivenParts, defaults: PresetDefaults): Rooms {
  const clock = parts.clock ?? createSystemClock();
  const random = parts.random ?? systemRandom;
  const crypto = parts.crypto ?? createPortableCrypto();
  const state = parts.state ?? createMemoryState();
  const transport = parts.transport ?? createFetchTransport({ clock });
  const extractorFor = extractors(parts, defaults);
  const { pattern = [], queue, policy } = parts;
  const tag = Math.floor(random() * 2 ** 52).toString(36);
  const process = `${clock.now().toString(36)}-${tag}`;
  const logs = logsFrom(config, parts, clock);
  const scans = scansFrom(parts, { clock, process });
  const createLists = (): ReturnType<typeof createHostLists> => createHostLists({ expression: urlExpression, port: urlPort, compileRegex: parts.compileRegex, clock });
  let ids = 0;
  let idHead = '';
  const newId = (): string => {
    // The tag tells engines apart, of which several may begin at one instant, and the number what one of them made: ids
    // are keys of remedies. The instant is for readers, and need not be read anew for each.
    if (ids % 64 === 0) {
      idHead = `${clock.now().toString(36)}-${tag}-`;
    }
    return idHead + (ids++).toString(36);
  };

  return {
    clock,
    random,
    newId,
    state,
    patterns: async () => (typeof pattern === 'function' ? pattern() : pattern),
    createInstaller: (settings) =>
      createInstaller<Component>({
        crypto,
        clock,
        state,
        trust: settings.trust.map(parsePublicKey),
        siteTrust: settings.siteTrust?.map(parsePublicKey),
        load: (container) =>
          loadComponent(container, {
            clock,
            compileRegex: parts.compileRegex,
            matcher: parts.matcher,
            kernel: container.kind === 'agent-pattern' ? (parts.kernel ?? defaults.kernel?.()) : undefined,
            createHash: defaults.createHash ?? createPortableHash,
            extractorFor,
          }),
      }),
    ownLocal: parts.matcher === undefined ? undefined : ownLocal(parts.matcher),
    ownFilter: ownFilter(parts, extractorFor('psl') === undefined ? 'labels5' : 'psl'),
    extractor: extractorFor('psl') ?? extractorFor('labels5'),
    lists: parts.lists ?? createLists(),
    createLists,
    cache: createAnswerCache({ store: parts.cache ?? createMemoryCache(), clock, random, process }),
    scans,
    createQuery(settings, hooks) {
      assertReferences(settings, transport.schemes);
      return parts.query === undefined
        ? createQueryFrom(settings, hooks, { clock, random, crypto, transport, state, sources: parts.source ?? [], background: parts.background })
        : withHooks(parts.query, hooks);
    },
    serverFacts: (settings) => serverFacts(settings, { sources: parts.source ?? [], isOwnClient: parts.query !== undefined }),
    ...queueRooms(queue, clock),
    upkeep: defaults.upkeep,
    audit: logs.audit,
    retro: logs.retro,
    attach: (hooks) => logs.attach?.(hooks),
    actions: parts.actions,
    createPolicy: (table, level, actions) => policy ?? createPolicy(table, { level, actions }),
    probes: (settings) => probesFrom(settings, { own: parts.location, transport, crypto, clock, readGateways: defaults.readGateways }),
    network: networkRoom(parts, defaults),
    openers: parts.openers ?? {},
    rules: { filterRuling, mayAsk, patternState, releaseAfter, placeFrom, placeAfterChange, lookAgainMs, profileInForce },
    background: parts.background ?? ((work) => void work),
    events: parts.events,
    reportTo: (fault) => defaults.reportTo?.(fault),
    close: async () => {
      await scans?.flush();
      await logs.close();
      if (parts.transport === undefined) {
        await transport.close?.();
      }
      await defaults.close?.();
    },
  };
}

/** What a matcher of the host's own finds is nothing that anybody could tell by the pattern: it is not kept. */
function scansFrom({ scanCache, matcher }: GivenParts, by: { readonly clock: Clock; readonly process: string }): Rooms['scans'] {
  return scanCache === undefined || matcher !== undefined ? undefined : createScanMemory({ ...by, store: scanCache, revision: scanRevision });
}

/** A change of the network is of interest where locations are told apart. */
function networkRoom({ location }: GivenParts, { networkMark }: PresetDefaults): Rooms['network'] {
  return networkMark === undefined
    ? undefined
    : { isWatched: ({ locations }) => locations !== undefined || location !== undefined, mark: () => networkMark() };
}

/** A queue of the host stays the host's to close; one that is opened here is closed by the engine. */
function queueRooms(queue: Parts['queue'] | undefined, clock: Clock): Pick<Rooms, 'openQueue' | 'ownsQueue'> {
  if (queue === undefined) {
    return { openQueue: ({ maxEntries, maxBytes }) => loadMemoryQueue({ clock, maxEntries, maxBytes }), ownsQueue: true };
  }
  return typeof queue === 'function' ? { openQueue: queue, ownsQueue: true } : { openQueue: async () => queue, ownsQueue: false };
}

interface ExtractorsFor {
  (rule: 'labels5'): FingerprintExtractor;
  (rule: HostRule): FingerprintExtractor | undefined;
}

/** The host's own extractor for every rule, or ours: `psl` only where registrable domains can be told. */
function extractors(parts: GivenParts, { createHash, hashWhole, sha256Text }: PresetDefaults): ExtractorsFor {
  const { registrableDomain } = parts;
  const make = (hostRule: HostRule): FingerprintExtractor =>
    parts.extractor ?? createExtractor({ hostRule, registrableDomain, createHash, hashWhole, sha256Text });
  const labels5 = make('labels5');
  const psl = parts.extractor === undefined && registrableDomain === undefined ? undefined : make('psl');
  function extractorFor(rule: 'labels5'): FingerprintExtractor;
  function extractorFor(rule: HostRule): FingerprintExtractor | undefined;
  function extractorFor(rule: HostRule): FingerprintExtractor | undefined {
    return rule === 'psl' ? psl : labels5;
  }
  return extractorFor;
}

/** A host with its own matcher and no agent pattern still has byte signatures: its own. */
function ownLocal(matcher: Matcher): LocalPattern {
  return { generation: 0, wants: {}, byteSignatures: 1, judgesUrls: false, matcher, judge: () => ({ kind: 'none' }) };
}

/** A filter whose hosts are cut by another rule than the extractor's says nothing about these expressions: then everything is asked. */
function ownFilter(parts: GivenParts, hostRule: HostRule): Rooms['ownFilter'] {
  const { filter, extractor } = parts;
  return filter === undefined
    ? undefined
    : () => {
        const current = filter();
        return extractor !== undefined || current?.hostRule === hostRule ? current : undefined;
      };
}
