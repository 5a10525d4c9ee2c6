/** Generated URLs by the hundred thousand: faster than by a property test, from one seed. FUZZ_RUNS=5000 makes a million. */
import { describe, expect, it } from 'vitest';
import { fromLatin1 } from '../../src/base/bytes.js';
import type { Random } from '../../src/base/seams.js';
import { canonicalizeStepwise, canonicalizeUrl } from '../../src/fingerprint/url-canonical.js';
import { urlExpressions } from '../../src/fingerprint/url-expressions.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { registrableDomain } from '../../src/url.js';
import { pieces } from './url-texts.js';

const count = 200 * Number(process.env['FUZZ_RUNS'] ?? 100);
const ordinary = [
  'https://www.example.com/a/b/c.html?x=1&y=%20#top', 'http://a.b.c.d.example.co.uk:8080/index.php', 'http://user:pw@192.168.0.1/x', 'example.com/',
  'http://[2001:db8::1]/a?b', 'http://xn--bcher-kva.example/%C3%BC', 'https://x.github.io/1/2/3/4/5/6?q', 'ftp://files.example/..//./x',
];

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!;
}

/** Pieces in a row; an ordinary URL with pieces put in, characters changed or left out; or any bytes at all. */
function generate(random: Random): string | Uint8Array {
  const kind = random();
  if (kind < 0.4) {
    const scheme = pick(random, ['http://', 'http://', 'https://', 'HTTP:\\\\', '', 'x:']);
    return scheme + Array.from({ length: Math.floor(random() * 16) }, () => pick(random, pieces)).join('');
  }
  if (kind < 0.9) {
    let url = pick(random, ordinary);
    for (let changes = Math.floor(random() * 4); changes > 0; changes--) {
      const at = Math.floor(random() * (url.length + 1));
      url = url.slice(0, at) + (random() < 0.7 ? pick(random, pieces) : '') + url.slice(at + (random() < 0.5 ? 1 : 0));
    }
    return url;
  }
  const bytes = String.fromCharCode(...Array.from({ length: Math.floor(random() * 24) }, () => Math.floor(random() * 256)));
  return random() < 0.5 ? fromLatin1(`http://${bytes}`) : `http://${bytes}`;
}

/** What is wrong with the canonical form of an input, or undefined. */
function faultOf(input: string | Uint8Array): string | undefined {
  const url = canonicalizeUrl(input);
  if (url.kind === 'not-a-url') {
    return canonicalizeStepwise(input).kind === 'url' ? 'the fast way refuses it' : undefined;
  }
  const again = canonicalizeStepwise(url.canonical);
  if (again.kind !== 'url' || again.canonical !== url.canonical || again.host !== url.host || canonicalizeUrl(url.canonical).kind !== 'url') {
    return `not canonical: ${JSON.stringify(again)}`;
  }
  if (typeof input === 'string' && JSON.stringify(canonicalizeStepwise(input)) !== JSON.stringify(url)) {
    return 'the fast way differs';
  }
  const most = Math.max(urlExpressions(url, { hostRule: 'psl', registrableDomain }).length, urlExpressions(url, { hostRule: 'labels5' }).length);
  return most > 30 ? `${most} expressions` : undefined;
}

describe('generated URLs', () => {
  it(`(${count}) throw nothing, are canonical once and for all, and have at most 30 expressions`, { timeout: 600_000 }, () => {
    const seed = 20_240_517;
    const random = createSeededRandom(seed);
    let urls = 0;
    for (let i = 0; i < count; i++) {
      const input = generate(random);
      const fault = faultOf(input);
      if (fault !== undefined) {
        expect.fail(`seed ${seed}, input ${i} ${JSON.stringify(typeof input === 'string' ? input : [...input])}: ${fault}`);
      }
      urls += canonicalizeUrl(input).kind === 'url' ? 1 : 0;
    }
    // Else the generator would test refusals only.
    expect(urls / count).toBeGreaterThan(0.5);
  });
});
