import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findUrls } from '../../src/fingerprint/find-urls.js';
import { canonicalizeUrl } from '../../src/fingerprint/url-canonical.js';
import { fitExponent, measure } from '../support/complexity.js';
import { nastyUrl } from './url-texts.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) * 3 };
const text = (body: string): readonly string[] => findUrls(body).urls;
const html = (body: string): readonly string[] => findUrls(body, { format: 'html' }).urls;

/** A URL that nobody would end earlier: letters and balanced brackets only at its end. */
const plainUrl = fc
  .tuple(
    fc.constantFrom('http://', 'https://', 'HTTP://', 'ftp://', 'www.', 'http:\\\\'),
    fc.constantFrom('a.example', 'xn--bcher-kva.example:8080', 'bücher.example', 'a_b.c-d.example', 'u@h.example', '例え。テスト'),
    fc.constantFrom('', '/', '/x/y.html', '/a_(b)', '/x?q=1&r=http%3A%2F%2Fb.example', '/x?u=http://b.example/y', '/x#f', '/[1]', '/ü'),
  )
  .map((parts) => parts.join(''));

const between = fc.constantFrom(' ', '\n', ' <', '> ', '"', ' (', ') ', '. ', ', ', ' – see ', '\t', '! ', ' “', '” ', "' ", ' **', '** ');

describe('the URLs of a text', () => {
  it('are those that stand in it, in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(between, plainUrl, between), { maxLength: 8 }), (parts) => {
        const urls = parts.map(([, url]) => url);
        const body = parts.map(([before, url, after]) => ` ${before}${url}${after}`).join(' and ');
        expect(text(body)).toEqual([...new Set(urls)]);
      }),
      runs,
    );
  });

  it('are part of it, can be judged, and are no more than asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(nastyUrl, fc.string(), between), { maxLength: 12 }), fc.integer({ min: 1, max: 4 }), (parts, maxUrls) => {
        const body = parts.join('');
        const found = findUrls(body, { maxUrls });
        expect(found.urls.length).toBeLessThanOrEqual(maxUrls);
        expect(found.urls.every((url) => body.includes(url) && canonicalizeUrl(url).kind === 'url')).toBe(true);
        expect(found.complete).toBe(findUrls(body).urls.length <= maxUrls);
        expect(() => html(body)).not.toThrow();
      }),
      runs,
    );
  });

  it.each([
    ['See http://a.example/x.', ['http://a.example/x']],
    ['(http://a.example/x_(y)), or http://b.example/?', ['http://a.example/x_(y)', 'http://b.example/']],
    ['<http://a.example/>;http://b.example,https://c.example|ftp://d.example', ['http://a.example/', 'http://b.example', 'https://c.example', 'ftp://d.example']],
    ['[http://a.example/](http://b.example/)', ['http://a.example/', 'http://b.example/']],
    ['www.a.example/x and mail@www.b.example, xwww.c.example, www. www.', ['www.a.example/x']],
    ['http://[::1]/x, http://0x7f.1/', ['http://[::1]/x', 'http://0x7f.1/']],
    ['http:// http://: http://. https://?x', []],
    ['http://[http://evil.example/x', ['http://evil.example/x']],
    ['Xhttp://a.example', ['http://a.example']],
    ['http://a.example/\u0000http://b.example/', ['http://a.example/', 'http://b.example/']],
    ['http://a.example http://a.example', ['http://a.example']],
    ['javascript:alert(1) mailto:a@b.example data:,x hxxp://a.example a.example', []],
    ['http://例え。テスト。 http://例え.テスト」', ['http://例え。テスト', 'http://例え.テスト']],
  ])('of %j are found', (body, urls) => {
    expect(text(body)).toEqual(urls);
  });

  it('are named even when nobody can judge them', () => {
    const long = `http://a.example/${'x'.repeat(70_000)}`;
    const deep = `http://a.example/%${'25'.repeat(1025)}`;
    expect(text(`${long} ${deep}`)).toEqual([long, deep]);
  });

  it('are not said to be all when a run has more beginnings than are tried', () => {
    const hidden = (beginnings: number): string => `${'http://['.repeat(beginnings)}http://bad.example/`;
    expect(findUrls(hidden(7))).toEqual({ urls: ['http://bad.example/'], complete: true });
    expect(findUrls(hidden(8))).toEqual({ urls: [], complete: false });
    expect(findUrls(`http://a.example/${'http://'.repeat(20)}`).complete).toBe(true);
  });

  it('needs a limit that is one', () => {
    expect(() => findUrls('', { maxUrls: 0 })).toThrow(RangeError);
  });
});

describe('the URLs of HTML', () => {
  it.each([
    ['<a href="http://a.example/?x=1&amp;y=2">http://good.example</a>', ['http://a.example/?x=1&y=2', 'http://good.example']],
    ["<a href='&#104;ttp&colon;&sol;&#x2f;a.example'>", ['http://a.example']],
    ['<a href = " http://a.ex\nample/x y ">', ['http://a.example/x y', 'http://a.ex']],
    ['<img src=http://a.example/x.png>', ['http://a.example/x.png']],
    ['text &lt;http://a.example/&gt; and &quot;http://b.example/&quot;', ['http://a.example/', 'http://b.example/']],
    ['<a href="http://a.example/?a&copy=1&ampx&#0;">', ['http://a.example/?a&copy=1&ampx\ufffd']],
    ['<a href="https:/\\a.example">', ['https:/\\a.example']],
    ['<a href="javascript:x" title="see www.a.example">', ['www.a.example']],
    ['<a href="http://a.example', ['http://a.example']],
  ])('of %j are found', (body, urls) => {
    expect(html(body)).toEqual(urls);
  });
});

const hostile: Readonly<Record<string, (size: number) => string>> = {
  'openings in one run': (size) => 'http://['.repeat(size / 8),
  'openings one after the other': (size) => 'http:// '.repeat(size / 8),
  'a long URL of openings': (size) => `http://h/${'http://'.repeat(size / 7)}`,
  'closing brackets': (size) => `http://h/${')'.repeat(size)}`,
  'open attributes': (size) => '="'.repeat(size / 2),
  'equals signs and blanks': (size) => `=${' '.repeat(size / 2)}`.repeat(2),
  ampersands: (size) => '&#'.repeat(size / 2),
  digits: (size) => `&#${'1'.repeat(size)}`,
  'www without end': (size) => 'www.'.repeat(size / 4),
  'list separators': (size) => `http://h/${','.repeat(size)}`,
};

describe('a hostile body', () => {
  it.each(Object.entries(hostile))('made of %s costs linear time', { retry: 2 }, (_, make) => {
    const look = (body: string): void => {
      findUrls(body);
      findUrls(body, { format: 'html' });
    };
    expect(fitExponent(measure([32_768, 65_536, 131_072, 262_144], make, look))).toBeLessThan(1.6);
  });
});
