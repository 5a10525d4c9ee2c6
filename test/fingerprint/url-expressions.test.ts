import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalizeUrl } from '../../src/fingerprint/url-canonical.js';
import type { CanonicalUrl } from '../../src/fingerprint/url-canonical.js';
import { exactExpression, urlExpression, urlExpressions } from '../../src/fingerprint/url-expressions.js';
import type { ExpressionOptions } from '../../src/fingerprint/url-expressions.js';
import { registrableDomain } from '../../src/url.js';
import { deepUrl, nastyUrl } from './url-texts.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) * 3 };
const rules: readonly ExpressionOptions[] = [{ hostRule: 'labels5' }, { hostRule: 'psl', registrableDomain }];

function url(text: string): CanonicalUrl {
  const result = canonicalizeUrl(text);
  if (result.kind === 'not-a-url') {
    throw new Error(`${text}: ${result.reason}`);
  }
  return result;
}

/** The specification's sentences, one after the other. */
function clearExpressions(of: CanonicalUrl, { hostRule }: ExpressionOptions): string[] {
  const hosts = new Set([of.host]);
  if (of.hostKind === 'name') {
    const labels = of.host.split('.');
    const suffix = (count: number): string => labels.slice(-count).join('.');
    if (hostRule === 'labels5') {
      [5, 4, 3, 2].filter((count) => count <= labels.length).forEach((count) => hosts.add(suffix(count)));
    } else {
      const registrable = registrableDomain(of.host)?.split('.').length ?? labels.length;
      [0, 1, 2, 3].map((more) => registrable + more).filter((count) => count < labels.length).forEach((count) => hosts.add(suffix(count)));
    }
  }
  const names = of.path.split('/').slice(1, -1);
  const directories = [0, 1, 2, 3].filter((count) => count <= names.length).map((count) => ['', ...names.slice(0, count), ''].join('/'));
  const paths = new Set([of.query === undefined ? of.path : `${of.path}?${of.query}`, of.path, ...directories]);
  return [...hosts].flatMap((host) => [...paths].map((path) => host + path));
}

describe('expressions', () => {
  it('are those of the specification, at most 30, unique, the exact one first', () => {
    fc.assert(
      fc.property(fc.oneof(deepUrl, nastyUrl), fc.constantFrom(...rules), (text, rule) => {
        const of = canonicalizeUrl(text);
        fc.pre(of.kind === 'url');
        const found = urlExpressions(of, rule);
        expect([...found].sort()).toEqual(clearExpressions(of, rule).sort());
        expect(found.length).toBeLessThanOrEqual(30);
        expect(new Set(found).size).toBe(found.length);
        expect(found[0]).toBe(exactExpression(of));
      }),
      runs,
    );
  });

  it('reach 30 and stop there', () => {
    const deep = url('http://a.b.c.d.e.f.g.example.com/1/2/3/4/5/6.html?q');
    for (const rule of rules) {
      expect(urlExpressions(deep, rule)).toHaveLength(30);
    }
  });

  it('of the rule psl begin at the registrable domain, closest host first', () => {
    expect(urlExpressions(url('http://a.b.c.d.e.f.example.co.uk/'), rules[1]!)).toEqual([
      'a.b.c.d.e.f.example.co.uk/',
      'd.e.f.example.co.uk/',
      'e.f.example.co.uk/',
      'f.example.co.uk/',
      'example.co.uk/',
    ]);
  });

  it.each(['http://co.uk/', 'http://github.io/', 'http://localhost/', 'http://1.2.3.4/', 'http://[::1]/'])('of %s name no other host under either rule', (text) => {
    const only = url(text);
    expect(urlExpressions(only, rules[1]!)).toEqual([`${only.host}/`]);
    expect(urlExpressions(only, rules[0]!)).toHaveLength(1);
  });

  it('do without a registrable domain that is no part of the host', () => {
    const foreign = { hostRule: 'psl', registrableDomain: () => 'other.example' } as const;
    expect(urlExpressions(url('http://a.example.com/'), foreign)).toEqual(['a.example.com/']);
    expect(urlExpressions(url('http://notother.example/'), foreign)).toEqual(['notother.example/']);
  });

  it('of the rule psl hold for hosts with escapes too', () => {
    expect(urlExpressions(url('http://x.%ff%fe.example/'), rules[1]!)).toEqual(['x.%FF%FE.example/', '%FF%FE.example/']);
  });

  it('of the rule psl cannot be made without a registrable domain', () => {
    expect(() => urlExpressions(url('http://a.example.com/'), { hostRule: 'psl' })).toThrow(TypeError);
  });

  it.each([
    ['HTTP://a.example/x?y#z', 'a.example/x?y'],
    ['a.example', 'a.example/'],
    ['a.example/x?', 'a.example/x?'],
    ['mailto:a@example.com', undefined],
  ])('the exact one of %s is %s', (text, expression) => {
    expect(urlExpression(text)).toBe(expression);
  });
});
