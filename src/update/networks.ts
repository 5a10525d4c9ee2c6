/** Whether an address lies in a range: IPv4 and IPv6 in text and CIDR form, for sources that hold for some ranges only. */

/** An address as its bytes: 4 or 16. */
type AddressBytes = readonly number[];

/** True when the range (`10.0.0.0/8`, `fd00::/8`, or one address) can be read. */
export function isNetwork(range: string): boolean {
  return parseNetwork(range) !== undefined;
}

/** True when the address lies in the range. What is neither, and what is of the other family, is false. */
export function inNetwork(address: string, range: string): boolean {
  const network = parseNetwork(range);
  const bytes = parseAddress(address);
  return network !== undefined && bytes !== undefined && bytes.length === network.bytes.length && sharesBits(bytes, network);
}

interface Network {
  readonly bytes: AddressBytes;
  readonly bits: number;
}

function sharesBits(bytes: AddressBytes, { bytes: base, bits }: Network): boolean {
  return bytes.every((byte, at) => {
    const kept = Math.min(8, Math.max(0, bits - 8 * at));
    const mask = (0xff << (8 - kept)) & 0xff;
    return (byte & mask) === ((base[at] ?? 0) & mask);
  });
}

function parseNetwork(range: string): Network | undefined {
  const [, address = '', length] = /^([0-9A-Fa-f:.]{2,45})(?:\/(\d{1,3}))?$/.exec(range) ?? [];
  const bytes = parseAddress(address);
  const bits = length === undefined ? 8 * (bytes?.length ?? 0) : Number(length);
  return bytes === undefined || bits > 8 * bytes.length ? undefined : { bytes, bits };
}

function parseAddress(text: string): AddressBytes | undefined {
  // A zone says which interface, not which address.
  const plain = text.split('%')[0] ?? '';
  const bytes = plain.includes(':') ? parseIpv6(plain) : parseIpv4(plain);
  return bytes === undefined ? undefined : (mappedIpv4(bytes) ?? bytes);
}

function parseIpv4(text: string): AddressBytes | undefined {
  const parts = text.split('.');
  const isPlain = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return isPlain ? parts.map(Number) : undefined;
}

function parseIpv6(text: string): AddressBytes | undefined {
  const lastColon = text.lastIndexOf(':');
  const dotted = text.includes('.') ? parseIpv4(text.slice(lastColon + 1)) : undefined;
  if (text.includes('.') && dotted === undefined) {
    return undefined;
  }
  const grouped = dotted === undefined ? text : `${text.slice(0, lastColon)}:${hexPair(dotted, 0)}:${hexPair(dotted, 2)}`;
  const halves = grouped.split('::');
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length > 2 || (halves.length === 2 ? missing < 1 : missing !== 0)) {
    return undefined;
  }
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  return groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))
    ? groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff])
    : undefined;
}

function hexPair(bytes: AddressBytes, at: number): string {
  return (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16);
}

/** `::ffff:10.0.0.1` is 10.0.0.1. */
function mappedIpv4(bytes: AddressBytes): AddressBytes | undefined {
  const isMapped = bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return isMapped ? bytes.slice(12) : undefined;
}
