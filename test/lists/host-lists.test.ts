import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/base/bytes.js';
import { urlExpression, urlExpressions } from '../../src/fingerprint/url-expressions.js';
import { canonicalizeUrl } from '../../src/fingerprint/url-canonical.js';
import { createHostLists } from '../../src/lists/create-host-lists.js';
import type { HostLists, ListJudgement, ListKey, ListRule } from '../../src/lists/host-lists.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { registrableDomain } from '../../src/url.js';
import { fitExponent, measure } from '../support/complexity.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) * 3 };
const hash = (digit: string): string => digit.repeat(64);

function lists(rules: readonly ListRule[] = [], clock = new FakeClock(1000), maxRules?: number): HostLists {
  return createHostLists({ expression: urlExpression, clock, rules, maxRules });
}

function urlKey(text: string): ListKey {
  const url = canonicalizeUrl(text);
  if (url.kind === 'not-a-url') {
    throw new Error(`${text}: ${url.reason}`);
  }
  return { expressions: urlExpressions(url, { hostRule: 'psl', registrableDomain }) };
}

const blocked = (url: string, id = url): ListRule => ({ id, effect: 'blocked', url });
const approved = (url: string, id = url): ListRule => ({ id, effect: 'approved', url });

async function all(of: HostLists): Promise<ListRule[]> {
  const rules: ListRule[] = [];
  for await (const rule of of.entries()) {
    rules.push(rule);
  }
  return rules;
}

/** The sentences of the interface, rule by rule. */
function clearEffect(rules: readonly ListRule[], key: ListKey & { readonly sha256Hex?: string }, now: number): ListRule['effect'] | undefined {
  const holding = rules.filter((rule) => (rule.untilAt === undefined || now < rule.untilAt) && speaksAbout(rule, key));
  return holding.find((rule) => rule.effect === 'approved')?.effect ?? holding[0]?.effect;
}

function speaksAbout(rule: ListRule, key: ListKey & { readonly sha256Hex?: string }): boolean {
  if (rule.sha256 !== undefined) {
    return rule.sha256.toLowerCase() === key.sha256Hex;
  }
  const exact = key.expressions?.[0];
  if (exact === undefined) {
    return false;
  }
  const [host, path] = splitAtSlash(exact);
  const [ruleHost, rulePath] = splitAtSlash(urlExpression(rule.url!)!);
  const bare = path.replace(/\?.*$/, '');
  const below = rulePath.endsWith('/') && !rulePath.includes('?') && bare.startsWith(rulePath);
  return (host === ruleHost || host.endsWith(`.${ruleHost}`)) && (path === rulePath || bare === rulePath || below);
}

function splitAtSlash(expression: string): [string, string] {
  const slash = expression.indexOf('/');
  return [expression.slice(0, slash), expression.slice(slash)];
}

const someUrl = fc
  .tuple(fc.array(fc.constantFrom('a', 'b'), { maxLength: 3 }), fc.constantFrom('a.com', 'b.com', 'a.github.io', 'github.io', 'com'), fc.array(fc.constantFrom('x', 'y'), { maxLength: 6 }), fc.constantFrom('', '/', '?q', '?q/'))
  .map(([labels, domain, directories, tail]) => `${[...labels, domain].join('.')}/${directories.join('/')}${tail}`);
const someHash = fc.constantFrom('a', 'B', 'c').map(hash);
const someRule: fc.Arbitrary<ListRule> = fc
  .record({
    id: fc.integer({ min: 0, max: 12 }).map(String),
    effect: fc.constantFrom('approved', 'blocked'),
    target: fc.oneof({ weight: 4, arbitrary: someUrl.map((url) => ({ url })) }, { weight: 1, arbitrary: someHash.map((sha256) => ({ sha256 })) }),
    untilAt: fc.option(fc.integer({ min: 990, max: 1010 }), { nil: undefined }),
  })
  .map(({ id, effect, target, untilAt }) => ({ id, effect, ...target, ...(untilAt === undefined ? {} : { untilAt }) }));
const someStep = fc.oneof({ weight: 4, arbitrary: someRule }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 12 }).map(String) });

