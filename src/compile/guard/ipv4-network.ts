/** IPv4 addresses as numbers, and networks in the notation `192.0.2.0/24`. */

/** The number of an address in its plain spelling, or undefined. */
export function ipv4Number(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  return parts === undefined || parts.some((part) => part > 255) ? undefined : parts.reduce((sum, part) => sum * 256 + part, 0);
}

/** A network, or a single address; undefined for anything else. */
export function ipv4Network(text: string): { readonly first: number; readonly bits: number } | undefined {
  const [address = '', prefix = '32', ...more] = text.split('/');
  const first = ipv4Number(address);
  const bits = /^\d{1,2}$/.test(prefix) ? Number(prefix) : 33;
  return first === undefined || bits > 32 || more.length > 0 ? undefined : { first, bits };
}
