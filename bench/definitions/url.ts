/** Web filter: is a URL surely on no list? */
import type { Definition } from '../definition.js';
import { ghostery, tldtsSet, urlAnswer, urlParser, vedetteHashes, vedetteHosts } from '../engines/urls.js';
import type { UrlInput } from '../inputs/urls.js';
import { seededUrls } from '../inputs/urls.js';

/** 100,000 listed hosts. */
export const url100k: Definition<UrlInput> = urlDefinition('url-100k', { full: 100_000, quick: 500 });

/** 1,000,000 listed hosts. */
export const url1m: Definition<UrlInput> = urlDefinition('url-1m', { full: 1_000_000, quick: 70_000 });

function urlDefinition(name: string, hosts: { readonly full: number; readonly quick: number }): Definition<UrlInput> {
  return {
    name,
    title: (input) =>
      `${input.urls.length.toLocaleString('en')} URLs against ${input.hosts.length.toLocaleString('en')} listed hosts, one in a thousand listed`,
    unit: { name: 'URLs', per: 1 },
    clock: 'cpu',
    baseline: 'new URL()',
    analysis:
      'Whether a URL may be listed, one URL after the other on one core. `new URL()` only takes it apart, which is what a ' +
      'filter by the standard begins with. checkLocal goes through the whole of the engine: lists, agent pattern, ' +
      'filter. With a filter that knows the listed hosts it hashes the host on the way and looks three bytes up for each ' +
      'of its suffixes; with bare hash prefixes it makes the canonical form, the expressions and a SHA-256 of each. ' +
      'The Set has the registrable domain as its key and knows neither subdomains nor paths; its strings take most of its ' +
      'memory. The ad blocker gets one rule for each host. A maybe of a filter only costs a question: all engines must find ' +
      'what is listed, and may take one of two hundred others for it.',
    engines: [urlParser, vedetteHosts, vedetteHashes, tldtsSet, ghostery],
    prepare: ({ size }) => seededUrls(7, { hosts: hosts[size], urls: size === 'full' ? 300_000 : 2_000 }),
    amounts: ({ urls }) => ({ probe: 200, steps: [Math.ceil(urls.length / 10), urls.length] }),
    expected: (input, amount) => urlAnswer((i) => input.isListed[i] === true, input, amount),
    host: () => undefined,
    keys: (input) => input.hosts.length,
  };
}
