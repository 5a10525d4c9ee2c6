/** Rules as products have them: wildcards, exact hosts, ports, path patterns, keywords, expressions in linear time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalizeUrl, urlPort } from '../../src/fingerprint/url-canonical.js';
import { urlExpression, urlExpressions } from '../../src/fingerprint/url-expressions.js';
import { createHostLists, type HostListsOptions } from '../../src/lists/create-host-lists.js';
import { createSiteLists } from '../../src/lists/site-lists.js';
import { keywordPieces } from '../../src/lists/keyword-index.js';
import { matchesWhole, occursInOrder, piecesOf } from '../../src/lists/wildcard.js';
import type { HostLists, ListKey, ListRule } from '../../src/lists/host-lists.js';
import { compileLinearRegex as compileRegex } from '../../src/preset/linear-regex.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { registrableDomain } from '../../src/url.js';
import { fitExponent, measure } from '../support/complexity.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) * 3 };
function lists(rules: readonly ListRule[] = [], options: Partial<HostListsOptions> = {}): HostLists {
  return createHostLists({ expression: urlExpression, port: urlPort, compileRegex, clock: new FakeClock(1000), rules, ...options });
}

function keyOf(url: string): ListKey {
  const parsed = canonicalizeUrl(url);
  if (parsed.kind === 'not-a-url') {
    throw new Error(`${url}: ${parsed.reason}`);
  }
  return { url, canonical: parsed.canonical, expressions: urlExpressions(parsed, { hostRule: 'psl', registrableDomain }) };
}

type Subject = Omit<ListRule, 'id' | 'effect'>;
const rule = (subject: Subject, effect: ListRule['effect'] = 'blocked', id = 'r'): ListRule => ({ id, effect, ...subject });
const holds = (subject: Subject, url: string): boolean => lists([rule(subject)]).judge(keyOf(url)) !== undefined;

describe('a rule for a part of the web', () => {
  it.each<readonly [Subject, readonly string[], readonly string[]]>([
    [{ url: '*.example.com' }, ['a.example.com', 'http://a.b.example.com/x?y'], ['example.com', 'notexample.com', 'example.com.evil.org']],
    [{ url: '*.Bücher.example/shop/' }, ['www.bücher.example/shop/x'], ['bücher.example/shop/x', 'www.bücher.example/']],
    [{ url: 'example.com/', exactHost: true }, ['example.com', 'https://example.com/x/y'], ['www.example.com', 'example.com.evil.org']],
    [{ url: 'example.com/a/b', exactHost: true }, ['example.com/a/b?q'], ['www.example.com/a/b', 'example.com/a/b/']],
    [{ url: 'example.com:8443/' }, ['https://example.com:8443/x', 'http://www.example.com:8443/'], ['https://example.com/', 'http://example.com:443/']],
    [{ url: 'example.com:443/' }, ['https://example.com/', 'wss://example.com/', 'http://example.com:443/'], ['http://example.com/', 'https://example.com:8443/']],
    [{ url: 'http://example.com/' }, ['https://example.com:8443/', 'ftp://example.com/'], []],
    [{ url: '*.example.com:81/a/' }, ['http://www.example.com:81/a/b'], ['http://www.example.com/a/b', 'http://example.com:81/a/b']],
    [{ url: 'http://[2001:db8::1]:81/' }, ['http://[2001:DB8:0::1]:81/x'], ['http://[2001:db8::1]/x']],
    [{ url: 'example.com/get/*.exe' }, ['example.com/get/a.exe', 'www.example.com/get/a/b.exe?x=1', 'example.com/get/.exe'], ['example.com/get/a.exe/x', 'example.com/a.exe', 'example.com/get/a.exeb']],
    [{ url: 'example.com/*/login/' }, ['example.com/a/login/', 'example.com/a/b/login/x?y'], ['example.com/login/', 'example.com/a/login']],
    [{ url: 'example.com/s?*id=7' }, ['example.com/s?id=7', 'example.com/s?a=1&id=7'], ['example.com/s', 'example.com/s?id=77']],
    [{ url: 'example.com/*' }, ['example.com/', 'example.com/a?b'], ['example.org/']],
  ])('by %j holds for %j and not for %j', (subject, yes, no) => {
    expect(yes.filter((url) => !holds(subject, url))).toEqual([]);
    expect(no.filter((url) => holds(subject, url))).toEqual([]);
  });

  it('that names a port blocks every port, and approves none, where nobody knows the port', () => {
    const key = keyOf('http://example.com:8443/x');
    const { url: _, ...portless } = key;
    const host = (effect: ListRule['effect']): HostLists => lists([rule({ url: 'example.com:8443/' }, effect)]);
    expect(host('blocked').judge(portless)?.effect).toBe('blocked');
    expect(host('approved').judge(portless)).toBeUndefined();
    expect(host('approved').judge(key)?.effect).toBe('approved');
  });

  it('lets go of a pattern, a port and a host when it is removed', async () => {
    const host = lists([rule({ url: 'example.com/a*b' }, 'blocked', '1'), rule({ url: 'example.com:81/' }, 'blocked', '2'), rule({ url: '*.example.com' }, 'blocked', '3')]);
    const key = keyOf('http://www.example.com:81/a/b');
    for (const id of ['1', '2', '3']) {
      expect(host.judge(key)).toBeDefined();
      await host.remove(id);
    }
    expect(host.judge(key)).toBeUndefined();
  });

  it.each(['*', '*.', '*.*', '*example.com', 'a.*.com', '*.1.2.3.4', '*.[::1]', 'http://*/'])('with the URL %j is refused', async (url) => {
    await expect(lists().add(rule({ url }))).rejects.toMatchObject({ code: 'url-invalid' });
  });

  it('takes a path pattern of 1024 characters and no longer one', async () => {
    await lists().add(rule({ url: `example.com/*${'a'.repeat(1022)}` }));
    await expect(lists().add(rule({ url: `example.com/*${'a'.repeat(1023)}` }))).rejects.toMatchObject({ code: 'url-invalid' });
  });

  it.each<readonly [string, Subject]>([
    ['an exact host and a wildcard', { url: '*.example.com', exactHost: true }],
    ['an exact host and no URL', { keyword: 'casino', exactHost: true }],
    ['a keyword and an expression', { keyword: 'casino', regex: 'casino' }],
  ])('with %s is a mistake of the caller', async (_, subject) => {
    await expect(lists().add(rule(subject))).rejects.toBeInstanceOf(TypeError);
  });
});

