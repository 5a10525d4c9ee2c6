/** What every `FingerprintExtractor` promises: the digests of FIPS 180 and RFC 1321, and URL expressions by the rules. */
import { toHex, toUtf8 } from '../../base/bytes.js';
import type { Digests } from '../../base/fingerprint.js';
import { hostClass, hostKey, hostKeyOf } from '../../base/host-hash.js';
import type { ListedHosts } from '../../base/host-hash.js';
import type { FingerprintExtractor } from '../../fingerprint/extractor.js';
import { assertEqual, assertSameSet, assertTrue, fail, show } from '../assertions.js';
import { createPartMaker, registerSuite } from '../runner.js';
import type { PartMaker, SuiteOptions, SuiteTests, TestRunner } from '../runner.js';
import { createSeededRandom } from '../doubles/seeded-random.js';

/** Options of `describeExtractor`. The extractor may follow either host rule: the tests hold for both. */
export type ExtractorSuiteOptions = SuiteOptions<FingerprintExtractor>;

type Fixture = PartMaker<FingerprintExtractor, void>;

/** Registers the conformance suite of the extractor. */
export function describeExtractor(runner: TestRunner, options: ExtractorSuiteOptions): void {
  registerSuite<Fixture>(runner, {
    title: `FingerprintExtractor: ${options.name}`,
    tests,
    skip: options.skip,
    open: () => createPartMaker(options),
    close: (fixture) => fixture.disposeAll(),
  });
}

const all = { md5: true, sha1: true };

/** Exactly these hosts. */
function listedHosts(hosts: readonly string[]): ListedHosts {
  const keys = new Set(hosts.map(hostKey));
  return { classOf: (a, b) => (keys.has(hostKeyOf(a, b)) ? hostClass.whole : 0) };
}

