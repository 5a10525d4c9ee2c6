/** Where an HTTP transport sends its questions: one rule for all of them about what an address may be. */
import { queryPath } from '../../protocol/messages.js';

/**
 * The URL of the queries of a server (or of another path of it), or undefined for what is no plain `http:` or `https:`
 * address: a user or a password in it would be sent along with every question, a query or fragment has no meaning there.
 */
export function queryUrl(address: string, path: string = queryPath): URL | undefined {
  const url = parseUrl(address);
  const isPlain = url !== undefined && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!isPlain || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return undefined;
  }
  url.pathname = url.pathname.replace(/\/+$/, '') + path;
  return url;
}

function parseUrl(address: string): URL | undefined {
  try {
    return new URL(address);
  } catch {
    return undefined;
  }
}
