/**
 * Whether any host under which a URL could be listed is among the listed ones, without its canonical form, expressions
 * or digests: one pass over the host, a look-up at each label border. For plain URLs; nothing is said about others.
 */
import { extendHashA, extendHashB, hostHashSeed } from '../base/host-hash.js';
import type { ListedHosts } from '../base/host-hash.js';
import { plainHostEnd, plainHostStart } from './plain-url.js';

/** `none`: surely no suffix is listed. `some`: one may be. `unusual`: not a plain URL, so it has to be looked at in full. */
export type HostProbe = 'none' | 'some' | 'unusual';

/**
 * Beyond it a URL may hold so many escapes that it is no URL for it (`too-many-escapes` takes 2051 characters), and
 * `maxBytes` is counted in the canonical form, in which a character takes up to 9.
 */
export function maxPlainLength(maxBytes: number): number {
  return Math.min(2048, Math.floor((maxBytes - 1) / 9));
}

/** `maxLength` is `maxPlainLength` of the limit of the extractor. */
export function probeHosts(url: string, listed: ListedHosts, maxLength: number): HostProbe {
  const start = plainHostStart(url);
  const end = start === 0 || url.length > maxLength ? -1 : plainHostEnd(url, start);
  if (end < 0) {
    return 'unusual';
  }
  let a: number = hostHashSeed.a;
  let b: number = hostHashSeed.b;
  let labels = 0;
  for (let at = end - 1; at >= start; at--) {
    const unit = url.charCodeAt(at);
    if (unit === 0x2e) {
      labels++;
      // A single label is an expression's host only where it is the whole host.
      if (labels > 1 && listed.classOf(a, b) !== 0) {
        return 'some';
      }
    }
    const lower = unit >= 0x41 && unit <= 0x5a ? unit | 0x20 : unit;
    a = extendHashA(a, lower);
    b = extendHashB(b, lower);
  }
  return listed.classOf(a, b) === 0 ? 'none' : 'some';
}
