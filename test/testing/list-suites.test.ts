/** The suites of host lists and action handler against wrong parts. */
import { describe, expect, it } from 'vitest';
import type { ActionHandler } from '../../src/action/action-handler.js';
import type { CheckResult } from '../../src/base/check-result.js';
import { toHex } from '../../src/base/bytes.js';
import { urlExpression } from '../../src/fingerprint/url-expressions.js';
import { createHostLists } from '../../src/lists/create-host-lists.js';
import type { HostLists, ListRule } from '../../src/lists/host-lists.js';
import type { TestRunner } from '../../src/testing/runner.js';
import { describeActionHandler } from '../../src/testing/suites/action-handler-suite.js';
import type { ActionHandlerFixture } from '../../src/testing/suites/action-handler-suite.js';
import { describeHostLists } from '../../src/testing/suites/host-lists-suite.js';
import type { HostListsContext } from '../../src/testing/suites/host-lists-suite.js';
import { failedTests, itCatches } from './sabotage.js';

describe('the suite of host lists', () => {
  type Create = (context: HostListsContext) => HostLists;
  const suite = (runner: TestRunner, create: Create): void => describeHostLists(runner, { name: 'under test', create });
  const good: Create = ({ clock }) => createHostLists({ expression: urlExpression, clock });
  const wrong =
    (change: (lists: HostLists, context: HostListsContext) => Partial<HostLists>): Create =>
    (context) => {
      const lists = good(context);
      return { judge: (key) => lists.judge(key), add: (rule) => lists.add(rule), remove: (id) => lists.remove(id), entries: () => lists.entries(), ...change(lists, context) };
    };
  const misread = (change: (rule: ListRule) => ListRule): Create => wrong((lists) => ({ add: (rule) => lists.add(change(rule)) }));

  itCatches<Create>(
    [
      { wrong: 'lists nothing', part: wrong(() => ({ judge: () => undefined })), caughtBy: 'a listed hash is judged, another is not' },
      { wrong: 'lists everything', part: wrong(() => ({ judge: () => ({ effect: 'approved', rule: 'one' }) })), caughtBy: 'without rules nothing is listed' },
      { wrong: 'compares hex as it is written', part: onlyLowerCase, caughtBy: 'hex digits count in either case' },
      { wrong: 'looks at the exact expression only', part: exactOnly, caughtBy: 'a listed host holds for its subdomains and all paths, not for other hosts' },
      { wrong: 'takes every rule for the whole domain', part: misread((rule) => (rule.url === undefined ? rule : { ...rule, url: 'example.com/' })), caughtBy: 'a listed subdomain does not hold for its parent' },
      { wrong: 'takes every page for its folder', part: misread((rule) => (rule.url === undefined ? rule : { ...rule, url: rule.url.replace(/[^/]*$/, '') })), caughtBy: 'a listed page holds for no other page' },
      { wrong: 'lets the first rule win', part: wrong((lists) => { const seen = new Map<string, ListRule>(); return { add: async (rule) => { const key = rule.sha256 ?? rule.url ?? ''; if (!seen.has(key)) { seen.set(key, rule); } await lists.add({ ...rule, effect: seen.get(key)?.effect ?? rule.effect }); } }; }), caughtBy: 'approved beats blocked, in whatever order they came and by whatever they hold' },
      { wrong: 'never lets a rule run out', part: misread(({ untilAt: _, ...rule }) => rule), caughtBy: 'a rule runs out at its instant, to the millisecond' },
      { wrong: 'lets rules run out a millisecond late', part: misread((rule) => (rule.untilAt === undefined ? rule : { ...rule, untilAt: rule.untilAt + 1 })), caughtBy: 'a rule runs out at its instant, to the millisecond' },
      { wrong: 'adds where it should replace', part: wrong((lists) => { let count = 0; return { add: (rule) => lists.add({ ...rule, id: `${rule.id}-${count++}` }) }; }), caughtBy: 'a rule with the same id replaces the earlier one whole' },
      { wrong: 'does not remove', part: wrong(() => ({ remove: () => Promise.resolve() })), caughtBy: 'a removed rule no longer holds, the others do' },
      { wrong: 'throws for removing what is not there', part: wrong((lists) => ({ remove: async (id) => { if (id === 'never there') { throw new Error('no rule'); } await lists.remove(id); } })), caughtBy: 'a removed rule no longer holds, the others do' },
      { wrong: 'hides rules', part: wrong((lists) => ({ async *entries() { for await (const rule of lists.entries()) { if (rule.effect === 'blocked') { yield rule; } } } })), caughtBy: 'entries are the rules as they are, each once' },
      { wrong: 'takes rules for nothing', part: wrong((lists) => ({ add: async (rule) => { if (rule.sha256 !== undefined || rule.url !== undefined) { await lists.add(rule); } } })), caughtBy: 'a rule for nothing, or for two things, is refused' },
      { wrong: 'drops the old rule before it reads the new one', part: wrong((lists) => ({ add: async (rule) => { await lists.remove(rule.id); await lists.add(rule); } })), caughtBy: 'a URL that is none is refused with url-invalid, and the rule that was there stays' },
    ],
    suite,
  );

  it('catches one that is not durable', async () => {
    const failed = await failedTests((runner) => describeHostLists(runner, { name: 'under test', create: good, reopen: (_, context) => good(context) }));
    expect(failed).toEqual(['rules are there after reopening']);
  });
});

