/** The fast way over plain URLs says what the clear one says, and the quick look at hosts never passes over a listed one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostKey, hostKeyOf } from '../../src/base/host-hash.js';
import type { ListedHosts } from '../../src/base/host-hash.js';
import { createExtractor } from '../../src/fingerprint/create-extractor.js';
import { canonicalPlainUrl } from '../../src/fingerprint/plain-url.js';
import { createHostProbe, maxPlainLength } from '../../src/fingerprint/probe-hosts.js';
import { canonicalizeStepwise, canonicalizeUrl } from '../../src/fingerprint/url-canonical.js';
import { urlExpressions } from '../../src/fingerprint/url-expressions.js';
import { registrableDomain } from '../../src/url.js';
import { deepUrl, nastyUrl, nearlyPlainUrl } from './url-texts.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) * 20 };
const anyUrl = fc.oneof({ weight: 3, arbitrary: nearlyPlainUrl }, nastyUrl, deepUrl, fc.webUrl({ withFragments: true, withQueryParameters: true }));
const probe = createHostProbe(maxPlainLength(65_536));

/** Whether the fast way disagrees with the clear one. */
const differs = (url: string, fast = canonicalPlainUrl(url)): boolean =>
  fast !== undefined && JSON.stringify(fast) !== JSON.stringify(canonicalizeStepwise(url));

describe('the canonical form of a plain URL', () => {
  it('is that of the clear version', () => {
    fc.assert(
      fc.property(anyUrl, (url) => {
        expect(differs(url)).toBe(false);
      }),
      runs,
    );
  });

  it('would be seen to differ (sabotage: escapes, dots and case passed over)', () => {
    const wrong = (url: string): ReturnType<typeof canonicalPlainUrl> => {
      const match = /^(https?):\/\/([^/?#]+)([^?#]*)(?:\?([^#]*))?/.exec(url);
      return match === null ? undefined : { kind: 'url', canonical: url, scheme: match[1]!, host: match[2]!, hostKind: 'name', path: match[3]!, query: match[4] };
    };
    const found = fc.sample(nearlyPlainUrl, { seed: 1, numRuns: 300 }).filter((url) => differs(url, wrong(url)));
    expect(found.length).toBeGreaterThan(20);
  });

  it.each([
    'http://a.example',
    'https://A.Example:8443/x',
    'http://a.example?q=%20',
    'https://a.example/x/y.html?a=b&c=%C3%BC#fragment \u00fc',
    'http://a_b-c.example/~user/;v=1,2/(x)',
    'http://a.example/x@y:z',
  ])('is read the fast way: %s', (url) => {
    expect(canonicalPlainUrl(url)).toEqual(canonicalizeStepwise(url));
  });

  it.each([
    'HTTP://a.example/', 'ftp://a.example/', 'a.example/', 'http:/a.example', 'http:///a', 'http://1.2.3.4/', 'http://a.0x7f/', 'http://[::1]/',
    'http://a..example/', 'http://.a/', 'http://a.example./', 'http://u@a.example/', 'http://a%2eb/', 'http://\u00e4.example/', 'http://a.example:x/',
    'http://a.example/a//b', 'http://a.example//', 'http://a.example/./', 'http://a.example/..', 'http://a.example/a\\b', 'http://a.example/%41', 'http://a.example/%2f',
    'http://a.example/%c3', 'http://a.example/%', 'http://a.example/%2', 'http://a.example/%25', 'http://a.example/ x', 'http://a.example/x ', 'http://a.example/\u00fc', 'http://a.example/?%41', 'http://a.example/\t', '',
  ])('is left to the clear way: %j', (url) => {
    expect(canonicalPlainUrl(url)).toBeUndefined();
  });

  it('keeps to the limit as the clear one does', () => {
    fc.assert(
      fc.property(anyUrl, fc.integer({ min: 1, max: 80 }), (url, maxBytes) => {
        expect(canonicalizeUrl(url, { maxBytes })).toEqual(canonicalizeStepwise(url, maxBytes));
      }),
      runs,
    );
  });
});

/** Exactly the hosts given. */
function hostsOf(hosts: readonly string[]): ListedHosts {
  const keys = new Set(hosts.map(hostKey));
  return { classOf: (a, b) => (keys.has(hostKeyOf(a, b)) ? 1 : 0) };
}

const hostsUnder = (url: string, hostRule: 'psl' | 'labels5'): readonly string[] => {
  const canonical = canonicalizeUrl(url);
  const all = canonical.kind === 'url' ? urlExpressions(canonical, { hostRule, registrableDomain }) : [];
  return [...new Set(all.map((one) => one.slice(0, one.indexOf('/'))))];
};

describe('the quick look at the hosts of a URL', () => {
  it('finds every host that makes expressions of it, under either rule', () => {
    fc.assert(
      fc.property(anyUrl, fc.constantFrom('psl' as const, 'labels5' as const), (url, hostRule) => {
        for (const host of hostsUnder(url, hostRule)) {
          expect(probe(url, hostsOf([host]))).not.toBe('none');
        }
      }),
      runs,
    );
  });

  it('is sure of nothing that is no URL', () => {
    fc.assert(
      fc.property(anyUrl, (url) => {
        fc.pre(canonicalizeUrl(url).kind === 'not-a-url');
        expect(probe(url, hostsOf([]))).toBe('unusual');
      }),
      runs,
    );
  });

  it('is sure of a URL of which no host is listed', () => {
    const others = hostsOf(['b.example', 'x.a.example', 'com', 'example', 'a.exampl']);
    expect(probe('https://a.example/x?y#z', others)).toBe('none');
    expect(probe('https://www.A.example', others)).toBe('none');
    expect(probe('https://www.x.A.Example:80', others)).toBe('some');
    expect(probe('https://b.example\\', others)).toBe('some');
    expect(probe('http://com/', others)).toBe('some');
    expect(probe(`http://${'x.'.repeat(40)}a.example/`, others)).toBe('unusual');
    expect(probe(`http://a.example/${'%25'.repeat(700)}`, others)).toBe('unusual');
  });

  it('leaves a URL alone that may be too long, in its own limit', () => {
    for (const maxUrlBytes of [10, 20, 100, 200, 400]) {
      const extractor = createExtractor({ hostRule: 'labels5', maxUrlBytes });
      fc.assert(
        fc.property(fc.nat(50), fc.constantFrom('a', '\u00fc', '\u4e2d', ' '), (length, unit) => {
          const url = `http://a.example/${unit.repeat(length)}`;
          expect(extractor.mayHit?.(url, hostsOf([])) === false && extractor.url(url).kind !== 'url').toBe(false);
        }),
      );
    }
  });
});