describe('a pattern with *', () => {
  const piece = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 3 });
  const pattern = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join('*'));
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 10 });
  /** The clear version: the same words as an expression. Short texts only, for it has no bound. */
  const clear = (source: string, whole: boolean): RegExp => {
    const body = source.split('*').map((one) => one.replaceAll('.', '\\.')).join('[^]*');
    return new RegExp(whole ? `^(?:${body})$` : body);
  };

  it('describes what the same expression describes', () => {
    fc.assert(
      fc.property(pattern, text, (source, subject) => {
        expect(matchesWhole(piecesOf(source), subject)).toBe(clear(source, true).test(subject));
        expect(occursInOrder(piecesOf(source), subject)).toBe(clear(source, false).test(subject));
      }),
      { numRuns: runs.numRuns * 5 },
    );
  });
});

describe('a rule by keyword', () => {
  it.each<readonly [string, readonly string[], readonly string[]]>([
    ['casino', ['http://my-CASINO.example/', 'http://h.example/Casino?x', 'http://h.example/?q=casino'], ['http://h.example/casin', 'http://h.example/cas/ino']],
    ['free*movie', ['http://free.example/movie', 'http://h.example/freemovie'], ['http://movie.example/free']],
    ['://h.example/', ['http://h.example/x', 'http://H.EXAMPLE'], ['http://www.h.example/']],
    ['a b', ['http://h.example/a b', 'http://h.example/A%20B'], ['http://h.example/ab']],
    ['größe', ['http://h.example/größe', 'http://h.example/gr%C3%B6%c3%9Fe'], ['http://h.example/groesse']],
    ['a#b', ['http://h.example/a%23b'], ['http://h.example/a#b', 'http://h.example/ab']],
    ['**abc**', ['http://h.example/xabcx'], []],
  ])('%j holds for %j and not for %j', (keyword, yes, no) => {
    expect(yes.filter((url) => !holds({ keyword }, url))).toEqual([]);
    expect(no.filter((url) => holds({ keyword }, url))).toEqual([]);
  });

  it.each(['', 'ab', '*', 'ab*cd*ef', 'x'.repeat(257), 7 as unknown as string].map((keyword) => [keyword]))('of %j is refused', async (keyword) => {
    await expect(lists().add(rule({ keyword }))).rejects.toMatchObject({ code: 'config-invalid' });
  });

  it('takes 3 characters, and 256 of them', async () => {
    await lists().add(rule({ keyword: 'abc' }));
    await lists().add(rule({ keyword: 'x'.repeat(256) }));
  });

  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '*', '/', '.'), maxLength: 8 });

  it('is found among others as if each were looked for alone, through additions and removals', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(word, fc.nat(9), fc.boolean()), { maxLength: 40 }), fc.array(word, { maxLength: 10 }), async (steps, paths) => {
        const host = lists();
        const present = new Map<string, string>();
        for (const [keyword, id, removes] of steps) {
          if (removes) {
            await host.remove(String(id));
            present.delete(String(id));
          } else if (keywordPieces(keyword) !== undefined) {
            await host.add(rule({ keyword }, 'blocked', String(id)));
            present.set(String(id), keyword);
          }
        }
        for (const path of paths) {
          const key = keyOf(`http://h.example/${path}`);
          const expected = [...present].filter(([, keyword]) => occursInOrder(keyword.split('*'), key.canonical ?? '')).map(([id]) => id);
          const found = host.judge(key);
          expect(found === undefined ? expected : expected.includes(found.rule)).toEqual(found === undefined ? [] : true);
        }
      }),
      runs,
    );
  });
});

