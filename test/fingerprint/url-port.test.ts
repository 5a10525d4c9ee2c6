import { describe, expect, it } from 'vitest';
import { urlPort } from '../../src/fingerprint/url-canonical.js';

describe('the port of a URL', () => {
  it.each([
    ['http://h.example/', 80],
    ['HTTPS://h.example', 443],
    ['ftp://h.example/x', 21],
    ['wss://h.example/x', 443],
    ['h.example/x', 80],
    ['h.example:8443/x', 8443],
    ['http://user:81@h.example:82/a:83?b:84#:85', 82],
    ['http://h.example%3A8080/', 8080],
    ['http:\\\\h.example:81\\x', 81],
    ['http://[2001:db8::1]:8080/', 8080],
    ['https://[2001:db8::1]/', 443],
    ['http://h.example:/', 80],
    ['http://h.example:65535/', 65_535],
    ['http://h.example:65536/', undefined],
    ['http://h.example:00080/', 80],
    ['gopher://h.example/', undefined],
    ['gopher://h.example:70/', 70],
    ['constructor://h.example/', undefined],
    ['mailto:a@b.example', undefined],
    ['http://h.example:x/', undefined],
    ['', undefined],
  ])('of %j is %s', (url, port) => {
    expect(urlPort(url)?.port).toBe(port);
  });

  it.each([
    ['http://h.example:80/', true],
    ['h.example:80', true],
    ['http://h.example/', false],
    ['http://h.example:/', false],
    ['http://a:80@h.example/x:80', false],
  ])('is named in %j: %s', (url, named) => {
    expect(urlPort(url)).toEqual({ port: 80, named });
  });
});
