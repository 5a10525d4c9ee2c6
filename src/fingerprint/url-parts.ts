/**
 * Takes a URL apart where browsers do: `\` counts as `/`, two of them begin the host, the last `@` ends the user
 * information. A text without scheme begins with its host. Texts are byte strings.
 */

/** Why a text is no URL that could be looked up. */
export type NotAUrlReason = 'empty' | 'too-long' | 'too-many-escapes' | 'no-host' | 'bad-host' | 'bad-port';

/** The raw parts: user information and port are gone, nothing else is canonical yet. */
export type UrlParts =
  | {
      readonly kind: 'parts';
      /** Lower case; `http` where the text has none. */
      readonly scheme: string;
      readonly host: string;
      /** Digits; empty where the text has none. */
      readonly port: string;
      /** Empty, or from the first slash on; backslashes are slashes. */
      readonly path: string;
      /** Without its `?`; undefined where there is no `?`. */
      readonly query: string | undefined;
    }
  | { readonly kind: 'refused'; readonly reason: NotAUrlReason };

/** How a text begins: with scheme and `//`, with a host, or with something that has no host. */
type Opening =
  | { readonly kind: 'scheme'; readonly scheme: string; readonly hostAt: number }
  | { readonly kind: 'host' }
  | { readonly kind: 'no-host' };

/** Schemes whose `//` begins no host. */
const hostless: ReadonlySet<string> = new Set(
  'about blob cid data javascript mailto mid sms tel urn vbscript view-source'.split(' '),
);

/** The parts of an unescaped text without fragment. */
export function splitUrl(text: string): UrlParts {
  const opening = openingOf(text);
  if (opening.kind === 'no-host') {
    return { kind: 'refused', reason: 'no-host' };
  }
  const { start, end } = authoritySpan(text, opening);
  const authority = text.slice(start, end);
  const host = withoutPort(authority);
  if (host === undefined) {
    return { kind: 'refused', reason: 'bad-port' };
  }
  const mark = text.indexOf('?', end);
  return {
    kind: 'parts',
    scheme: opening.kind === 'scheme' ? opening.scheme : 'http',
    host,
    port: authority.slice(host.length + 1),
    path: text.slice(end, mark < 0 ? text.length : mark).split('\\').join('/'),
    query: mark < 0 ? undefined : text.slice(mark + 1),
  };
}

/**
 * The raw text without user information. It has to go before unescaping: in `http://a%2F@b/` the host is b, while the
 * unescaped text would name a. A text that gets its scheme by unescaping only (`http%3A%2F%2F…`) is escaped as a whole
 * and left alone.
 */
export function withoutUserInfo(raw: string, unescaped: string): string {
  const opening = openingOf(raw);
  if (opening.kind === 'no-host' || (opening.kind === 'host' && openingOf(unescaped).kind === 'scheme')) {
    return raw;
  }
  const from = opening.kind === 'scheme' ? opening.hostAt : 0;
  return raw.slice(0, from) + raw.slice(authoritySpan(raw, opening).start);
}

function openingOf(text: string): Opening {
  const match = /^([a-z][a-z0-9+.-]*):([/\\]{2})?/i.exec(text);
  if (match === null) {
    return { kind: 'host' };
  }
  const scheme = match[1]!.toLowerCase();
  if (match[2] !== undefined) {
    return hostless.has(scheme) ? { kind: 'no-host' } : { kind: 'scheme', scheme, hostAt: match[0].length };
  }
  // `example.com:8080/` and `localhost:3000`: no scheme in use has a dot.
  return scheme.includes('.') || scheme === 'localhost' ? { kind: 'host' } : { kind: 'no-host' };
}

/** From behind the user information to the first `/`, `\` or `?`. */
function authoritySpan(text: string, opening: Opening): { readonly start: number; readonly end: number } {
  const from = opening.kind === 'scheme' ? opening.hostAt : 0;
  const length = text.slice(from).search(/[/\\?]/);
  const end = length < 0 ? text.length : from + length;
  return { start: from + text.slice(from, end).lastIndexOf('@') + 1, end };
}

/** The host without `:` and digits, or undefined when something else follows the colon. */
function withoutPort(authority: string): string | undefined {
  const colon = authority.indexOf(':', authority.startsWith('[') ? authority.indexOf(']') : 0);
  if (colon < 0) {
    return authority;
  }
  return /^[0-9]*$/.test(authority.slice(colon + 1)) ? authority.slice(0, colon) : undefined;
}
