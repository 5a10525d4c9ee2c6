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
}

/** Gateways and, as far as the system knows, their MAC addresses. None on systems that are not known here. */
export function createReadGateways(options: ReadGatewaysOptions = {}): ReadGateways {
  const { platform = platformHere(), system = systemText } = options;
  return async ({ signal }) => {
    const texts = sources(platform, { ...options, system, signal });
    if (texts === undefined) {
      return [];
    }
    const [routes, neighbours] = await Promise.all([texts.routes(), Promise.all(texts.neighbours.map((read) => read().catch(() => '')))]);
    const known = neighbours.map(neighboursOf);
    return routes.map((address): Gateway => {
      const mac = known.map((some) => some.get(address)).find((one) => one !== undefined);
      return { address, ...(mac === undefined ? {} : { mac }) };
    });
  };
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
