/**
 * Whether any host under which a URL could be listed is among the listed ones, without its canonical form, expressions
 * or digests: one pass over the host, from its last character to its first, then a look-up for each label border that
 * was passed. For plain URLs; nothing is said about others.
 */
import { extendHashA, extendHashB, hostHashSeed } from '../base/host-hash.js';
import type { ListedHosts } from '../base/host-hash.js';
import { isDigit, plainHostEnd, plainHostStart } from './plain-url.js';

/** `none`: surely no suffix is listed. `some`: one may be. `unusual`: not a plain URL, so it has to be looked at in full. */
export type HostProbe = 'none' | 'some' | 'unusual';

const dot = 0x2e;

/** By character: what it is in a canonical host, 0 where a plain host has none such. */
const canonicalUnits: Uint8Array = Uint8Array.from({ length: 128 }, (_, unit) => {
  const character = String.fromCharCode(unit);
  return /[A-Za-z0-9._-]/.test(character) ? character.toLowerCase().charCodeAt(0) : 0;
});

/** Suffixes of one host that are looked up; a host with more labels is no plain one. */
const maxSuffixes = 32;

/**
 * Beyond it a URL may hold so many escapes that it is no URL for it (`too-many-escapes` takes 2051 characters), and
 * `maxBytes` is counted in the canonical form, in which a character takes up to 9.
 */
export function maxPlainLength(maxBytes: number): number {
  return Math.min(2048, Math.floor((maxBytes - 1) / 9));
}

/**
 * A probe for URLs of at most `maxLength` characters: `maxPlainLength` of the limit of the extractor. It keeps the hashes
 * of one host at a time: looked up one after the other without a hash in between, the memory behind them is waited for
 * once and not for each (a fifth of the time with a million hosts).
 */
export function createHostProbe(maxLength: number): (url: string, listed: ListedHosts) => HostProbe {
  const laneA = new Int32Array(maxSuffixes);
  const laneB = new Int32Array(maxSuffixes);

  /** Hashes the suffixes of what lies in [start, end); how many there are, or -1 when it is no plain host. */
  function hashSuffixes(url: string, start: number, end: number): number {
    let a: number = hostHashSeed.a;
    let b: number = hostHashSeed.b;
    let labelEnd = end;
    let count = 0;
    for (let at = end - 1; at >= start; at--) {
      const unit = canonicalUnits[url.charCodeAt(at)] ?? 0;
      if (unit === 0) {
        return -1;
      }
      if (unit === dot) {
        if (at + 1 === labelEnd || (labelEnd === end && isDigit(url.charCodeAt(at + 1))) || count === maxSuffixes - 1) {
          return -1;
        }
        // A single label is an expression's host only where it is the whole host.
        if (labelEnd !== end) {
          laneA[count] = a;
          laneB[count++] = b;
        }
        labelEnd = at;
      }
      a = extendHashA(a, unit);
      b = extendHashB(b, unit);
    }
    if (start === labelEnd || (labelEnd === end && isDigit(url.charCodeAt(start)))) {
      return -1;
    }
    laneA[count] = a;
    laneB[count++] = b;
    return count;
  }

  return (url, listed) => {
    const start = plainHostStart(url);
    if (start === 0 || url.length > maxLength) {
      return 'unusual';
    }
    // Most hosts end at a slash: then nothing has to be read twice.
    const slash = url.indexOf('/', start);
    let count = hashSuffixes(url, start, slash < 0 ? url.length : slash);
    if (count < 0) {
      const end = plainHostEnd(url, start);
      count = end < 0 ? -1 : hashSuffixes(url, start, end);
    }
    if (count < 0) {
      return 'unusual';
    }
    let classes = 0;
    for (let i = 0; i < count; i++) {
      classes |= listed.classOf(laneA[i]!, laneB[i]!);
    }
    return classes === 0 ? 'none' : 'some';
  };
}
