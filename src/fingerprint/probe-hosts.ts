/**
 * Whether any host under which a URL could be listed is among the listed ones, without its canonical form, expressions
 * or digests: one pass over the host, a look-up at each label border. For plain URLs; nothing is said about others.
 */
import { extendHashA, extendHashB, hostHashSeed } from '../base/host-hash.js';
import type { ListedHosts } from '../base/host-hash.js';
import { isDigit, plainHostEnd, plainHostStart } from './plain-url.js';

const dot = 0x2e;

/** By character: what it is in a canonical host, 0 where a plain host has none such. */
const canonicalUnits: Uint8Array = Uint8Array.from({ length: 128 }, (_, unit) => {
  const character = String.fromCharCode(unit);
  return /[A-Za-z0-9._-]/.test(character) ? character.toLowerCase().charCodeAt(0) : 0;
});

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
  if (start === 0 || url.length > maxLength) {
    return 'unusual';
  }
  // Most hosts end at a slash: then validity, case and hash are found on one way, from the last character to the first.
  const slash = url.indexOf('/', start);
  const quick = probeUpTo(url, slash < 0 ? url.length : slash, listed);
  if (quick !== 'unusual') {
    return quick;
  }
  const end = plainHostEnd(url, start);
  return end < 0 ? 'unusual' : probeUpTo(url, end, listed);
}

/** Whether what lies between the scheme and `end` is a plain host, and what is known of its suffixes. */
function probeUpTo(url: string, end: number, listed: ListedHosts): HostProbe {
  const start = plainHostStart(url);
  let a: number = hostHashSeed.a;
  let b: number = hostHashSeed.b;
  let labelEnd = end;
  let isListed = false;
  for (let at = end - 1; at >= start; at--) {
    const unit = canonicalUnits[url.charCodeAt(at)] ?? 0;
    if (unit === 0) {
      return 'unusual';
    }
    if (unit === dot) {
      if (at + 1 === labelEnd || (labelEnd === end && isDigit(url.charCodeAt(at + 1)))) {
        return 'unusual';
      }
      // A single label is an expression's host only where it is the whole host.
      isListed ||= labelEnd !== end && listed.classOf(a, b) !== 0;
      labelEnd = at;
    }
    a = extendHashA(a, unit);
    b = extendHashB(b, unit);
  }
  if (start === labelEnd || (labelEnd === end && isDigit(url.charCodeAt(start)))) {
    return 'unusual';
  }
  return isListed || listed.classOf(a, b) !== 0 ? 'some' : 'none';
}
