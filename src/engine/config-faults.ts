/** What is wrong with servers and locations of a configuration whose shape is right. Pure. */
import type { ConfigFault } from './config-schema.js';
import type { LocationsConfig } from './location-config.js';
import type { EngineConfig, ServerConfig } from './options.js';

/** Every fault of the lists of servers. */
export function serverFaults(config: EngineConfig): readonly ConfigFault[] {
  const { servers = [], locations } = config;
  return [...addressFaults('servers', servers), ...(locations === undefined ? [] : locationFaults(locations, servers))];
}

function locationFaults(locations: LocationsConfig, servers: readonly ServerConfig[]): ConfigFault[] {
  const { internal, external } = locations;
  const outside = external?.servers ?? servers;
  const path = external?.servers === undefined ? 'servers' : 'locations.external.servers';
  return [
    ...addressFaults('locations.internal.servers', internal?.servers ?? []),
    ...addressFaults('locations.external.servers', external?.servers ?? []),
    ...outside.flatMap((server, at) => outsideFaults(server, `${path}.${at}`)),
    ...updateFaults(locations),
    ...referenceFaults(locations, outside),
  ];
}

/** Global servers speak HTTPS only, and an address may stand in the list once. */
function addressFaults(list: string, servers: readonly Pick<ServerConfig, 'address' | 'scope'>[]): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const seen = new Set<string>();
  servers.forEach((server, index) => {
    const path = `${list}.${index}.address`;
    if (!hasScheme(server.address)) {
      faults.push({ path, message: `expected an address with a scheme, got "${server.address}"` });
    }
    if (server.scope === 'global' && /^http:/i.test(server.address)) {
      faults.push({ path, message: 'a global server must be asked over HTTPS' });
    }
    if (seen.has(server.address)) {
      faults.push({ path, message: 'the same address stands in the list before' });
    }
    seen.add(server.address);
  });
  return faults;
}

/** Where nothing is proven only global servers are asked; of other schemes than HTTP the transport knows how secret they are. */
function outsideFaults({ scope, address }: ServerConfig, path: string): ConfigFault[] {
  return scope === 'global'
    ? []
    : [{ path: `${path}.scope`, message: `${address} would be asked in the external location: expected a global server, asked over HTTPS` }];
}

function updateFaults({ internal, external }: LocationsConfig): ConfigFault[] {
  const faults = (list: string, all: readonly string[], allowed: RegExp, expected: string): ConfigFault[] =>
    all.flatMap((address, at) => (allowed.test(address) && URL.canParse(address) ? [] : [{ path: `${list}.${at}`, message: `expected ${expected}` }]));
  return [
    ...faults('locations.internal.updates', internal?.updates ?? [], /^https?:\/\//i, 'an HTTP or HTTPS address'),
    ...faults('locations.external.updates', external?.updates ?? [], /^https:\/\//i, 'an HTTPS address'),
  ];
}

/**
 * A key that answers outside as well proves nothing: whoever runs a network outside could pass a challenge on to the
 * server there.
 */
function referenceFaults({ references = [] }: LocationsConfig, outside: readonly ServerConfig[]): ConfigFault[] {
  const outsideKeys = new Set(outside.flatMap((server) => server.trust ?? []));
  return references.flatMap(({ address, trust }, at) => [
    ...(hasScheme(address) ? [] : [{ path: `locations.references.${at}.address`, message: `expected an address with a scheme, got "${address}"` }]),
    ...trust.flatMap((key, i) =>
      outsideKeys.has(key) ? [{ path: `locations.references.${at}.trust.${i}`, message: 'this key is that of an external server too: it could be used outside' }] : [],
    ),
  ]);
}

function hasScheme(address: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(address);
}
