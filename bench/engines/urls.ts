/** URL engines: which of many URLs may be on a list of hosts. */
import { buildContainer } from '../../src/pattern/container.js';
import { encodeFilter } from '../../src/pattern/filter-pattern.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { sha256Text } from '../../src/fingerprint/digests.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { createNodeEngine } from '../../src/node/preset.js';
import { registrableDomain } from '../../src/url.js';
import type { Engine, Running } from '../definition.js';
import { running } from '../definition.js';
import type { UrlInput } from '../inputs/urls.js';
import { importPeer, peerVersion } from '../peers.js';

/** The parser alone: what everybody pays who looks at a URL by the standard. Knows no verdicts. */
export const urlParser: Engine<UrlInput> = {
  name: 'new URL()',
  start: ({ urls }) =>
    running({
      run(amount) {
        let length = 0;
        for (let i = 0; i < amount; i++) {
          length += new URL(urls[i]!).hostname.length;
        }
        return { amount, length };
      },
      answer: ({ amount, length }) => parsed(amount, length),
    }),
  expected: ({ urls }, amount) => parsed(amount, urls.slice(0, amount).reduce((sum, url) => sum + hostOf(url).length, 0)),
};

/** `checkLocal` with a filter that `compile` would write. */
export const vedetteHosts: Engine<UrlInput> = vedette('vedette checkLocal', true);

/** The same with a filter of bare 4-byte prefixes, as Safe Browsing lists are: every URL is hashed by all its expressions. */
export const vedetteHashes: Engine<UrlInput> = vedette('vedette checkLocal, bare hashes', false);

/** What one writes first: the registrable domain in a Set. Knows no subdomains and no paths. */
export const tldtsSet: Engine<UrlInput> = {
  name: 'tldts getDomain + Set',
  version: peerVersion('tldts'),
  start(input) {
    const set = new Set(input.hosts);
    return overUrls(input, (url) => set.has(registrableDomain(hostOf(url)) ?? ''));
  },
};

/** An ad blocker's engine with one rule `||host^` for each host. */
export const ghostery: Engine<UrlInput> = {
  name: '@ghostery/adblocker',
  version: peerVersion('@ghostery/adblocker'),
  async start(input) {
    const { FiltersEngine, Request } = await importPeer<GhosteryModule>('@ghostery/adblocker');
    const engine = FiltersEngine.parse(input.hosts.map((host) => `||${host}^`).join('\n'));
    return overUrls(input, (url) => engine.match(Request.fromRawDetails({ url, type: 'script', sourceUrl: 'https://source.example/' })).match);
  },
};

interface GhosteryModule {
  readonly FiltersEngine: { parse(lists: string): { match(request: object): { readonly match: boolean } } };
  readonly Request: { fromRawDetails(details: { readonly url: string; readonly type: string; readonly sourceUrl: string }): object };
}

/** How they answer: what is listed has to be found, and of the rest one in two hundred may be a maybe. */
export function urlAnswer(isFound: (index: number) => boolean, { isListed }: Pick<UrlInput, 'isListed'>, amount: number): string {
  let [listed, others] = [0, 0];
  for (let i = 0; i < amount; i++) {
    if (isFound(i)) {
      listed += isListed[i] === true ? 1 : 0;
      others += isListed[i] === true ? 0 : 1;
    }
  }
  return `${listed} listed, ${others * 200 <= amount ? 'few others' : `${others} others`}`;
}

function vedette(name: string, tellsHosts: boolean): Engine<UrlInput> {
  return {
    name,
    async start(input) {
      // Brought when it is asked for, as from a file: what an engine keeps of it is what is weighed.
      const engine = createNodeEngine({ background: 'manual' }, { pattern: async () => [await filterOf(input.hosts, tellsHosts)] });
      await engine.ready();
      return overUrls(input, (url) => engine.checkLocal(url).disposition !== 'clean', () => engine.close());
    },
  };
}

function filterOf(hosts: readonly string[], tellsHosts: boolean): Promise<Uint8Array> {
  const entries = hosts.map((host): HashEntry => {
    const expression = `${host}/`;
    const hash = sha256Text(expression);
    const threat = { name: 'Bench', type: 'malicious-url' };
    return { kind: 'url', algorithm: 'sha256', hash, disposition: 'malicious', threat, ...(tellsHosts ? { expression } : {}) };
  });
  const createdAt = Date.now();
  const head = { kind: 'filter', generation: 1, createdAt, expiresAt: createdAt + 30 * 86_400_000, periodMs: 3_600_000 } as const;
  return buildContainer({ head, sections: encodeFilter({ covers: 1, hostRule: 'psl', entries }), crypto: createNodeCrypto() });
}

function overUrls(input: UrlInput, isFound: (url: string) => boolean, close?: () => Promise<void>): Running {
  const { urls } = input;
  const found = new Uint8Array(urls.length);
  return running({
    run(amount) {
      for (let i = 0; i < amount; i++) {
        found[i] = isFound(urls[i]!) ? 1 : 0;
      }
      return amount;
    },
    answer: (amount) => urlAnswer((i) => found[i] === 1, input, amount),
    close: () => close?.(),
  });
}

function hostOf(url: string): string {
  const start = url.indexOf('//') + 2;
  return url.slice(start, url.indexOf('/', start));
}

function parsed(amount: number, length: number): string {
  return `${amount} parsed, ${length} characters of hosts`;
}