describe('a rule by expression', () => {
  it('holds where the expression matches in the canonical URL', () => {
    expect(holds({ regex: '^https?://[a-z]+\\d{3}\\.example/' }, 'HTTP://abc123.EXAMPLE')).toBe(true);
    expect(holds({ regex: '^https?://[a-z]+\\d{3}\\.example/' }, 'http://abc12.example/')).toBe(false);
  });

  it.each<readonly [string, string, Partial<HostListsOptions>]>([
    ['(', 'config-invalid', {}],
    ['(a)\\1', 'config-invalid', {}],
    ['', 'config-invalid', {}],
    ['x'.repeat(1001), 'config-invalid', {}],
    ['x', 'unsupported', { compileRegex: undefined }],
  ])('%j is refused as %s', async (regex, code, options) => {
    await expect(lists([], options).add(rule({ regex }))).rejects.toMatchObject({ code });
  });

  it('is one of as many as the lists take, and never costs the rule that it would replace', async () => {
    const host = lists([], { maxRegexRules: 2 });
    const add = (id: string, subject: Subject): Promise<void> => host.add(rule(subject, 'blocked', id));
    await add('a', { regex: 'aaa' });
    await add('b', { regex: 'bbb' });
    await add('b', { regex: 'ccc' });
    await add('c', { keyword: 'kkk' });
    await expect(add('c', { regex: 'ddd' })).rejects.toMatchObject({ code: 'config-invalid', detail: { maxRegexRules: 2 } });
    expect(['aaa', 'bbb', 'ccc', 'ddd', 'kkk'].map((word) => host.judge(keyOf(`http://h.example/${word}`))?.rule)).toEqual(['a', undefined, 'b', undefined, 'c']);
    await host.remove('a');
    await add('d', { regex: 'ddd' });
    expect(host.judge(keyOf('http://h.example/ddd'))?.rule).toBe('d');
  });

  it('gives way when it has ended', async () => {
    const clock = new FakeClock(1000);
    const host = lists([{ ...rule({ regex: 'aaa' }), untilAt: 2000 }], { clock, maxRegexRules: 1 });
    await expect(host.add(rule({ regex: 'bbb' }, 'blocked', 'b'))).rejects.toMatchObject({ code: 'config-invalid' });
    clock.jumpWall(1000);
    expect(host.judge(keyOf('http://h.example/aaa'))).toBeUndefined();
    await host.add(rule({ regex: 'bbb' }, 'blocked', 'b'));
  });
});

