/**
 * Gateways out of what systems say about their routes. Every text is untrusted: a route can be announced by whoever runs
 * the network. Lines of another form are passed over; what these forms are is recorded in test/node/location.
 */
import { canonicalIp } from '../../base/ip-address.js';

/** Lines of a text that are looked at; a machine with more routes than this has its defaults among the first. */
const maxLines = 20_000;
const maxGateways = 64;

/** Linux, `/proc/net/route`: addresses as numbers of the machine's own byte order, in hexadecimal. */
export function gatewaysOfProcRoute(text: string, order: 'LE' | 'BE'): readonly string[] {
  return collect(text, (line) => {
    const [, destination, gateway = '', flags = '', , , , mask] = line.split(/\s+/);
    const isDefault = destination === '00000000' && mask === '00000000' && isUpGateway(flags);
    const bytes = gateway.match(/^(..)(..)(..)(..)$/)?.slice(1).map((byte) => Number.parseInt(byte, 16));
    return isDefault && bytes !== undefined ? (order === 'LE' ? bytes.reverse() : bytes).join('.') : undefined;
  });
}

/** Linux, `/proc/net/ipv6_route`. */
export function gatewaysOfProcIpv6Route(text: string): readonly string[] {
  return collect(text, (line) => {
    const [destination = '', length, , , hop = '', , , , flags = ''] = line.split(/\s+/);
    const isDefault = /^0{32}$/.test(destination) && length === '00' && isUpGateway(flags);
    return isDefault ? hop.match(/.{4}/g)?.join(':') : undefined;
  });
}

/** macOS, `netstat -rn`. */
export function gatewaysOfNetstat(text: string): readonly string[] {
  return collect(text, (line) => {
    const [destination, gateway, flags = ''] = line.split(/\s+/);
    return destination === 'default' && flags.includes('U') && flags.includes('G') ? gateway : undefined;
  });
}

/**
 * Windows, `route print`: whatever language its headings are in, an active default route of IPv4 has five columns of
 * which four are addresses; one of IPv6 names its interface. Persistent routes, which need not be in use, do neither. A
 * long gateway stands in a line of its own.
 */
export function gatewaysOfRoutePrint(text: string): readonly string[] {
  const joined = text.replaceAll(/(\s::\/0[ \t]*)\r?\n[ \t]+(?=[0-9a-f]{1,4}:)/gi, '$1 ');
  return collect(joined, (line) => {
    const four = /^\s*0\.0\.0\.0\s+0\.0\.0\.0\s+(\S+)\s+\d+(?:\.\d+){3}\s+\d+\s*$/.exec(line);
    const six = /^\s*[1-9]\d*\s+\d+\s+::\/0\s+(\S+)\s*$/.exec(line);
    return four?.[1] ?? six?.[1];
  });
}

/** RTF_UP and RTF_GATEWAY of the routing flags, in hexadecimal. */
function isUpGateway(flags: string): boolean {
  return (Number.parseInt(flags, 16) & 3) === 3;
}

function collect(text: string, read: (line: string) => string | undefined): readonly string[] {
  const found = new Set<string>();
  for (const line of text.split('\n', maxLines)) {
    const address = canonicalIp(read(line.trim()) ?? '');
    // Tunnels have defaults of no address at all.
    if (address !== undefined && address !== '0.0.0.0' && address !== '::' && found.size < maxGateways) {
      found.add(address);
    }
  }
  return [...found];
}
