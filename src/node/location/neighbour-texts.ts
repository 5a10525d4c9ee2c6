/**
 * MAC addresses of neighbours out of what systems say: `/proc/net/arp` of Linux, `arp -an` and `ndp -an` of macOS, `arp -a`
 * and `netsh interface ipv6 show neighbors` of Windows. In all of them a line has the IP address first and the MAC
 * address after it. Untrusted: any neighbour can claim any address.
 */
import { canonicalIp, canonicalMac } from '../../base/ip-address.js';

const maxLines = 20_000;

/** MAC addresses by IP address, of those that are known: the last word of the text about each. */
export function neighboursOf(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n', maxLines)) {
    const words = line.slice(0, 500).split(/[\s()]+/);
    const at = words.findIndex((word) => canonicalIp(word) !== undefined);
    const mac = at < 0 ? undefined : words.slice(at + 1).map(canonicalMac).find((one) => one !== undefined);
    const address = canonicalIp(words[at] ?? '');
    if (address !== undefined && mac !== undefined) {
      found.set(address, mac);
    }
  }
  return found;
}
