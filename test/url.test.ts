import { describe, expect, it } from 'vitest';
import { registrableDomain } from '../src/url.js';

describe('the registrable domain', () => {
  it.each([
    ['a.b.example.com', 'example.com'],
    ['example.com', 'example.com'],
    ['A.Example.CO.UK.', 'example.co.uk'],
    ['x.y.github.io', 'y.github.io'],
    ['a.b.city.kawasaki.jp', 'city.kawasaki.jp'],
    ['a.b.c.kawasaki.jp', 'b.c.kawasaki.jp'],
    ['a.b.unknowntld', 'b.unknowntld'],
    ['a.xn--e1afmkfd.xn--p1ai', 'xn--e1afmkfd.xn--p1ai'],
    ['foo_bar.evil.example', 'evil.example'],
    ['a%20b.evil.example', 'evil.example'],
    ['constructor.__proto__.example', '__proto__.example'],
  ])('of %s is %s', (host, domain) => {
    expect(registrableDomain(host)).toBe(domain);
  });

  it.each(['', '.', 'com', 'co.uk', 'github.io', 'localhost', '1.2.3.4', '[::1]', '[2001:db8::1]', 'a..com'])('of %j is undefined', (host) => {
    expect(registrableDomain(host)).toBeUndefined();
  });
});
