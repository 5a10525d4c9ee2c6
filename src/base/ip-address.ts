/** IP and MAC addresses as they are compared: one spelling each, whatever system or person wrote them. */

/**
 * The canonical text of an IP address: IPv4 as four decimal numbers without leading zeros, IPv6 after RFC 5952. A zone
 * (`%eth0`) is left out. Undefined for anything else.
 */
export function canonicalIp(text: string): string | undefined {
  const [plain = ''] = text.split('%', 1);
  if (/^(?:(?:0|[1-9]\d{0,2})(?:\.|$)){4}$/.test(plain) && !plain.endsWith('.')) {
    return plain.split('.').every((part) => Number(part) < 256) ? plain : undefined;
  }
  const literal = `http://[${plain}]/`;
  return /^[0-9a-f:.]{2,45}$/i.test(plain) && URL.canParse(literal) ? new URL(literal).hostname.slice(1, -1) : undefined;
}

/** The canonical text of a MAC address (`0a:1b:…`), written with colons or hyphens; undefined for anything else and for that of nobody. */
export function canonicalMac(text: string): string | undefined {
  if (!/^[0-9a-f]{1,2}(?:[:-][0-9a-f]{1,2}){5}$/i.test(text)) {
    return undefined;
  }
  const mac = text.toLowerCase().split(/[:-]/).map((part) => part.padStart(2, '0')).join(':');
  return mac === '00:00:00:00:00:00' || mac === 'ff:ff:ff:ff:ff:ff' ? undefined : mac;
}