function exactOnly({ clock }: HostListsContext): HostLists {
  const rules = new Map<string, ListRule>();
  return {
    ...createHostLists({ expression: urlExpression, clock }),
    add: async (rule) => void rules.set(urlExpression(rule.url ?? '') ?? '', rule),
    judge: ({ expressions }) => {
      const rule = rules.get(expressions?.[0] ?? '');
      return rule === undefined ? undefined : { effect: rule.effect, rule: rule.id };
    },
  };
}

function onlyLowerCase({ clock }: HostListsContext): HostLists {
  const lists = createHostLists({ expression: urlExpression, clock });
  const effects = new Map<string, ListRule>();
  return {
    ...lists,
    add: async (rule) => void effects.set(rule.sha256 ?? '', rule),
    judge: ({ sha256 }) => {
      const rule = sha256 === undefined ? undefined : effects.get(toHex(sha256));
      return rule === undefined ? undefined : { effect: rule.effect, rule: rule.id };
    },
  };
}

describe('the suite of the action handler', () => {
  type Make = (world: World) => ActionHandler;
  const suite = (runner: TestRunner, make: Make): void =>
    describeActionHandler(runner, { name: 'under test', create: () => worldWith(make) });

  it('passes a plain idempotent handler, and one that is not', async () => {
    expect(await failedTests((runner) => suite(runner, idempotent))).toEqual([]);
    expect(await failedTests((runner) => suite(runner, (world) => ({ idempotent: false, apply: async (result, { signal }) => { signal.throwIfAborted(); return world.act(result); } })))).toEqual([]);
  });

  itCatches<Make>(
    [
      { wrong: 'does nothing and says done', part: () => ({ idempotent: true, apply: async () => ({ kind: 'done' }) }), caughtBy: 'a remedy is carried out once and said to be done' },
      { wrong: 'acts on the first key only', part: (world) => { let acted = false; return { idempotent: true, apply: async (result) => { if (!acted) { acted = true; world.act(result); } return { kind: 'done' }; } }; }, caughtBy: 'different keys are different applications' },
      { wrong: 'acts again for the same key', part: (world) => ({ idempotent: true, apply: async (result) => world.act(result) }), caughtBy: 'the same key again has the effect of once' },
      { wrong: 'looks for the key before it waits', part: (world) => { const keys = new Set<string>(); return { idempotent: true, apply: async (result, { key }) => { if (keys.has(key)) { return { kind: 'not-needed' }; } await Promise.resolve(); keys.add(key); return world.act(result); } }; }, caughtBy: 'the same key twice at a time has the effect of once' },
      { wrong: 'passes over late results', part: (world) => ({ ...idempotent(world), apply: (result, options) => (result.occasion === 'now' ? idempotent(world).apply(result, options) : Promise.resolve({ kind: 'not-needed' })) }), caughtBy: 'late and retro results are taken as well' },
      { wrong: 'says done for what it cannot find', part: (world) => ({ ...idempotent(world), apply: async (result, options) => { const outcome = await idempotent(world).apply(result, options); return outcome.kind === 'unable' ? { kind: 'done' } : outcome; } }), caughtBy: 'what cannot be carried out is said or thrown, never said to be done' },
      { wrong: 'writes into the result', part: (world) => { const good = idempotent(world); return { ...good, apply: async (result, options) => { const outcome = await good.apply(result, options); Object.assign(result, { outcome }); return outcome; } }; }, caughtBy: 'the result is left as it was' },
      { wrong: 'marks the key before an abort', part: (world) => { const keys = new Set<string>(); return { idempotent: true, apply: async (result, { key, signal }) => { if (keys.has(key)) { return { kind: 'not-needed' }; } keys.add(key); signal.throwIfAborted(); return world.act(result); } }; }, caughtBy: 'a signal that has already fired ends it at once, and the key can be applied later' },
      { wrong: 'makes up an outcome', part: (world) => ({ ...idempotent(world), apply: async () => ({ kind: 'fine' as 'done' }) }), caughtBy: 'a late find without a remedy is taken, and leaves the object alone or says what it did' },
    ],
    suite,
  );
});

/** Objects by number, and how many were put away. */
interface World {
  act(result: CheckResult): { kind: 'done' } | { kind: 'unable'; detail: string };
}

function worldWith(make: (world: World) => ActionHandler): ActionHandlerFixture {
  let [objects, acted] = [0, 0];
  const world: World = {
    act(result) {
      if (result.subject.locator?.scheme !== 'object') {
        return { kind: 'unable', detail: 'no such object' };
      }
      acted++;
      return { kind: 'done' };
    },
  };
  return {
    handler: make(world),
    effects: () => acted,
    target: () => ({
      id: `r${objects}`,
      subject: { kind: 'file', label: `object ${objects}`, locator: { scheme: 'object', ref: `${objects++}` } },
      verdict: { disposition: 'malicious', threats: [{ name: 'Test', type: 'trojan' }], source: 'query', generations: {} },
      decision: { access: 'block', remedy: 'quarantine' },
      occasion: 'now',
      pending: { kind: 'none' },
      members: [],
      trace: [],
    }),
  };
}

function idempotent(world: World): ActionHandler {
  const done = new Map<string, ReturnType<World['act']>>();
  return {
    idempotent: true,
    async apply(result, { key, signal }) {
      signal.throwIfAborted();
      const before = done.get(key);
      const outcome = before ?? world.act(result);
      done.set(key, outcome);
      return outcome;
    },
  };
}
