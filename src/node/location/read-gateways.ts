/**
 * The gateways of this machine, as its system tells them: files of the kernel on Linux, programs of the system on macOS
 * and Windows, called by their full paths so that nobody's own `netstat` is run instead.
 */
import { endianness, platform as platformHere } from 'node:os';
import type { Gateway, ReadGateways } from '../../location/gateway.js';
import { neighboursOf } from './neighbour-texts.js';
import { gatewaysOfNetstat, gatewaysOfProcIpv6Route, gatewaysOfProcRoute, gatewaysOfRoutePrint } from './route-texts.js';
import { systemText, type SystemText } from './system-text.js';

/** Which system, in place of the one that this is. */
export interface ReadGatewaysOptions {
  readonly platform?: NodeJS.Platform | undefined;
  readonly system?: SystemText | undefined;
  readonly endianness?: 'LE' | 'BE' | undefined;
  /** Where Windows is. */
  readonly systemRoot?: string | undefined;
  /** Has the system learn the MAC address of a gateway. Absent: what it does not know by itself stays unknown, and nothing is sent. */
  readonly meet?: ((address: string) => Promise<void>) | undefined;
}

/** Gateways and, as far as the system knows, their MAC addresses. None on systems that are not known here. */
export function createReadGateways(options: ReadGatewaysOptions = {}): ReadGateways {
  const { platform = platformHere(), system = systemText } = options;
  return async ({ signal }) => {
    const texts = sources(platform, { ...options, system, signal });
    if (texts === undefined) {
      return [];
    }
    const [routes, known] = await Promise.all([texts.routes(), neighboursFrom(texts)]);
    const found = routes.map((address) => gatewayFrom(address, known));
    const { meet } = options;
    const strangers = found.filter((one) => one.mac === undefined);
    if (meet === undefined || strangers.length === 0) {
      return found;
    }
    await Promise.all(strangers.map(({ address }) => meet(address)));
    const met = await neighboursFrom(texts);
    return routes.map((address) => gatewayFrom(address, [...met, ...known]));
  };
}

type Neighbours = readonly ReadonlyMap<string, string>[];

async function neighboursFrom({ neighbours }: Sources): Promise<Neighbours> {
  const texts = await Promise.all(neighbours.map((read) => read().catch(() => '')));
  return texts.map(neighboursOf);
}

function gatewayFrom(address: string, neighbours: Neighbours): Gateway {
  const mac = neighbours.map((some) => some.get(address)).find((one) => one !== undefined);
  return { address, ...(mac === undefined ? {} : { mac }) };
}

interface Sources {
  /** Rejects when nothing can be said about routes. */
  routes(): Promise<readonly string[]>;
  /** Without them only the MAC addresses are missing. */
  readonly neighbours: readonly (() => Promise<string>)[];
}

type Asking = ReadGatewaysOptions & { readonly system: SystemText; readonly signal: AbortSignal | undefined };

function sources(platform: NodeJS.Platform, asking: Asking): Sources | undefined {
  switch (platform) {
    case 'linux':
    case 'android':
      return linux(asking);
    case 'darwin':
      return macos(asking);
    case 'win32':
      return windows(asking);
    default:
      return undefined;
  }
}

function linux({ system, endianness: order = endianness() }: Asking): Sources {
  return {
    async routes() {
      // A kernel without IPv6 has no such file.
      const [four, six] = await Promise.all([system.file('/proc/net/route'), system.file('/proc/net/ipv6_route').catch(() => '')]);
      return [...gatewaysOfProcRoute(four, order), ...gatewaysOfProcIpv6Route(six)];
    },
    neighbours: [() => system.file('/proc/net/arp')],
  };
}

function macos({ system, signal }: Asking): Sources {
  return {
    routes: async () => gatewaysOfNetstat(await system.run('/usr/sbin/netstat', ['-rn'], signal)),
    neighbours: [() => system.run('/usr/sbin/arp', ['-an'], signal), () => system.run('/usr/sbin/ndp', ['-an'], signal)],
  };
}

function windows({ system, signal, systemRoot = process.env['SystemRoot'] ?? 'C:\\Windows' }: Asking): Sources {
  const program = (name: string): string => `${systemRoot}\\System32\\${name}`;
  return {
    routes: async () => gatewaysOfRoutePrint(await system.run(program('route.exe'), ['print'], signal)),
    neighbours: [
      () => system.run(program('arp.exe'), ['-a'], signal),
      () => system.run(program('netsh.exe'), ['interface', 'ipv6', 'show', 'neighbors'], signal),
    ],
  };
}
