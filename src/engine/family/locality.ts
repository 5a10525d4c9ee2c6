/**
 * What changes with the place: the settings in force, and whom questions go to. Every location has its query client from
 * the beginning on (a client that nobody uses does nothing), so that servers are not forgotten when the host comes back.
 */
import type { Clock } from '../../base/seams.js';
import type { Place } from '../../location/place.js';
import type { QueryClient } from '../../query/query-client.js';
import type { PolicyTable } from '../../action/policy.js';
import type { LocationProfile } from '../location-config.js';
import type { Settings } from '../options.js';
import type { Rooms, ServerFacts } from '../rooms.js';
import { countCallers, retire, type CountedClient } from './counted-client.js';

/** What holds now. */
export interface Locality {
  readonly settings: Settings;
  readonly query: CountedClient;
  readonly servers: ServerFacts;
}

/** The localities of one configuration. */
export interface Localities {
  /** @throws VedetteError `config-invalid` */
  at(place: Pick<Place, 'location' | 'near'>): Locality;
  /** The network has changed: breakers close, server waits stay. */
  reset(): void;
  /** Closes every client when its last caller has been answered. */
  retire(how: { readonly clock: Clock; readonly closing: AbortSignal }): Promise<void>;
  close(): Promise<void>;
}

/**
 * The localities of a configuration, with a client for each location.
 * @throws VedetteError `config-invalid` when a server of either cannot be asked safely.
 */
export function createLocalities(configured: Settings, parts: { readonly rooms: Rooms; createQuery(settings: Settings): QueryClient }): Localities {
  const { rooms } = parts;
  const clients = new Map<string, CountedClient>();
  const known = new Map<string, Locality>();

  function clientFor(settings: Settings): CountedClient {
    const key = JSON.stringify([settings.servers, settings.query.order]);
    const client = clients.get(key) ?? countCallers(parts.createQuery(settings));
    clients.set(key, client);
    return client;
  }

  function at(place: Pick<Place, 'location' | 'near'>): Locality {
    const key = `${place.location} ${place.near}`;
    const found = known.get(key);
    if (found !== undefined) {
      return found;
    }
    const settings = settingsAt(configured, place, rooms);
    const locality = { settings, query: clientFor(settings), servers: rooms.serverFacts(settings) };
    known.set(key, locality);
    return locality;
  }

  at({ location: 'external', near: 'external' });
  at({ location: 'internal', near: 'internal' });
  return {
    at,
    reset: () => clients.forEach((client) => client.reset()),
    retire: async ({ clock, closing }) => {
      const patienceMs = configured.query.holdMs + configured.query.perServerMs;
      await Promise.all([...clients.values()].map((client) => retire(client, { clock, patienceMs, closing })));
    },
    close: async () => {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

/** The configuration as it holds at a place. */
function settingsAt(configured: Settings, place: Pick<Place, 'location' | 'near'>, { rules }: Rooms): Settings {
  const { locations } = configured;
  if (locations === undefined) {
    return configured;
  }
  const common = { servers: configured.servers, order: configured.query.order };
  const { servers, order, unknown, updates } = rules.profileInForce(locations, common, place);
  return { ...configured, servers, updates, policy: policyWith(configured.policy, unknown), query: { ...configured.query, order } };
}

/** What a location says about `any` reason takes the place of all that the table says about reasons. */
function policyWith(table: PolicyTable, unknown: LocationProfile['unknown']): PolicyTable {
  if (unknown === undefined) {
    return table;
  }
  const given = typeof table === 'string' ? { base: table } : table;
  return { ...given, unknown: unknown.any === undefined ? { ...given.unknown, ...unknown } : unknown };
}
