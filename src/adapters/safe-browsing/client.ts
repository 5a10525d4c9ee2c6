/**
 * A Safe Browsing client (API version 5) as parts of an engine: a source that is asked, and a filter over the lists
 * that says when there is nothing to ask.
 *
 *   local-list   threat lists are kept; only what they name is asked
 *   real-time    the global cache of likely-safe sites is kept as well; everything outside of it is asked
 *   no-storage   nothing is kept; everything is asked
 */
import { VedetteError } from '../../base/errors.js';
import type { HostRule } from '../../base/fingerprint.js';
import type { Clock, Crypto, Random, StateStore } from '../../base/seams.js';
import type { Filter } from '../../filter/filter.js';
import { createMemoryState } from '../../preset/memory-state.js';
import { createPortableCrypto } from '../../preset/portable-crypto.js';
import { createSystemClock, systemRandom } from '../../preset/system-seams.js';
import type { ReputationSource } from '../../query/reputation-source.js';
import { createApi } from './api.js';
import type { HashList } from './hash-list.js';
import { createListFilter } from './list-filter.js';
import { createLists, type ListOutcome } from './lists.js';
import { Positives } from './positives.js';
import { createSafeBrowsingSource } from './source.js';

/** How a client works; the modes are those of the API's documentation. */
export type SafeBrowsingMode = 'local-list' | 'real-time' | 'no-storage';

/** Options of `createSafeBrowsing`. */
export interface SafeBrowsingOptions {
  readonly apiKey: string;
  /** Default `real-time`. */
  readonly mode?: SafeBrowsingMode;
  /** Threat lists by name. Default: malware, social engineering, unwanted software (`mw-4b`, `se-4b`, `uws-4b`). */
  readonly threatLists?: readonly string[];
  /** The list of likely-safe sites. Default `gc-32b`. */
  readonly globalCache?: string;
  /** How the lists' host expressions are made; has to be the rule of the engine's extractor. Default `psl`. */
  readonly hostRule?: HostRule;
  /** Set where the URLs are those of frames. Default false. */
  readonly frames?: boolean;
  /** Entries that one list may have. Default 5,000,000. */
  readonly maxEntries?: number;
  /** A list whose last good update is older is not believed: everything is asked. Default 24 hours. */
  readonly maxAgeMs?: number;
  /** Keeps lists over restarts. Default: memory. */
  readonly state?: StateStore;
  /** HTTPS. Default the service itself. */
  readonly address?: string;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly crypto?: Pick<Crypto, 'sha256'>;
}

/** The client. Hand `source` and `filter` to an engine as `parts.source` and `parts.filter`. */
export interface SafeBrowsing {
  readonly source: ReputationSource;
  /** The filter over the lists as they are now; undefined while they are missing or too old, and with `no-storage`. */
  filter(): Filter | undefined;
  /** Reads the lists from the state store: call it once before the first check. */
  load(): Promise<void>;
  /** Fetches the lists that are due; `force` fetches all. A failure is an outcome, not a throw. @throws VedetteError `aborted`. */
  update(options?: { readonly signal?: AbortSignal; readonly force?: boolean }): Promise<readonly ListOutcome[]>;
  /** Keeps the lists fresh until the signal fires. Resolves then. */
  run(signal: AbortSignal): Promise<void>;
}

const defaults = {
  mode: 'real-time',
  threatLists: ['mw-4b', 'se-4b', 'uws-4b'],
  globalCache: 'gc-32b',
  hostRule: 'psl',
  maxEntries: 5_000_000,
  maxAgeMs: 86_400_000,
  address: 'https://safebrowsing.googleapis.com',
} as const;

/**
 * A client. Nothing is fetched before `update` or `run`.
 * @throws VedetteError `config-invalid` for an address that is not HTTPS, an empty key or names that are not unique.
 */
export function createSafeBrowsing(options: SafeBrowsingOptions): SafeBrowsing {
  const { mode, threatLists, globalCache, hostRule, maxEntries, maxAgeMs, address } = { ...defaults, ...withoutUndefined(options) };
  const clock = options.clock ?? createSystemClock();
  const names = mode === 'no-storage' ? [] : mode === 'real-time' ? [...threatLists, globalCache] : [...threatLists];
  checkOptions({ apiKey: options.apiKey, address, names });
  // Called as a property of nothing: browsers refuse a detached `fetch`.
  const call: typeof fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const api = createApi({ apiKey: options.apiKey, address: address.replace(/\/+$/, ''), fetch: call, clock });
  const crypto = options.crypto ?? createPortableCrypto();
  const positives = new Positives();
  const lists = createLists({
    names,
    api,
    clock,
    maxEntries,
    maxAgeMs,
    state: options.state ?? createMemoryState(),
    random: options.random ?? systemRandom,
    sha256: (bytes) => crypto.sha256(bytes),
  });
  let made: { readonly from: readonly HashList[]; readonly filter: Filter } | undefined;
  let generation = 0;

  function filter(): Filter | undefined {
    const fresh = names.length === 0 ? undefined : lists.fresh();
    if (fresh === undefined) {
      return undefined;
    }
    if (made === undefined || !fresh.every((list, i) => list === made?.from[i])) {
      const isKnownPositive = (prefix: Uint8Array): boolean => positives.has(prefix, clock.monotonicMs());
      const ofThreats = fresh.filter((list) => threatLists.includes(list.name));
      const likelySafe = fresh.find((list) => mode === 'real-time' && list.name === globalCache);
      made = { from: fresh, filter: createListFilter({ threatLists: ofThreats, globalCache: likelySafe, hostRule, generation: ++generation, isKnownPositive }) };
    }
    return made.filter;
  }

  return {
    source: createSafeBrowsingSource({ id: new URL(address).host, api, clock, positives, frames: options.frames ?? false }),
    filter,
    load: () => lists.load(),
    update: ({ signal = new AbortController().signal, force = false } = {}) => lists.update({ signal, force }),
    async run(signal) {
      await lists.load();
      while (!signal.aborted && names.length > 0) {
        await lists.update({ signal }).catch(passAbort(signal));
        await clock.sleep(Math.max(1000, lists.msUntilDue()), signal, { background: true }).catch(passAbort(signal));
      }
    },
  };
}

/** An abort ends the loop at its head; anything else is a fault. */
function passAbort(signal: AbortSignal): (error: unknown) => undefined {
  return (error) => {
    if (!signal.aborted) {
      throw error;
    }
    return undefined;
  };
}

function checkOptions({ apiKey, address, names }: { readonly apiKey: string; readonly address: string; readonly names: readonly string[] }): void {
  const fault =
    apiKey === '' ? 'apiKey: is empty'
    : !/^https:\/\/[^/]/.test(address) ? `address: ${address} is not HTTPS`
    : new Set(names).size < names.length ? 'lists: a name occurs twice'
    : undefined;
  if (fault !== undefined) {
    throw new VedetteError('config-invalid', `Safe Browsing: ${fault}`, { detail: { fault } });
  }
}

function withoutUndefined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
