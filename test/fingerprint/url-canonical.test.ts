import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/base/bytes.js';
import { canonicalizeUrl } from '../../src/fingerprint/url-canonical.js';
import { deepUrl, nastyUrl } from './url-texts.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) * 10 };

function canon(url: string | Uint8Array): string {
  const result = canonicalizeUrl(url);
  return result.kind === 'url' ? result.canonical : `not a URL: ${result.reason}`;
}

/** By the URL standard, which leaves empty labels where they are: `1..` is a name there and an address without its dots. */
function browserHost(text: string): string | undefined {
  if (!URL.canParse(text)) {
    return undefined;
  }
  const tidy = new URL(text).hostname.split('.').filter((label) => label !== '').join('.');
  return tidy === '' || !URL.canParse(`http://${tidy}/`) ? undefined : new URL(`http://${tidy}/`).hostname;
}

describe('a canonical URL', () => {
  it('is canonical: the second time nothing changes', () => {
    fc.assert(
      fc.property(fc.oneof(nastyUrl, deepUrl, fc.webUrl({ withFragments: true, withQueryParameters: true })), (url) => {
        const once = canonicalizeUrl(url);
        if (once.kind === 'url') {
          expect(canonicalizeUrl(once.canonical)).toEqual(once);
        }
      }),
      runs,
    );
  });

  it('of any bytes is printable ASCII and made of its parts', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), nastyUrl), (input) => {
        const url = canonicalizeUrl(input);
        if (url.kind === 'url') {
          expect(url.canonical).toMatch(/^[\x21-\x7e]+$/);
          expect(url.canonical).toBe(`${url.scheme}://${url.host}${url.path}${url.query === undefined ? '' : `?${url.query}`}`);
          expect(url.path).toMatch(/^\//);
          expect(url.path).not.toMatch(/\/\/|\/\.\.?(\/|$)|\\/);
          expect(canonicalizeUrl(url.canonical)).toEqual(url);
        }
      }),
      runs,
    );
  });

  it('does not change with controls and spaces around the text, as in browsers', () => {
    const around = fc.string({ unit: fc.constantFrom(...Array.from({ length: 33 }, (_, code) => String.fromCharCode(code))), maxLength: 4 });
    fc.assert(
      fc.property(around, around, (before, after) => {
        expect(canon(`${before}http://bad.example/a${after}`)).toBe('http://bad.example/a');
        expect(new URL(`${before}http://bad.example/a${after}`).href).toBe('http://bad.example/a');
      }),
      runs,
    );
  });

  it('of a text and of its UTF-8 are the same', () => {
    fc.assert(
      fc.property(nastyUrl, (url) => {
        expect(canonicalizeUrl(toUtf8(url))).toEqual(canonicalizeUrl(url));
      }),
      runs,
    );
  });

  it('has the host that a browser would go to', () => {
    const parts = fc.constantFrom('.', 'a', 'B', 'x1', 'é', 'ß', 'Σ', '１', '。', '①', '\u00ad', '-', '_', '@', ':80', '/', '\\', '?', '%41', '%2e', 'u:p@', '0x7f', '1', '%2f', '%40', '%3f', '%5c');
    const url = fc.tuple(fc.constantFrom('http://', 'https://', 'http:/\\'), fc.constantFrom('a', 'é', '1', 'u@'), fc.array(parts, { maxLength: 8 }));
    fc.assert(
      fc.property(url.map(([scheme, first, rest]) => scheme + first + rest.join('')), (text) => {
        const browser = browserHost(text);
        fc.pre(browser !== undefined);
        expect(canonicalizeUrl(text)).toMatchObject({ kind: 'url', host: browser });
      }),
      runs,
    );
  });
});

/** The examples of the specification's text. */
const specified: readonly (readonly [url: string, canonical: string])[] = [
  ['http://host/%25%32%35%25%32%35', 'http://host/%25%25'],
  ['http://host/%2525252525252525', 'http://host/%25'],
  ['http://host/%%%25%32%35asd%%', 'http://host/%25%25%25asd%25%25'],
  ['http://www.GOOgle.com/', 'http://www.google.com/'],
  ['http://www.google.com.../', 'http://www.google.com/'],
  ['http://www.google.com/foo\tbar\rbaz\n2', 'http://www.google.com/foobarbaz2'],
  ['http://www.google.com/q?', 'http://www.google.com/q?'],
  ['http://www.google.com/q?r?', 'http://www.google.com/q?r?'],
  ['http://evil.com/foo#bar#baz', 'http://evil.com/foo'],
  ['http:// leadingspace.com/', 'http://%20leadingspace.com/'],
  ['http://host.com/ab%23cd', 'http://host.com/ab%23cd'],
  ['http://host%23.com/', 'http://host%23.com/'],
  ['http://3279880203/blah', 'http://195.127.0.11/blah'],
  ['http://www.google.com/blah/..', 'http://www.google.com/'],
  ['http://host.com//twoslashes?more//slashes', 'http://host.com/twoslashes?more//slashes'],
  ['http://[2001:0db8:0000::1]/', 'http://[2001:db8::1]/'],
  ['http://[::ffff:1.2.3.4]', 'http://1.2.3.4/'],
  ['http://[64:ff9b::1.2.3.4]', 'http://1.2.3.4/'],
];