describe('host lists', () => {
  it('say what the rules say one by one, through additions and removals, under either kind of key', async () => {
    await saysWhatRulesSay(() => lists());
  });

  it('are found out by the same check when rules do not end', async () => {
    const endless = (): HostLists => createHostLists({ expression: urlExpression, clock: { now: () => 0 } });
    await expect(saysWhatRulesSay(endless, 2000)).rejects.toThrow();
  });

  it('hold a URL rule for the host, its subdomains and what lies below', () => {
    const host = lists([blocked('https://example.com/'), blocked('files.example.org/a/b.html')]);
    for (const url of ['http://example.com/', 'ftp://deep.sub.example.com:21/x?y', 'http://example.com/a/b/c/d/e/f/g/h.html', 'http://a.b.c.d.e.f.g.example.com/']) {
      expect(host.judge(urlKey(url))).toEqual({ effect: 'blocked', rule: 'https://example.com/' });
    }
    expect(host.judge(urlKey('http://files.example.org/a/b.html?download=1'))?.effect).toBe('blocked');
    for (const url of ['http://notexample.com/', 'http://example.com.evil.org/', 'http://files.example.org/a/b.html/c', 'http://files.example.org/a/', 'http://example.org/a/b.html']) {
      expect(host.judge(urlKey(url))).toBeUndefined();
    }
  });

  it('hold a rule for a public suffix and for a directory deeper than any expression', () => {
    const host = lists([blocked('github.io/'), approved('example.com/1/2/3/4/5/6/')]);
    expect(host.judge(urlKey('http://evil.github.io/x'))?.rule).toBe('github.io/');
    expect(host.judge(urlKey('http://example.com/1/2/3/4/5/6/7/8'))?.effect).toBe('approved');
    expect(host.judge(urlKey('http://example.com/1/2/3/4/5/'))).toBeUndefined();
  });

  it('let approval win, however close the block is', () => {
    const host = lists([blocked('a.example.com/x/y'), approved('example.com/')]);
    expect(host.judge(urlKey('http://a.example.com/x/y'))).toEqual({ effect: 'approved', rule: 'example.com/' });
  });

  it('name the closest of several rules', () => {
    const host = lists([blocked('example.com/'), blocked('example.com/a/'), blocked('www.example.com/')]);
    expect(host.judge(urlKey('http://example.com/a/b'))?.rule).toBe('example.com/a/');
    expect(host.judge(urlKey('http://www.example.com/a/b'))?.rule).toBe('www.example.com/');
  });

  it('end a rule at its instant and not before', () => {
    const clock = new FakeClock(1000);
    const host = lists([{ ...approved('example.com/'), untilAt: 2000 }, blocked('example.com/', 'always')], clock);
    clock.jumpWall(999);
    expect(host.judge(urlKey('example.com'))?.effect).toBe('approved');
    clock.jumpWall(1);
    expect(host.judge(urlKey('example.com'))?.effect).toBe('blocked');
    clock.jumpWall(-1);
    expect(host.judge(urlKey('example.com'))?.effect).toBe('approved');
  });

  it('replace a rule that is added again under its id', async () => {
    const host = lists([blocked('example.com/', 'one')]);
    await host.add({ id: 'one', effect: 'approved', sha256: hash('a') });
    expect(host.judge(urlKey('example.com'))).toBeUndefined();
    expect(host.judge({ sha256: fromHex(hash('a'))! })).toEqual({ effect: 'approved', rule: 'one' });
    await host.remove('one');
    await host.remove('one');
    expect(await all(host)).toEqual([]);
  });

  it('keep copies: a rule changed by its owner changes nothing here', async () => {
    const rule = { id: 'one', effect: 'blocked' as ListRule['effect'], url: 'example.com/' };
    const host = lists([rule]);
    rule.effect = 'approved';
    expect(host.judge(urlKey('example.com'))?.effect).toBe('blocked');
    expect((await all(host))[0]).toEqual({ id: 'one', effect: 'blocked', url: 'example.com/' });
  });

  it('say nothing about what they are not asked', () => {
    expect(lists([blocked('example.com/')]).judge({})).toBeUndefined();
    expect(lists().judge(urlKey('example.com'))).toBeUndefined();
  });
});

