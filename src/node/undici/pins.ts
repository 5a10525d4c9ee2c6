/**
 * Pins: which public keys a server may have. A pin is the SHA-256 of a key as it stands in its certificate
 * (SubjectPublicKeyInfo, RFC 7469 § 2.4), so that a certificate can be renewed under the same key. It is asked for
 * besides a chain to a trusted authority, not instead of one, and of the server's own certificate: what else a server
 * sends along proves nothing.
 */
import { createHash, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { VedetteError } from '../../base/errors.js';

/**
 * Pins as `sha256/` and 44 base64 characters: a list is for every HTTPS server, an object for the hosts that it names,
 * and hosts that it does not name are not pinned. Two pins of a host: the key in use and the next one.
 */
export type Pins = readonly string[] | Readonly<Record<string, readonly string[]>>;

/** The pins of a host, or undefined when it may have any key. */
export type PinsOf = (host: string) => ReadonlySet<string> | undefined;

/**
 * Reads pins.
 * @throws VedetteError `config-invalid`: no pin at all where some are expected, or something that is none.
 */
export function parsePins(pins: Pins | undefined): PinsOf {
  if (pins === undefined) {
    return () => undefined;
  }
  if (isList(pins)) {
    const all = parseList('pin', pins);
    return () => all;
  }
  const byHost = new Map(Object.entries(pins).map(([host, list]) => [hostKey(host), parseList(`pin of ${host}`, list)]));
  return (host) => byHost.get(hostKey(host));
}

/** The pin of a certificate or a public key, given as PEM text. @throws VedetteError `config-invalid`. */
export function pinOf(pem: string): string {
  try {
    return pinOfKey(pem.includes('CERTIFICATE') ? new X509Certificate(pem).publicKey : createPublicKey(pem));
  } catch (cause) {
    throw new VedetteError('config-invalid', 'pin: expected a certificate or a public key as PEM text', { cause });
  }
}

/** The pin of a key. */
export function pinOfKey(key: KeyObject): string {
  return `sha256/${createHash('sha256').update(key.export({ type: 'spki', format: 'der' })).digest('base64')}`;
}

function parseList(what: string, list: readonly string[]): ReadonlySet<string> {
  const wrong = list.find((pin) => !/^sha256\/[A-Za-z0-9+/]{43}=$/.test(pin));
  if (list.length === 0 || wrong !== undefined) {
    const message = `${what}: expected one or more of sha256/ and 44 base64 characters, got ${wrong ?? 'none'}`;
    throw new VedetteError('config-invalid', message, { detail: { what } });
  }
  return new Set(list);
}

function isList(pins: Pins): pins is readonly string[] {
  return Array.isArray(pins);
}

function hostKey(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$|\.$/g, '');
}