const tests: SuiteTests<Fixture> = {
  'digests are those of the standards': async ({ make }) => {
    const extractor = await make();
    for (const vector of digestVectors) {
      const digests = digestsOf(extractor, vector.content, vector.content.length);
      assertEqual(`digests of ${vector.name}`, hexOf(digests), vector.expected);
    }
  },
  'digests do not depend on how the bytes are cut': async ({ make }) => {
    const extractor = await make();
    const random = createSeededRandom(7);
    const content = Uint8Array.from({ length: 1_000 }, () => Math.floor(random() * 256));
    const whole = hexOf(digestsOf(extractor, content, content.length));
    for (const size of [1, 3, 55, 56, 63, 64, 65, 127, 128, 999]) {
      assertEqual(`digests in chunks of ${size}`, hexOf(digestsOf(extractor, content, size)), whole);
    }
  },
  'MD5 and SHA-1 are there when they are wanted, SHA-256 always': async ({ make }) => {
    const extractor = await make();
    for (const wants of [{ md5: false, sha1: false }, { md5: true, sha1: false }, { md5: false, sha1: true }, all]) {
      const session = extractor.open(wants);
      session.update(toUtf8('abc'));
      const digests = session.finish();
      assertEqual('SHA-256', toHex(digests.sha256), digestVectors[1]?.expected['sha256']);
      assertTrue('MD5 is there when wanted', !wants.md5 || digests.md5 !== undefined);
      assertTrue('SHA-1 is there when wanted', !wants.sha1 || digests.sha1 !== undefined);
    }
  },
  'sessions that run interleaved do not see each other': async ({ make }) => {
    const extractor = await make();
    const [one, other] = [extractor.open(all), extractor.open(all)];
    one.update(toUtf8('a'));
    other.update(toUtf8('xyz'));
    one.update(toUtf8('bc'));
    const digests = one.finish();
    other.update(toUtf8('xyz'));
    assertEqual('digests of abc', hexOf(digests), digestVectors[1]?.expected);
    assertEqual('digests of xyzxyz', hexOf(other.finish()), hexOf(digestsOf(extractor, toUtf8('xyzxyz'), 6)));
  },
  'chunks are neither written to nor kept': async ({ make }) => {
    const extractor = await make();
    const session = extractor.open(all);
    const chunk = toUtf8('abc');
    session.update(chunk);
    assertEqual('chunk', chunk, toUtf8('abc'));
    chunk.fill(0);
    assertEqual('digests', hexOf(session.finish()), digestVectors[1]?.expected);
  },
  'the canonical form follows the specification': async ({ make }) => {
    const extractor = await make();
    for (const [url, canonical] of canonicalForms) {
      assertEqual(`canonical form of ${show(url)}`, urlOf(extractor, url).canonical, canonical);
    }
  },
  'the expressions follow the specification': async ({ make }) => {
    const extractor = await make();
    for (const [url, expressions] of expressionSets) {
      const found = urlOf(extractor, url).expressions;
      assertSameSet(`expressions of ${url}`, found, expressions);
      assertEqual(`first expression of ${url}`, found[0], expressions[0]);
    }
  },
  'the hashes are SHA-256 of the expressions, in their order': async ({ make }) => {
    const extractor = await make();
    const url = urlOf(extractor, 'http://a.b.example.com/1/2.html?param=1');
    const expected = url.expressions.map((expression) => toHex(digestsOf(extractor, toUtf8(expression), 64).sha256));
    assertEqual('hashes', url.hashes.map(toHex), expected);
  },
  'a quick look passes over no host that is listed, and over nothing that is no URL': async ({ make }) => {
    const extractor = await make();
    for (const input of [...canonicalForms.map(([url]) => url), ...expressionSets.map(([url]) => url), ...hostileUrls]) {
      const url = extractor.url(input);
      assertTrue(`${show(input)} is not sure of what is no URL`, url.kind === 'url' || extractor.mayHit?.(input, listedHosts([])) !== false);
      for (const expression of url.kind === 'url' ? url.expressions : []) {
        const host = expression.slice(0, expression.indexOf('/'));
        assertTrue(`${show(input)} may hit ${host}`, extractor.mayHit?.(input, listedHosts([host])) !== false);
      }
    }
  },
  'the canonical form of a canonical form is itself, and has the same expressions': async ({ make }) => {
    const extractor = await make();
    for (const input of [...canonicalForms.map(([url]) => url), ...hostileUrls]) {
      const first = extractor.url(input);
      if (first.kind === 'url') {
        const second = urlOf(extractor, first.canonical);
        assertEqual(`canonical form of ${show(first.canonical)}`, second.canonical, first.canonical);
        assertEqual(`expressions of ${show(first.canonical)}`, second.expressions, first.expressions);
      }
    }
  },
  'expressions are at most thirty, unique and plain ASCII': async ({ make }) => {
    const extractor = await make();
    for (const input of [...expressionSets.map(([url]) => url), ...hostileUrls]) {
      const url = extractor.url(input);
      if (url.kind === 'url') {
        const { expressions } = url;
        assertTrue(`expressions of ${show(input)}: expected 1 to 30, got ${expressions.length}`, expressions.length >= 1 && expressions.length <= 30);
        assertEqual(`different expressions of ${show(input)}`, new Set(expressions).size, expressions.length);
        assertEqual(`hashes of ${show(input)}`, url.hashes.length, expressions.length);
        assertTrue(`canonical form of ${show(input)} in ASCII`, /^[\x21-\x7e]+$/.test(url.canonical));
      }
    }
  },
  'what is no URL is said to be none, with a reason': async ({ make }) => {
    const extractor = await make();
    for (const input of ['', ' ', 'http://', 'http:///path', '/asdf', 'mailto:someone@example.com']) {
      const outcome = extractor.url(input);
      assertEqual(`kind of ${show(input)}`, outcome.kind, 'not-a-url');
      assertTrue(`reason for ${show(input)}`, outcome.kind !== 'not-a-url' || outcome.reason.length > 0);
    }
  },
  'hostile texts neither throw nor take long': async ({ make }) => {
    const extractor = await make();
    for (const input of hostileUrls) {
      const outcome = extractor.url(input);
      assertTrue(`kind of ${show(input)}`, outcome.kind === 'url' || outcome.kind === 'not-a-url');
    }
  },
};

function digestsOf(extractor: FingerprintExtractor, content: Uint8Array, chunk: number): Digests {
  const session = extractor.open(all);
  for (let at = 0; at < content.length; at += chunk) {
    session.update(content.slice(at, at + chunk));
  }
  return session.finish();
}

function hexOf(digests: Digests): Record<string, string> {
  return { sha256: toHex(digests.sha256), sha1: toHex(digests.sha1 ?? new Uint8Array(0)), md5: toHex(digests.md5 ?? new Uint8Array(0)) };
}

