/**
 * Whether a server may be asked at all, and what its answers must carry (DESIGN rule 4). Decided once, from the
 * configuration alone: nothing is resolved, so a name that leads to loopback today cannot lead elsewhere tomorrow.
 */
import { VedetteError } from '../../base/errors.js';
import type { Server, Transport } from '../transport.js';

/** `signed`: only answers with a proof by a trusted key. `unsigned`: believed because of where the server is. */
export type ServerTrust = 'signed' | 'unsigned';

/**
 * What answers of this server must carry.
 * @throws VedetteError `config-invalid`, naming the server, when the address cannot be used or could never be believed.
 */
export function serverTrust(server: Server, schemes: Transport['schemes'], hasKeys: boolean): ServerTrust {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(server.address)?.[1]?.toLowerCase();
  const secrecy = scheme !== undefined && Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined;
  if (scheme === undefined || secrecy === undefined) {
    throw refuse(server, `the transport knows ${Object.keys(schemes).join(', ')} addresses only`);
  }
  if ((scheme === 'http' || scheme === 'https') && !isPlainWebAddress(server.address)) {
    throw refuse(server, 'expected an address of scheme, host, port and path only');
  }
  if (server.scope === 'global' && secrecy === 'plain') {
    throw refuse(server, 'global servers are asked over HTTPS only');
  }
  if (hasKeys) {
    return 'signed';
  }
  if ((scheme === 'in-process' && secrecy === 'secure') || isLiteralLoopback(server.address)) {
    return 'unsigned';
  }
  throw refuse(server, 'needs a trusted key: answers are believed by signature, unsigned only from 127.0.0.0/8 and [::1]');
}

/**
 * True for http(s) addresses whose host is written as 127.a.b.c or [::1]. Names, `localhost` among them, and other
 * spellings of the same numbers are not literal: what they mean is decided by somebody else.
 */
export function isLiteralLoopback(address: string): boolean {
  const host = /^https?:\/\/(127(?:\.(?:0|[1-9]\d{0,2})){3}|\[::1\])(?::\d{1,5})?(?:\/|$)/i.exec(address)?.[1];
  const parsed = parseUrl(address);
  return host !== undefined && parsed?.hostname === host;
}

function isPlainWebAddress(address: string): boolean {
  const url = parseUrl(address);
  return url !== undefined && url.username === '' && url.password === '' && !/[?#\\@\s]/.test(address);
}

function parseUrl(address: string): URL | undefined {
  try {
    return new URL(address);
  } catch {
    return undefined;
  }
}

function refuse(server: Server, why: string): VedetteError {
  return new VedetteError('config-invalid', `server ${server.id}: ${why}`, { detail: { server: server.id, why } });
}
