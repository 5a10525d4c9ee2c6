/**
 * The rolling hash of host names: taken from the last character to the first, so that one pass over `a.example.com`
 * passes the hashes of `com`, `example.com` and `a.example.com`, one at each label border. Filters hold listed hosts
 * by it (docs/patterns.md, "Filter"): whether a URL can be listed at all is known without a digest.
 *
 * It finds candidates and proves nothing: whoever makes two hosts collide costs himself a look-up in full.
 */

/** What a host is listed for, as bits: 0 for nothing. */
export const hostClass = {
  /** The host as a whole: the expression `host/`. */
  whole: 1,
  /** Something under it: a directory, a page, a query. */
  parts: 2,
} as const;

/** Listed hosts by their hash. */
export interface ListedHosts {
  /**
   * The bits of `hostClass` for the host with this hash. Those of a listed host are always among them; a host that is
   * not listed has some by chance, once in thousands.
   */
  classOf(a: number, b: number): number;
}

/** Where both lanes begin. */
export const hostHashSeed = { a: 0x2545f491, b: 0x27d4eb2f } as const;

/** Lane a, one character further to the left. `unit` is of a canonical host: printable ASCII. */
export function extendHashA(a: number, unit: number): number {
  return Math.imul(a ^ unit, 0x9e3779b1);
}

/** Lane b, one character further to the left. */
export function extendHashB(b: number, unit: number): number {
  return Math.imul(b ^ unit, 0x85ebca77);
}

/** What the host is listed for that `text` begins with, in [0, end). */
export function classOfHost(hosts: ListedHosts, text: string, end: number): number {
  let a: number = hostHashSeed.a;
  let b: number = hostHashSeed.b;
  for (let i = end - 1; i >= 0; i--) {
    const unit = text.charCodeAt(i);
    a = extendHashA(a, unit);
    b = extendHashB(b, unit);
  }
  return hosts.classOf(a, b);
}

/** The key of a hash in 51 bits, a whole number: all of lane a, and the upper 19 bits of lane b. */
export function hostKeyOf(a: number, b: number): number {
  return (a >>> 0) * 0x8_0000 + (b >>> 13);
}

/** The key of a host. */
export function hostKey(host: string): number {
  let key = 0;
  classOfHost({ classOf: (a, b) => (key = hostKeyOf(a, b)) }, host, host.length);
  return key;
}