describe('canonicalization', () => {
  it.each(specified)('as specified: %j is %s', (url, canonical) => {
    expect(canon(url)).toBe(canonical);
  });

  it.each([
    ['HTTP://User:Pass@Example.COM:8080/Path', 'http://example.com/Path'],
    ['example.com:8080/x', 'http://example.com/x'],
    ['localhost:3000', 'http://localhost/'],
    ['user@example.com', 'http://example.com/'],
    ['http://example.com:/', 'http://example.com/'],
    ['http://example.com?q', 'http://example.com/?q'],
    ['http://example.com#f', 'http://example.com/'],
    ['  \t http://example.com/ \r\n', 'http://example.com/'],
    ['http://example.com/a/./b/../c', 'http://example.com/a/c'],
    ['http://example.com/a//../b', 'http://example.com/a/b'],
    ['http://example.com/a/b/..', 'http://example.com/a/'],
    ['http://example.com/../../x', 'http://example.com/x'],
    ['http://example.com/a/.', 'http://example.com/a/'],
    ['http://example.com/...', 'http://example.com/...'],
    ['http://example.com/%2e%2e/%2E/x', 'http://example.com/x'],
    ['http://example.com/a?b/../c', 'http://example.com/a?b/../c'],
    ['http://example.com/a\\b\\..\\c?d\\e', 'http://example.com/a/c?d\\e'],
    ['http:/\\example.com\\x', 'http://example.com/x'],
    ['http://127.0.0.1:80\\@evil.example/', 'http://127.0.0.1/@evil.example/'],
    ['http://good.example%2F@evil.example/', 'http://evil.example/'],
    ['good.example%2F@evil.example', 'http://evil.example/'],
    ['http://good.example%2Fa@b', 'http://b/'],
    ['https%3A%2F%2Fexample.com%2Fa%2Fb@c', 'https://example.com/a/b@c'],
    ['http://a%40b.example/', 'http://b.example/'],
    ['http://a@b@c.example/', 'http://c.example/'],
    ['http://ex%61mple.com%2fx', 'http://example.com/x'],
    ['http://b\u00fccher.example/\u00fc', 'http://xn--bcher-kva.example/%C3%BC'],
    ['http://b%C3%BCcher.example/', 'http://xn--bcher-kva.example/'],
    ['http://①②⑦.⓪.⓪.①/', 'http://127.0.0.1/'],
    ['http://[fe80::1%25eth0]/', 'http://[fe80::1]/'],
    ['http://[::1]:80/', 'http://[::1]/'],
    ['http://\ud800.example/\ud800', 'http://xn--zn7c.example/%EF%BF%BD'],
    ['file://server/share/x', 'file://server/share/x'],
  ])('%j is %s', (url, canonical) => {
    expect(canon(url)).toBe(canonical);
  });

  it.each([
    ['', 'empty'],
    [' \t\n', 'empty'],
    ['#x', 'empty'],
    ['mailto:a@example.com', 'no-host'],
    ['javascript:alert(1)', 'no-host'],
    ['javascript://example.com/%0aalert(1)', 'no-host'],
    ['data:text/html,x', 'no-host'],
    ['tel:5550100', 'no-host'],
    ['file:///etc/passwd', 'no-host'],
    ['C:\\Users\\x', 'no-host'],
    ['http:///example.com', 'no-host'],
    ['http://../', 'no-host'],
    ['http://@/', 'no-host'],
    ['http://\u00ad/', 'no-host'],
    ['http://example.com:x/', 'bad-port'],
    ['http://a:80:80/', 'bad-port'],
    ['http://[::1/', 'bad-port'],
    ['http://[1.2.3.4]/', 'bad-host'],
    ['http://[::1]x/', 'bad-host'],
    ['http://evil[.]example/', 'bad-host'],
    [`http://h/%${'25'.repeat(1025)}`, 'too-many-escapes'],
  ])('%j is no URL: %s', (url, reason) => {
    expect(canonicalizeUrl(url)).toEqual({ kind: 'not-a-url', reason });
  });

  it('keeps user information out of the canonical form however it is written', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }).filter((text) => !/[/\\?#]/.test(text)), (secret) => {
        expect(canon(`http://${secret}@example.com/`)).toBe('http://example.com/');
      }),
      runs,
    );
  });

  it('takes URLs up to its limit, in bytes as given and as canonical', () => {
    const limit = { maxBytes: 40 };
    const fits = `http://h/${'a'.repeat(31)}`;
    expect(canonicalizeUrl(fits, limit).kind).toBe('url');
    expect(canonicalizeUrl(`${fits}a`, limit)).toEqual({ kind: 'not-a-url', reason: 'too-long' });
    expect(canonicalizeUrl(`http://h/${'\u00fc'.repeat(5)}a`, limit).kind).toBe('url');
    expect(canonicalizeUrl(`http://h/${'\u00fc'.repeat(6)}`, limit)).toEqual({ kind: 'not-a-url', reason: 'too-long' });
    expect(canonicalizeUrl(`http://h/${'a'.repeat(65_536 - 9)}`).kind).toBe('url');
    expect(canonicalizeUrl(`http://h/${'a'.repeat(65_536 - 8)}`)).toEqual({ kind: 'not-a-url', reason: 'too-long' });
    expect(() => canonicalizeUrl('http://h/', { maxBytes: 0 })).toThrow(RangeError);
  });
});
