/**
 * A text that changes with the network: the addresses of this machine everywhere, on Linux the gateways and how often
 * each link went up or down as well. Cheap enough to be compared every few seconds; nothing is sent.
 */
import { networkInterfaces, platform as platformHere } from 'node:os';
import type { Gateway, ReadGateways } from '../../location/gateway.js';
import { createReadGateways } from './read-gateways.js';
import { systemText, type SystemText } from './system-text.js';

/** What the mark is made from, in place of this machine's own. */
export interface NetworkMarkOptions {
  readonly platform?: NodeJS.Platform | undefined;
  readonly interfaces?: typeof networkInterfaces | undefined;
  readonly system?: SystemText | undefined;
  readonly readGateways?: ReadGateways | undefined;
}

/** How the mark is made: it remembers which MAC address a gateway had, for systems forget what is not in use. */
export function createNetworkMark(options: NetworkMarkOptions = {}): () => Promise<string> {
  const { platform = platformHere(), interfaces = networkInterfaces, system = systemText, readGateways = createReadGateways({ ...options, platform }) } = options;
  const macs = new Map<string, string>();
  let replaced = 0;

  /** A gateway that is suddenly another machine is another network; one that is not known for a moment is the same. */
  function compare({ address, mac }: Gateway): void {
    const before = macs.get(address);
    if (mac !== undefined) {
      replaced += before !== undefined && before !== mac ? 1 : 0;
      macs.set(address, mac);
    }
  }

  return async () => {
    const { names, lines } = describe(interfaces());
    if (platform !== 'linux') {
      // Elsewhere gateways are told by programs: too much for every few seconds.
      return lines.join('\n');
    }
    const gateways = await readGateways({}).catch(() => []);
    gateways.forEach(compare);
    const links = await Promise.all(names.map((name) => system.file(`/sys/class/net/${name}/carrier_changes`).catch(() => '')));
    return [...lines, ...gateways.map((one) => `via ${one.address}`), `gateways replaced ${replaced}`, ...names.map((name, i) => `${name} ${links[i]?.trim()}`)].join('\n');
  };
}

/** Link-local addresses of IPv6 say nothing about the network, and come and go with every container. */
function describe(all: ReturnType<typeof networkInterfaces>): { readonly names: readonly string[]; readonly lines: readonly string[] } {
  const found = Object.entries(all).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address))
      .map(({ address, netmask, mac }) => ({ name, line: `${name} ${address} ${netmask} ${mac}` })),
  );
  return { names: [...new Set(found.map(({ name }) => name))].sort(), lines: found.map(({ line }) => line).sort() };
}
