/**
 * The canonical form of a URL: every spelling of one URL becomes one text, whose expressions are looked up. Follows
 * "URLs and Hashing" of Safe Browsing (v4 and v5 agree but for IPv6). The text begins with a URL that a client has
 * already parsed; where it does not say how, the URL standard decides (backslashes, user information before escapes).
 * Nothing is fetched or resolved, and nothing throws: bytes from outside may be anything.
 */
import { toLatin1, toUtf8 } from '../base/bytes.js';
import { assertInteger } from '../base/assert.js';
import { canonicalHost } from './host/canonical-host.js';
import { canonicalPlainUrl } from './plain-url.js';
import { escapeBytes, unescapeUntilStable } from './url-escapes.js';
import { splitUrl, withoutUserInfo } from './url-parts.js';
import type { NotAUrlReason, UrlParts } from './url-parts.js';

/** A canonical URL in parts, all of them printable ASCII. */
export interface CanonicalUrl {
  readonly kind: 'url';
  /** `scheme://host/path?query`. Canonicalizing it again gives the same text. */
  readonly canonical: string;
  /** Lower case. */
  readonly scheme: string;
  /** Without port and user information; IPv6 in brackets. */
  readonly host: string;
  readonly hostKind: 'name' | 'ip';
  /** Begins with `/`. */
  readonly path: string;
  /** Without its `?`; the empty query of `q?` is kept, undefined means that there is no `?`. */
  readonly query: string | undefined;
}

/** What cannot be looked up, and why. */
export interface NotAUrl {
  readonly kind: 'not-a-url';
  readonly reason: NotAUrlReason;
}

/** Limits of canonicalization. */
export interface CanonicalizeOptions {
  /** Most bytes of the URL, as given and as canonical. Default 65,536. */
  readonly maxBytes?: number | undefined;
}

/** DESIGN §5. */
export const defaultMaxBytes = 65_536;

/**
 * The canonical form of a URL in any spelling. A string is taken as UTF-8; bytes are taken as they are.
 * Linear in the input. Never throws for what stands in it.
 * @throws RangeError for a `maxBytes` that is no limit.
 */
export function canonicalizeUrl(input: string | Uint8Array, options: CanonicalizeOptions = {}): CanonicalUrl | NotAUrl {
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  assertInteger('maxBytes', maxBytes, { min: 1 });
  // Three bytes of UTF-8 a character at most; a plain URL grows by a slash at most.
  const plain = typeof input === 'string' && 3 * input.length < maxBytes ? canonicalPlainUrl(input) : undefined;
  return plain ?? canonicalizeStepwise(input, maxBytes);
}

/** The same for every URL, by the steps of the specification. The fast form of `plain-url.ts` is compared with it. */
export function canonicalizeStepwise(input: string | Uint8Array, maxBytes: number = defaultMaxBytes): CanonicalUrl | NotAUrl {
  const parts = partsOf(input, maxBytes);
  const url = canonicalOf(parts);
  return url.kind === 'url' && url.canonical.length > maxBytes ? notAUrl('too-long') : url;
}

/** Ports that a scheme stands for. */
const defaultPorts: ReadonlyMap<string, number> = new Map([['http', 80], ['ws', 80], ['https', 443], ['wss', 443], ['ftp', 21]]);

/**
 * The port to which a URL in any spelling leads: the one it names, else that of its scheme; undefined where neither
 * tells one. Canonical forms have none, so rules for ports need it.
 */
export function urlPort(input: string): { readonly port: number; readonly named: boolean } | undefined {
  const parts = partsOf(input, defaultMaxBytes);
  if (parts.kind === 'refused') {
    return undefined;
  }
  const named = parts.port !== '';
  const port = named ? Number(parts.port) : defaultPorts.get(parts.scheme);
  return port !== undefined && port <= 65_535 ? { port, named } : undefined;
}

/** The raw parts of the unescaped text. */
function partsOf(input: string | Uint8Array, maxBytes: number): UrlParts {
  const bytes = input.length > maxBytes ? undefined : byteString(input);
  if (bytes === undefined || bytes.length > maxBytes) {
    return { kind: 'refused', reason: 'too-long' };
  }
  const raw = withoutFragment(withoutBlanks(bytes));
  if (raw === '') {
    return { kind: 'refused', reason: 'empty' };
  }
  const text = unescapeUrl(raw);
  return text === undefined ? { kind: 'refused', reason: 'too-many-escapes' } : splitUrl(text);
}

function canonicalOf(parts: UrlParts): CanonicalUrl | NotAUrl {
  if (parts.kind === 'refused') {
    return notAUrl(parts.reason);
  }
  const found = canonicalHost(parts.host);
  if (found.kind === 'refused') {
    return notAUrl(found.reason);
  }
  const { scheme } = parts;
  const path = escapeBytes(resolvePath(parts.path));
  const query = parts.query === undefined ? undefined : escapeBytes(parts.query);
  const canonical = `${scheme}://${found.host}${path}${query === undefined ? '' : `?${query}`}`;
  return { kind: 'url', canonical, scheme, host: found.host, hostKind: found.kind, path, query };
}

/** The escapes of the user information are not even looked at: only what follows it counts. */
function unescapeUrl(raw: string): string | undefined {
  const text = unescapeUntilStable(raw);
  if (text === undefined || !raw.includes('@')) {
    return text;
  }
  const bare = withoutUserInfo(raw, text);
  return bare === raw ? text : unescapeUntilStable(bare);
}

/** Raw TAB, CR and LF anywhere, and surrounding spaces and controls, which the URL standard strips too. Escaped ones stay. */
function withoutBlanks(text: string): string {
  const line = text.replace(/[\t\r\n]+/g, '');
  let start = 0;
  let end = line.length;
  while (start < end && line.charCodeAt(start) <= 0x20) {
    start++;
  }
  while (end > start && line.charCodeAt(end - 1) <= 0x20) {
    end--;
  }
  return line.slice(start, end);
}

function withoutFragment(text: string): string {
  const hash = text.indexOf('#');
  return hash < 0 ? text : text.slice(0, hash);
}

/** `/./` and `/../` resolved first, then runs of slashes made one: `/a//../b` is `/a/b`, as in browsers. */
function resolvePath(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const segment of segments) {
    if (segment === '..') {
      kept.pop();
    } else if (segment !== '.') {
      kept.push(segment);
    }
  }
  const last = segments.at(-1);
  const directory = last === undefined || last === '' || last === '.' || last === '..';
  const names = kept.filter((segment) => segment !== '');
  return names.length === 0 ? '/' : `/${names.join('/')}${directory ? '/' : ''}`;
}

function byteString(input: string | Uint8Array): string {
  if (typeof input !== 'string') {
    return toLatin1(input);
  }
  return /^[\x00-\x7f]*$/.test(input) ? input : toLatin1(toUtf8(input));
}

function notAUrl(reason: NotAUrlReason): NotAUrl {
  return { kind: 'not-a-url', reason };
}
