/** What every `HostLists` promises: the host's own word, approved before blocked, until it is taken back or runs out. */
import { toHex } from '../../base/bytes.js';
import type { HostLists, ListRule } from '../../lists/host-lists.js';
import { assertEqual, assertRejects, assertSameSet, toArray } from '../assertions.js';
import { FakeClock } from '../doubles/fake-clock.js';
import { createPartMaker, registerSuite } from '../runner.js';
import type { SuiteOptions, SuiteTests, TestRunner } from '../runner.js';

/** What `create` is told: the clock by which rules run out. */
export interface HostListsContext {
  readonly clock: FakeClock;
}

/** Options of `describeHostLists`. */
export interface HostListsSuiteOptions extends SuiteOptions<HostLists, HostListsContext> {
  /** Ends the lists and opens others over the same durable place, as a restart does; absent for lists in the process. */
  reopen?(lists: HostLists, context: HostListsContext): HostLists | Promise<HostLists>;
}

interface Fixture {
  readonly clock: FakeClock;
  readonly make: () => Promise<HostLists>;
  readonly reopen: (lists: HostLists) => Promise<HostLists>;
  readonly disposeAll: () => Promise<void>;
}

/** Registers the conformance suite of the host's own lists. */
export function describeHostLists(runner: TestRunner, options: HostListsSuiteOptions): void {
  registerSuite<Fixture>(runner, {
    title: `HostLists: ${options.name}`,
    tests: options.reopen === undefined ? tests : { ...tests, ...durableTests },
    skip: options.skip,
    open: () => openFixture(options),
    close: (fixture) => fixture.disposeAll(),
  });
}

function openFixture(options: HostListsSuiteOptions): Fixture {
  const clock = new FakeClock();
  const maker = createPartMaker(options);
  return {
    clock,
    make: () => maker.make({ clock }),
    disposeAll: () => maker.disposeAll(),
    async reopen(lists) {
      const again = (await options.reopen?.(lists, { clock })) ?? lists;
      maker.replace(lists, again);
      return again;
    },
  };
}

const digest: Uint8Array = Uint8Array.from({ length: 32 }, (_, i) => 255 - i * 3);
const otherDigest: Uint8Array = Uint8Array.from({ length: 32 }, (_, i) => i);

/** What an extractor makes of http://sub.example.com/dir/page?q=1 */
const page: readonly string[] = [
  'sub.example.com/dir/page?q=1', 'sub.example.com/dir/page', 'sub.example.com/', 'sub.example.com/dir/',
  'example.com/dir/page?q=1', 'example.com/dir/page', 'example.com/', 'example.com/dir/',
];
/** What an extractor makes of http://example.com/ */
const root: readonly string[] = ['example.com/'];
/** What an extractor makes of http://example.org/dir/page */
const foreign: readonly string[] = ['example.org/dir/page', 'example.org/', 'example.org/dir/'];

