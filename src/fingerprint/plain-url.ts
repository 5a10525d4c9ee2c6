/**
 * The shape that nearly all URLs have: `http(s)://name[:port][/path][?query][#fragment]` in printable ASCII, with
 * nothing in it that canonicalization would have to change but the case of the host, port and fragment. It is read in
 * one pass over the characters. Whatever is unusual is left to the clear version in `url-canonical.ts`, with which this
 * one agrees (test/fingerprint/plain-url.test.ts).
 */
import type { CanonicalUrl } from './url-canonical.js';

const dot = 0x2e;
const slash = 0x2f;
const colon = 0x3a;
const question = 0x3f;
const hash = 0x23;
const backslash = 0x5c;
const percent = 0x25;

/** Index of the host behind `http://` or `https://`, or 0. */
export function plainHostStart(url: string): number {
  // Character by character: 20 ns less than `startsWith`, of 200 that a look at a URL takes.
  const isHttp = url.charCodeAt(0) === 0x68 && url.charCodeAt(1) === 0x74 && url.charCodeAt(2) === 0x74 && url.charCodeAt(3) === 0x70;
  const at = url.charCodeAt(4) === 0x73 ? 5 : 4;
  const isOpen = url.charCodeAt(at) === colon && url.charCodeAt(at + 1) === slash && url.charCodeAt(at + 2) === slash;
  return isHttp && isOpen ? at + 3 : 0;
}

/**
 * Index behind a host of letters, digits, `-`, `_` and single dots that is no address and ends where a host can end;
 * -1 for anything else. A last label that begins with a digit may be part of an address.
 */
export function plainHostEnd(url: string, start: number): number {
  let labelAt = start;
  let at = start;
  for (; at < url.length; at++) {
    const unit = url.charCodeAt(at);
    if (unit === dot) {
      if (at === labelAt) {
        return -1;
      }
      labelAt = at + 1;
    } else if (!isNameUnit(unit)) {
      break;
    }
  }
  return at === labelAt || isDigit(url.charCodeAt(labelAt)) || authorityEnd(url, at) < 0 ? -1 : at;
}

/** Index of the `/`, `?`, `#` or `\` (or the end) behind a host and its port, or -1 when something else follows. */
export function authorityEnd(url: string, hostEnd: number): number {
  let at = hostEnd;
  if (url.charCodeAt(at) === colon) {
    do {
      at++;
    } while (isDigit(url.charCodeAt(at)));
  }
  if (at === url.length) {
    return at;
  }
  const unit = url.charCodeAt(at);
  return unit === slash || unit === question || unit === hash || unit === backslash ? at : -1;
}

/** The canonical form of a plain URL; undefined when it is not plain. Its canonical form is not longer than it plus 1. */
export function canonicalPlainUrl(url: string): CanonicalUrl | undefined {
  const start = plainHostStart(url);
  const hostEnd = start === 0 ? -1 : plainHostEnd(url, start);
  if (hostEnd < 0) {
    return undefined;
  }
  const pathAt = authorityEnd(url, hostEnd);
  const pathEnd = plainPathEnd(url, pathAt);
  const end = pathEnd < 0 ? -1 : plainQueryEnd(url, pathEnd);
  if (end < 0) {
    return undefined;
  }
  const scheme = start === 8 ? 'https' : 'http';
  const host = url.slice(start, hostEnd).toLowerCase();
  const path = pathEnd === pathAt ? '/' : url.slice(pathAt, pathEnd);
  const query = end > pathEnd ? url.slice(pathEnd + 1, end) : undefined;
  const canonical = `${scheme}://${host}${path}${query === undefined ? '' : `?${query}`}`;
  return { kind: 'url', canonical, scheme, host, hostKind: 'name', path, query };
}

/** End of a path without empty, `.` and `..` segments, or -1. */
function plainPathEnd(url: string, start: number): number {
  for (let at = start; at < url.length; at++) {
    const unit = url.charCodeAt(at);
    if (unit === question || unit === hash) {
      return at;
    }
    if (unit === percent ? !isFinalEscape(url, at) : unit <= 0x20 || unit >= 0x7f || unit === backslash) {
      return -1;
    }
    if (unit === slash && !beginsName(url, at + 1)) {
      return -1;
    }
  }
  return url.length;
}

/** Whether what follows a slash is neither another slash nor one or two dots alone. Names that begin with a dot are rare. */
function beginsName(url: string, at: number): boolean {
  const unit = url.charCodeAt(at);
  return unit !== slash && unit !== dot;
}

/** End of a query that begins with its `?`, or `start` where there is none; -1 when it is not plain. */
function plainQueryEnd(url: string, start: number): number {
  if (url.charCodeAt(start) !== question) {
    return start;
  }
  for (let at = start + 1; at < url.length; at++) {
    const unit = url.charCodeAt(at);
    if (unit === hash) {
      return at;
    }
    if (unit === percent ? !isFinalEscape(url, at) : unit <= 0x20 || unit >= 0x7f) {
      return -1;
    }
  }
  return url.length;
}

/** An escape that stands for a byte which is escaped in every canonical form, and is written as it is there. */
function isFinalEscape(url: string, at: number): boolean {
  const high = url.charCodeAt(at + 1);
  const low = url.charCodeAt(at + 2);
  if (!isUpperHex(low)) {
    return false;
  }
  // 00 to 1F and 80 to FF; 20, 23 and 7F.
  return high === 0x30 || high === 0x31 || (isUpperHex(high) && high >= 0x38) || (high === 0x32 && (low === 0x30 || low === 0x33)) || (high === 0x37 && low === 0x46);
}

function isNameUnit(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || isDigit(unit) || unit === 0x2d || (unit >= 0x41 && unit <= 0x5a) || unit === 0x5f;
}

/** Whether the UTF-16 unit is one of `0` to `9`. */
export function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function isUpperHex(unit: number): boolean {
  return isDigit(unit) || (unit >= 0x41 && unit <= 0x46);
}