describe('rules of different kinds', () => {
  it('let approval win, and name the closest block', () => {
    const block = [
      rule({ regex: 'example' }, 'blocked', 'regex'),
      rule({ keyword: 'example' }, 'blocked', 'keyword'),
      rule({ url: 'example.com/' }, 'blocked', 'url'),
    ];
    expect(lists(block).judge(keyOf('http://example.com/'))?.rule).toBe('url');
    expect(lists(block).judge(keyOf('http://example.org/'))?.rule).toBe('keyword');
    for (const subject of [{ url: '*.example.com' }, { keyword: 'www' }, { regex: 'w{3}' }]) {
      expect(lists([...block, rule(subject, 'approved', 'yes')]).judge(keyOf('http://www.example.com/'))).toEqual({ effect: 'approved', rule: 'yes' });
    }
  });

  it('hold in site lists too, where a bad one is refused alone', () => {
    const rules = [rule({ url: '*.example.com:81/' }, 'blocked', 'a'), rule({ keyword: 'casino' }, 'blocked', 'b'), rule({ regex: '(' }, 'blocked', 'c'), rule({ regex: 'x{3}' }, 'blocked', 'd')];
    const site = createSiteLists({ rules, expression: urlExpression, port: urlPort, compileRegex, clock: { now: () => 0 } });
    expect([site.count, site.refused.map((one) => one.rule)]).toEqual([3, ['c']]);
    expect(['http://w.example.com:81/', 'http://casino.example', 'http://h.example/xxx', 'http://w.example.com'].map((url) => site.judge(keyOf(url))?.rule)).toEqual(['a', 'b', 'd', undefined]);
  });
});

describe('lists', () => {
  it('know whether they have rules for URLs at all', async () => {
    const host = lists([{ id: 'h', effect: 'approved', sha256: 'ab'.repeat(32) }]);
    expect(host.hasUrlRules?.()).toBe(false);
    for (const subject of [{ url: 'h.example/' }, { url: '*.h.example/a*' }, { keyword: 'abc' }, { regex: 'abc' }]) {
      await host.add(rule(subject));
      await host.add(rule(subject));
      expect(host.hasUrlRules?.()).toBe(true);
      await host.remove('r');
      expect(host.hasUrlRules?.()).toBe(false);
    }
  });
});

describe('site lists', () => {
  it('take 100 expressions and refuse the next one alone', () => {
    const rules = Array.from({ length: 102 }, (_, i) => rule(i === 101 ? { keyword: 'keyword' } : { regex: `x{${i + 1}}` }, 'blocked', String(i)));
    const site = createSiteLists({ rules, expression: urlExpression, compileRegex, clock: { now: () => 0 } });
    expect([site.count, site.refused.map((one) => one.rule)]).toEqual([101, ['100']]);
  });
});

describe('many rules', () => {
  const subjects = (count: number): ListRule[] =>
    Array.from({ length: count }, (_, i): ListRule => {
      const kinds: readonly Subject[] = [{ url: `*.host${i}.example/` }, { url: `host${i}.example:81/a/` }, { url: `h.example/${i}/*.exe` }, { keyword: `word${i}x` }];
      return rule(kinds[i % 4 === 2 ? (i % 400 === 2 ? 2 : 0) : i % 4]!, 'blocked', String(i));
    });

  it('are all found, and cost a judgement little more than few do', { retry: 3 }, () => {
    const key = keyOf('http://www.host9.example:81/a/file.exe?some=query&and=more');
    const few = lists(subjects(1_000));
    const many = lists(subjects(100_000));
    for (const i of [1, 3, 5, 7, 99_997, 99_999]) {
      const url = i % 2 === 1 && i % 4 === 1 ? `http://host${i}.example:81/a/b` : `http://h.example/word${i}xy`;
      expect(many.judge(keyOf(url))?.rule).toBe(String(i));
    }
    const cost = (host: HostLists): number => measure([2000], (count) => count, (count) => {
      for (let i = 0; i < count; i++) {
        host.judge(key);
      }
    })[0]!.cost;
    expect(cost(many) / cost(few)).toBeLessThan(12);
  });

  it('cost a hostile URL no more than its length', { retry: 2 }, () => {
    const host = lists([
      ...Array.from({ length: 200 }, (_, i) => rule({ keyword: `a${'ab'.repeat(i % 20)}*b${i}c` }, 'blocked', `k${i}`)),
      rule({ url: `h.example/${'a*'.repeat(50)}b` }, 'blocked', 'p'),
      rule({ regex: '(a+)+$' }, 'blocked', 'x'),
    ]);
    for (const make of [(size: number) => 'a'.repeat(size), (size: number) => 'ab'.repeat(size / 2), (size: number) => 'aab'.repeat(size / 3)]) {
      const keys = (size: number): ListKey => ({ expressions: [`h.example/${make(size)}`] });
      expect(fitExponent(measure([4_000, 16_000, 64_000], keys, (one) => host.judge(one)))).toBeLessThan(1.6);
    }
  });
});