describe('a list rule', () => {
  it.each([
    ['neither sha256 nor url', { id: 'x', effect: 'blocked' }],
    ['both sha256 and url', { id: 'x', effect: 'blocked', url: 'example.com', sha256: hash('a') }],
    ['an empty id', { id: '', effect: 'blocked', url: 'example.com' }],
    ['another effect', { id: 'x', effect: 'allowed', url: 'example.com' }],
    ['a short hash', { id: 'x', effect: 'blocked', sha256: 'abc' }],
    ['an instant that is none', { id: 'x', effect: 'blocked', url: 'example.com', untilAt: Number.NaN }],
  ])('with %s is a mistake of the caller', async (_, rule) => {
    const host = lists([blocked('kept.example/', 'x')]);
    await expect(host.add(rule as ListRule)).rejects.toBeInstanceOf(TypeError);
    expect(host.judge(urlKey('kept.example'))?.effect).toBe('blocked');
  });

  it.each(['mailto:a@example.com', 'not a url', '', '*example.com', 'http://', 'javascript:alert(1)', 'evil[.]example'])('with the URL %j is refused', async (url) => {
    await expect(lists().add(blocked(url, 'x'))).rejects.toMatchObject({ code: 'url-invalid', detail: { rule: 'x', url } });
    expect(() => lists([blocked(url, 'x')])).toThrow();
  });

  it('is taken in any spelling of its URL', () => {
    const host = lists([blocked('HTTP://User@EXAMPLE.com:8080/a/../%62/', 'x')]);
    expect(host.judge(urlKey('https://example.com/b/c'))?.rule).toBe('x');
  });
});

describe('the number of rules', () => {
  it('is bounded: the last that fits is taken, the next refused, a replacement taken', async () => {
    const host = lists([blocked('a.example/'), blocked('b.example/')], new FakeClock(), 3);
    await host.add(blocked('c.example/'));
    await expect(host.add(blocked('d.example/'))).rejects.toMatchObject({ code: 'config-invalid', detail: { maxRules: 3 } });
    await host.add(approved('c.example/'));
    expect(host.judge(urlKey('c.example'))?.effect).toBe('approved');
    expect(await all(host)).toHaveLength(3);
  });

  it('counts expired rules only while there is room', async () => {
    const clock = new FakeClock(1000);
    const host = lists([{ ...blocked('a.example/'), untilAt: 1500 }, blocked('b.example/')], clock, 2);
    clock.jumpWall(500);
    await host.add(blocked('c.example/'));
    expect((await all(host)).map(({ id }) => id)).toEqual(['b.example/', 'c.example/']);
  });

  it('does not slow a judgement down, nor does a hostile URL', { retry: 2 }, () => {
    const many = lists(Array.from({ length: 20_000 }, (_, index) => blocked(`host${index}.example/${index}/`)));
    const key = urlKey('http://host7.example/7/x');
    expect(many.judge(key)?.rule).toBe('host7.example/7/');
    const host = lists([blocked('com/a/a/a/'), blocked('h.example/a/a/')]);
    for (const make of [(size: number) => `${'a.'.repeat(size)}com/`, (size: number) => `h.example${'/a'.repeat(size)}`]) {
      const points = measure([10_000, 20_000, 40_000], (size) => ({ expressions: [make(size)] }), (one) => host.judge(one));
      expect(fitExponent(points)).toBeLessThan(1.6);
    }
  });
});

async function saysWhatRulesSay(create: () => HostLists, numRuns = runs.numRuns): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(someStep, { maxLength: 25 }), fc.array(someUrl, { minLength: 5, maxLength: 10 }), async (steps, urls) => {
      const host = create();
      const rules = new Map<string, ListRule>();
      for (const step of steps) {
        if (typeof step === 'string') {
          await host.remove(step);
          rules.delete(step);
        } else {
          await host.add(step);
          rules.set(step.id, step);
        }
      }
      for (const url of urls) {
        expectJudgement(host.judge(urlKey(url)), [...rules.values()], urlKey(url));
      }
      for (const digit of ['a', 'b', 'c', 'd']) {
        const key = { sha256: fromHex(hash(digit))!, sha256Hex: hash(digit) };
        expectJudgement(host.judge(key), [...rules.values()], key);
      }
      expect((await all(host)).map(({ id }) => id).sort()).toEqual([...rules.keys()].sort());
    }),
    { numRuns },
  );
}

function expectJudgement(found: ListJudgement | undefined, rules: readonly ListRule[], key: ListKey & { readonly sha256Hex?: string }): void {
  expect(found?.effect).toBe(clearEffect(rules, key, 1000));
  if (found !== undefined) {
    const rule = rules.find(({ id }) => id === found.rule)!;
    expect(speaksAbout(rule, key)).toBe(true);
    expect(rule.effect).toBe(found.effect);
  }
}