function urlOf(extractor: FingerprintExtractor, url: string): { canonical: string; expressions: readonly string[]; hashes: readonly Uint8Array[] } {
  const outcome = extractor.url(url);
  return outcome.kind === 'url' ? outcome : fail(`${show(url)}: expected a URL, got ${outcome.reason}`);
}

const digestVectors: readonly { readonly name: string; readonly content: Uint8Array; readonly expected: Readonly<Record<string, string>> }[] = [
  {
    name: 'nothing',
    content: new Uint8Array(0),
    expected: {
      sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      sha1: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
      md5: 'd41d8cd98f00b204e9800998ecf8427e',
    },
  },
  {
    name: 'abc',
    content: toUtf8('abc'),
    expected: {
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
      md5: '900150983cd24fb0d6963f7d28e17f72',
    },
  },
  {
    name: 'a million times a',
    content: new Uint8Array(1_000_000).fill(0x61),
    expected: {
      sha256: 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
      sha1: '34aa973cd4c4daa4f61eeb2bdbad27316534016f',
      md5: '7707d6ae4e027c70eea2a935c2296f21',
    },
  },
];

/** After the Safe Browsing text "URLs and Hashing". */
const canonicalForms: readonly (readonly [url: string, canonical: string])[] = [
  ['http://example.com', 'http://example.com/'],
  ['example.com/path', 'http://example.com/path'],
  [' http://EXAMPLE.com/Path ', 'http://example.com/Path'],
  ['http://example.com/a\tb\r\nc', 'http://example.com/abc'],
  ['http://example.com/blah#frag', 'http://example.com/blah'],
  ['http://example.com/%25%32%35', 'http://example.com/%25'],
  ['http://example.com/%2525252525', 'http://example.com/%25'],
  ['http://...example..com.../', 'http://example.com/'],
  ['http://3279880203/blah', 'http://195.127.0.11/blah'],
  ['http://0x7f.0.0.01/', 'http://127.0.0.1/'],
  ['http://example.com/a/../b/./c//d', 'http://example.com/b/c/d'],
  ['http://example.com/q?r/../s//t', 'http://example.com/q?r/../s//t'],
  ['http://example.com/\u0001\u007f', 'http://example.com/%01%7F'],
];

/** The first of each is the exact host with its full path. */
const expressionSets: readonly (readonly [url: string, expressions: readonly string[]])[] = [
  ['http://example.com/', ['example.com/']],
  ['http://example.com/1/2.html?param=1', ['example.com/1/2.html?param=1', 'example.com/1/2.html', 'example.com/', 'example.com/1/']],
  [
    'http://user:secret@a.b.example.com:8080/1/2.html',
    [
      'a.b.example.com/1/2.html', 'a.b.example.com/', 'a.b.example.com/1/',
      'b.example.com/1/2.html', 'b.example.com/', 'b.example.com/1/',
      'example.com/1/2.html', 'example.com/', 'example.com/1/',
    ],
  ],
  ['http://1.2.3.4/a/b', ['1.2.3.4/a/b', '1.2.3.4/', '1.2.3.4/a/']],
  [
    'http://example.com/1/2/3/4/5/6?q',
    ['example.com/1/2/3/4/5/6?q', 'example.com/1/2/3/4/5/6', 'example.com/', 'example.com/1/', 'example.com/1/2/', 'example.com/1/2/3/'],
  ],
];

const hostileUrls: readonly string[] = [
  'http://a'.repeat(10_000),
  `http://${'a.'.repeat(20_000)}com/`,
  `http://example.com/${'../'.repeat(50_000)}`,
  `http://example.com/${'%25'.repeat(50_000)}`,
  `http://example.com/${'a/'.repeat(50_000)}?${'b'.repeat(50_000)}`,
  `http://example.com/%${'25'.repeat(2_000)}41`,
  'http://\ud800.example.com/\udfff',
  'http://example.com/\u0000\u0001',
  'http://[::1/',
  'http://[::ffff:1.2.3.4]/a',
  'http://xn--/',
  'http://999999999999/',
  'http://1.2.3.4.5/',
  'http://@@@/:::',
  '://',
  'javascript:alert(1)',
  '\u202ehttp://example.com/',
  'http://b\u00fccher.example/\u00fc',
  'http://example.com/%',
  'http://example.com/%zz%4',
  'http://example.com:99999/',
];
