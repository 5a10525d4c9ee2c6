/**
 * IPv4 addresses in every form that resolvers understand: one to four parts, each decimal, octal (`0…`) or hexadecimal
 * (`0x…`), the last one filling all bytes that are left (inet_aton, as Safe Browsing reads it).
 */

/**
 * The four-part decimal form of a host name, or undefined when it is no IPv4 address. A part that is too large for its
 * place keeps its low bytes, as in the specification's own example set (`276.2.3` is 20.2.0.3): no resolver takes it
 * for a name.
 */
export function parseIpv4(host: string): string | undefined {
  if (host.length > 48 || !/^[0-9]/.test(host)) {
    return undefined;
  }
  const parts = host.split('.');
  if (parts.length > 4) {
    return undefined;
  }
  const bytes: number[] = [];
  for (const [index, part] of parts.entries()) {
    const value = parseNumber(part);
    if (value === undefined) {
      return undefined;
    }
    const width = index === parts.length - 1 ? 4 - index : 1;
    for (let shift = 8 * (width - 1); shift >= 0; shift -= 8) {
      bytes.push((value >>> shift) & 0xff);
    }
  }
  return bytes.join('.');
}

/** A number of at most 32 bits. `0x` alone is zero, as browsers take it. */
function parseNumber(text: string): number | undefined {
  const value = /^0x[0-9a-f]*$/i.test(text)
    ? Number.parseInt(`0${text.slice(2)}`, 16)
    : /^0[0-7]*$/.test(text)
      ? Number.parseInt(text, 8)
      : /^[1-9][0-9]*$/.test(text)
        ? Number.parseInt(text, 10)
        : undefined;
  return value === undefined || value > 0xffffffff ? undefined : value;
}
