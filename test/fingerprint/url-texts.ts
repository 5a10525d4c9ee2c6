/** Generators of URLs that mean no good: made of the pieces that parsers disagree about. */
import fc from 'fast-check';

/** What such URLs are made of. */
export const pieces: readonly string[] = [
  ...['%', '25', '2', '%2', '%25', '%2525', '%2e', '%2E', '%2f', '%5c', '%3f', '%23', '%40', '%3a', '%00', '%0a', '%20', '%c3%a9', '%ff', '%41'],
  ...['.', '..', '/', '//', '\\', '?', '#', '@', ':', ':80', ':x', '[', ']', '&', ';', '=', '*', '"', '<', '|', '^', '-', '_', 'xn--'],
  ...['::1', '::ffff:1.2.3.4', '64:ff9b::', '[::1]', '0x7f', '017', '1', '256', '127.0.0.1', '4294967296'],
  ...['a', 'B', 'Ex', 'com', 'localhost', 'user', 'co.uk', 'github.io', 'http:', 'http://', 'HTTPS://', 'ftp://', 'javascript:'],
  ...['é', 'ß', 'Σ', 'ς', '１', '。', '／', '％', '＠', '①', '\u00ad', '\u200b', '\u0301', '\ud800', '😀', '中国', '℀', 'K', 'ﬃ', 'İ'],
  ...[' ', '\t', '\n', '\r', '\x00', '\x1f', '\x7f'],
];

/** A URL-like text, mostly with a scheme. */
export const nastyUrl: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('http://', 'http://', 'https://', 'http:\\\\', 'gopher://', ''),
    fc.array(fc.constantFrom(...pieces), { maxLength: 14 }),
  )
  .map(([scheme, rest]) => scheme + rest.join(''));

/** URLs whose expressions differ between the host rules: many labels, known suffixes, many directories. */
export const deepUrl: fc.Arbitrary<string> = fc
  .record({
    labels: fc.array(fc.constantFrom('a', 'b', 'www', 'x1', 'co'), { maxLength: 8 }),
    suffix: fc.constantFrom('com', 'co.uk', 'github.io', 'city.kawasaki.jp', 'unknowntld', 'example.com'),
    directories: fc.array(fc.constantFrom('a', 'b', 'c.html', '..', '.', ''), { maxLength: 8 }),
    tail: fc.constantFrom('', '/', '?', '?q=1', '/?', '#f'),
  })
  .map(({ labels, suffix, directories, tail }) => `http://${[...labels, suffix].join('.')}/${directories.join('/')}${tail}`);

const odd = ['%20', '%41', '%2e', '%C3%BC', '%c3', '%', '%25', '.', '..', '/', '//', '/.', '/..', '/.x', '\\', '@', ':', ':80', ' ', '\t', 'é', '#', '?', 'A', '1', '[', '\x7f'];

/** Ordinary URLs with one or two things in them that are not. */
export const nearlyPlainUrl: fc.Arbitrary<string> = fc
  .record({
    url: fc
      .tuple(
        fc.constantFrom('http://', 'https://', 'https://', 'http:/', 'httpx://'),
        fc.constantFrom('www.example.com', 'a.b.c.d.e.f.example.co.uk', 'Example.ORG', 'localhost', 'x_y.github.io', '1.2.3.4', 'a.1', 'a.0x7f', '[::1]'),
        fc.constantFrom('', ':8080', ':', '/', '/a/b/c.html', '/.well-known/x', '/a/.', '/x%20y/%C3%BC', '?q', '/?q=1&r=%2F'),
        fc.constantFrom('', '?', '?a=b', '#f', '?a#é', '?%23'),
      )
      .map((parts) => parts.join('')),
    changes: fc.array(fc.tuple(fc.nat(40), fc.constantFrom(...odd)), { maxLength: 2 }),
  })
  .map(({ url, changes }) => changes.reduce((text, [at, piece]) => text.slice(0, at) + piece + text.slice(at), url));