const tests: SuiteTests<Fixture> = {
  'without rules nothing is listed': async ({ make }) => {
    const lists = await make();
    assertEqual('judgement', lists.judge({ sha256: digest, expressions: page }), undefined);
    assertEqual('judgement of no key', lists.judge({}), undefined);
    assertEqual('rules', await toArray(lists.entries()), []);
  },
  'a listed hash is judged, another is not': async ({ make }) => {
    const lists = await make();
    await lists.add({ id: 'one', effect: 'blocked', sha256: toHex(digest) });
    assertEqual('the listed hash', lists.judge({ sha256: digest }), { effect: 'blocked', rule: 'one' });
    assertEqual('another hash', lists.judge({ sha256: otherDigest }), undefined);
    assertEqual('a URL', lists.judge({ expressions: page }), undefined);
  },
  'hex digits count in either case': async ({ make }) => {
    const lists = await make();
    await lists.add({ id: 'one', effect: 'approved', sha256: toHex(digest).toUpperCase() });
    assertEqual('judgement', lists.judge({ sha256: digest }), { effect: 'approved', rule: 'one' });
  },
  'a listed host holds for its subdomains and all paths, not for other hosts': async ({ make }) => {
    const lists = await make();
    await lists.add({ id: 'host', effect: 'blocked', url: 'example.com/' });
    assertEqual('subdomain with a path', lists.judge({ expressions: page }), { effect: 'blocked', rule: 'host' });
    assertEqual('the host itself', lists.judge({ expressions: root }), { effect: 'blocked', rule: 'host' });
    assertEqual('another host', lists.judge({ expressions: foreign }), undefined);
  },
  'a listed subdomain does not hold for its parent': async ({ make }) => {
    const lists = await make();
    await lists.add({ id: 'sub', effect: 'approved', url: 'http://sub.example.com/' });
    assertEqual('the subdomain', lists.judge({ expressions: page }), { effect: 'approved', rule: 'sub' });
    assertEqual('the parent', lists.judge({ expressions: root }), undefined);
  },
  'a listed folder holds for what is under it': async ({ make }) => {
    const lists = await make();
    await lists.add({ id: 'dir', effect: 'blocked', url: 'example.com/dir/' });
    assertEqual('a page under it', lists.judge({ expressions: page }), { effect: 'blocked', rule: 'dir' });
    assertEqual('the root', lists.judge({ expressions: root }), undefined);
  },
  'a listed page holds for no other page': async ({ make }) => {
    const lists = await make();
    await lists.add({ id: 'page', effect: 'blocked', url: 'http://example.com/dir/other' });
    assertEqual('another page', lists.judge({ expressions: page }), undefined);
    await lists.add({ id: 'page', effect: 'blocked', url: 'http://example.com/dir/page' });
    assertEqual('the page', lists.judge({ expressions: page }), { effect: 'blocked', rule: 'page' });
  },
  'approved beats blocked, in whatever order they came and by whatever they hold': async ({ make }) => {
    for (const order of [['approved', 'blocked'], ['blocked', 'approved']] as const) {
      const lists = await make();
      for (const effect of order) {
        await lists.add({ id: `hash ${effect}`, effect, sha256: toHex(digest) });
      }
      assertEqual(`hash, ${order.join(' then ')}`, lists.judge({ sha256: digest })?.effect, 'approved');
    }
    const lists = await make();
    await lists.add({ id: 'exact', effect: 'blocked', url: 'sub.example.com/dir/page' });
    await lists.add({ id: 'wide', effect: 'approved', url: 'example.com/' });
    assertEqual('URL', lists.judge({ expressions: page }), { effect: 'approved', rule: 'wide' });
    await lists.add({ id: 'hash', effect: 'blocked', sha256: toHex(digest) });
    assertEqual('hash and URL', lists.judge({ sha256: digest, expressions: page }), { effect: 'approved', rule: 'wide' });
  },
  'a rule runs out at its instant, to the millisecond': async ({ make, clock }) => {
    const lists = await make();
    await lists.add({ id: 'short', effect: 'approved', sha256: toHex(digest), untilAt: clock.now() + 1_000 });
    await clock.advance(999);
    assertEqual('a millisecond before', lists.judge({ sha256: digest })?.effect, 'approved');
    await clock.advance(1);
    assertEqual('at the instant', lists.judge({ sha256: digest }), undefined);
  },
  'when an approval runs out, what it covered is blocked again': async ({ make, clock }) => {
    const lists = await make();
    await lists.add({ id: 'always', effect: 'blocked', url: 'example.com/' });
    await lists.add({ id: 'short', effect: 'approved', url: 'example.com/', untilAt: clock.now() + 1_000 });
    assertEqual('before', lists.judge({ expressions: root })?.effect, 'approved');
    await clock.advance(1_000);
    assertEqual('after', lists.judge({ expressions: root }), { effect: 'blocked', rule: 'always' });
  },
  'a rule with the same id replaces the earlier one whole': async ({ make }) => {
    const lists = await make();
    await lists.add({ id: 'one', effect: 'blocked', sha256: toHex(digest) });
    await lists.add({ id: 'one', effect: 'approved', url: 'example.com/' });
    assertEqual('the earlier hash', lists.judge({ sha256: digest }), undefined);
    assertEqual('the new URL', lists.judge({ expressions: root }), { effect: 'approved', rule: 'one' });
    assertEqual('number of rules', (await toArray(lists.entries())).length, 1);
  },
  'a removed rule no longer holds, the others do': async ({ make }) => {
    const lists = await make();
    await lists.add({ id: 'one', effect: 'blocked', sha256: toHex(digest) });
    await lists.add({ id: 'two', effect: 'blocked', sha256: toHex(digest) });
    await lists.add({ id: 'three', effect: 'approved', url: 'example.com/' });
    await lists.remove('one');
    await lists.remove('three');
    await lists.remove('never there');
    assertEqual('hash', lists.judge({ sha256: digest }), { effect: 'blocked', rule: 'two' });
    assertEqual('URL', lists.judge({ expressions: page }), undefined);
  },
  'entries are the rules as they are, each once': async ({ make, clock }) => {
    const lists = await make();
    const rules: ListRule[] = [
      { id: 'one', effect: 'blocked', sha256: toHex(digest) },
      { id: 'two', effect: 'approved', url: 'example.com/dir/', untilAt: clock.now() + 5_000 },
      { id: '__proto__', effect: 'blocked', sha256: toHex(otherDigest) },
    ];
    for (const rule of rules) {
      await lists.add(rule);
    }
    const entries = await toArray(lists.entries());
    assertSameSet('ids', entries.map((rule) => rule.id), rules.map((rule) => rule.id));
    for (const rule of rules) {
      const entry = entries.find((one) => one.id === rule.id);
      assertEqual(`effect and end of ${rule.id}`, [entry?.effect, entry?.untilAt, entry?.sha256], [rule.effect, rule.untilAt, rule.sha256]);
      assertEqual(`${rule.id} is a rule for a URL`, entry?.url !== undefined, rule.url !== undefined);
    }
  },
  'a rule for nothing, or for two things, is refused': async ({ make }) => {
    const lists = await make();
    for (const rule of [{ id: 'none', effect: 'blocked' }, { id: 'both', effect: 'approved', sha256: toHex(digest), url: 'example.com/' }] as const) {
      const error = await assertRejects(`rule ${rule.id}`, () => lists.add(rule));
      assertEqual(`error for rule ${rule.id}`, error instanceof Error ? error.name : error, 'TypeError');
    }
    assertEqual('judgement', lists.judge({ sha256: digest, expressions: root }), undefined);
  },
  'a URL that is none is refused with url-invalid, and the rule that was there stays': async ({ make }) => {
    const lists = await make();
    await lists.add({ id: 'one', effect: 'blocked', url: 'example.com/' });
    await assertRejects('rule for no URL', () => lists.add({ id: 'one', effect: 'approved', url: 'http://' }), 'url-invalid');
    assertEqual('judgement', lists.judge({ expressions: root }), { effect: 'blocked', rule: 'one' });
  },
};

const durableTests: SuiteTests<Fixture> = {
  'rules are there after reopening': async ({ make, reopen }) => {
    const lists = await make();
    await lists.add({ id: 'one', effect: 'blocked', sha256: toHex(digest) });
    await lists.add({ id: 'two', effect: 'approved', url: 'example.com/' });
    await lists.add({ id: 'gone', effect: 'blocked', url: 'example.org/' });
    await lists.remove('gone');
    const again = await reopen(lists);
    assertEqual('hash', again.judge({ sha256: digest }), { effect: 'blocked', rule: 'one' });
    assertEqual('URL', again.judge({ expressions: page }), { effect: 'approved', rule: 'two' });
    assertEqual('removed', again.judge({ expressions: foreign }), undefined);
  },
};
