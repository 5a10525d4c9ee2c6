/** Hosts and URLs that are the same for the same seed: names as long as real ones, paths and queries as in mail and proxy logs. */
import type { Random } from '../../src/base/seams.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';

/** Listed hosts, and URLs of which one in a thousand is on one of them. */
export interface UrlInput {
  readonly hosts: readonly string[];
  readonly urls: readonly string[];
  readonly isListed: readonly boolean[];
}

const suffixes = ['com', 'com', 'com', 'com', 'net', 'org', 'de', 'co.uk', 'com.br', 'ru', 'info', 'io', 'github.io', 'xyz'];
const subdomains = ['', '', 'www.', 'www.', 'www.', 'login.', 'cdn.', 'mail.a.', 'secure-update.'];
const pages = ['', 'index.html', 'login.php', 'wp-content/plugins/x/y.js', 'watch', 'a/b/c/d/e', 'assets/app.4f3c2a.js', '~user/view.cgi'];
const listedShare = 0.001;

/** `hosts` distinct hosts, `urls` URLs. */
export function seededUrls(seed: number, count: { readonly hosts: number; readonly urls: number }): UrlInput {
  const random = createSeededRandom(seed);
  const hosts = new Set<string>();
  while (hosts.size < count.hosts) {
    hosts.add(domain(random));
  }
  const listed = [...hosts];
  const isListed = Array.from({ length: count.urls }, () => random() < listedShare);
  const urls = isListed.map((one) => url(random, one ? pick(random, listed) : unlisted(random, hosts)));
  return { hosts: listed, urls, isListed };
}

function unlisted(random: Random, hosts: ReadonlySet<string>): string {
  for (;;) {
    const host = domain(random);
    if (!hosts.has(host)) {
      return host;
    }
  }
}

function domain(random: Random): string {
  return `${word(random, 5)}${random() < 0.3 ? '-' : ''}${word(random, 4)}.${pick(random, suffixes)}`;
}

function url(random: Random, host: string): string {
  const query = random() < 0.4 ? `?id=${Math.floor(random() * 1e9)}&utm_source=${word(random, 6)}&t=${word(random, 12)}` : '';
  const text = `http${random() < 0.9 ? 's' : ''}://${pick(random, subdomains)}${host}/${pick(random, pages)}${query}`;
  // As it comes from outside: one flat string, not a rope of parts.
  return Buffer.from(text, 'latin1').toString('latin1');
}

function word(random: Random, least: number): string {
  const length = least + Math.floor(random() * 6);
  return Array.from({ length }, () => String.fromCharCode(0x61 + Math.floor(random() * 26))).join('');
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!;
}
