/** Whom a limit is for: an address of IPv4, or the network of 64 bits that an address of IPv6 is in (RFC 6177). */

/** The key under which limits count an address. What is no address of IPv6 stays as it is. */
export function networkOf(address: string): string {
  if (!address.includes(':')) {
    return address;
  }
  const [plain = ''] = address.split('%');
  const [before = '', after] = plain.split('::');
  const head = groupsOf(before);
  const missing = after === undefined ? 0 : Math.max(0, 8 - head.length - groupsOf(after).length);
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...groupsOf(after ?? '')];
  return `${groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** An address of IPv4 at the end stands for two groups, which are behind the network. */
function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
}
