/** First and second remedies: each with a key and an intent of its own, each with an outcome. */
import { describe, expect, it } from 'vitest';
import type { ActionHandler } from '../../src/action/action-handler.js';
import { createPolicy } from '../../src/action/create-policy.js';
import type { ActionOutcome, CheckResult } from '../../src/base/check-result.js';
import type { Json } from '../../src/base/seams.js';
import { remedyAttempts } from '../../src/engine/check/remedies.js';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import { literal, contentEntry } from '../support/feed.js';
import { createWorld, type World } from '../support/world.js';

const feed = { signatures: [literal('Local.Marker', 'local-marker')], hashes: [contentEntry('Listed.A', 'content a')] };
const policy = createPolicy('endpoint', { actions: { other: { access: 'block', remedy: 'quarantine', second: 'delete' } } });

/** A handler that does what the script says by remedy, and tells what it was asked for. */
function scripted(script: Readonly<Record<string, ActionOutcome | 'throws'>>, idempotent = true): ActionHandler & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    idempotent,
    calls,
    async apply({ decision }, { key }) {
      calls.push(`${decision.remedy} ${key.endsWith('+2') ? 'second' : 'first'}${decision.second === undefined ? '' : ' with another'}`);
      const outcome = script[decision.remedy] ?? 'throws';
      if (outcome === 'throws') {
        throw new Error(`${decision.remedy} fell over`);
      }
      return outcome;
    },
  };
}

async function checkedNow(actions: ActionHandler): Promise<CheckResult> {
  const world = await createWorld({ feed, parts: { actions, policy } });
  return world.engine.check(world.write('/m', 'a local-marker'));
}

async function drained(world: World): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for await (const result of world.engine.pending.drain()) {
    results.push(result);
  }
  return results;
}

async function flagged(actions: ActionHandler, intents: Json[] = []): Promise<World & { readonly queue: ReturnType<typeof createMemoryQueue> }> {
  const { clock } = await createWorld();
  const memory = createMemoryQueue({ clock });
  const queue: typeof memory = { ...memory, intend: (id, item, intent) => (intents.push(intent), memory.intend(id, item, intent)) };
  const world = await createWorld({ feed, without: ['filter'], parts: { actions, policy, queue, clock, openers: { file: async ({ ref }) => world.file(ref) } } });
  world.mood = 'down';
  await clock.run(world.engine.check(world.write('/a', 'content a')));
  world.mood = 'up';
  return Object.assign(world, { queue, clock });
}

describe('the attempts of a decision', () => {
  it.each([
    [{ access: 'block', remedy: 'quarantine' }, ['k quarantine']],
    [{ access: 'block', remedy: 'quarantine', second: 'delete' }, ['k quarantine', 'k+2 delete']],
    [{ access: 'block', remedy: 'quarantine', second: 'quarantine' }, ['k quarantine']],
    [{ access: 'block', remedy: 'quarantine', second: 'none' }, ['k quarantine']],
    [{ access: 'block', remedy: 'none', second: 'delete' }, ['k none']],
  ] as const)('%j', (decision, expected) => {
    expect(remedyAttempts(decision, 'k').map(({ key, remedy }) => `${key} ${remedy}`)).toEqual(expected);
  });
});

describe('the second remedy of a find of now', () => {
  const done: ActionOutcome = { kind: 'done' };
  const unable: ActionOutcome = { kind: 'unable', detail: 'in use' };
  it.each<[string, Parameters<typeof scripted>[0], string[], ActionOutcome]>([
    ['is not tried where the first is done', { quarantine: done }, ['quarantine first'], done],
    ['is not tried where the first is uncertain', { quarantine: { kind: 'uncertain', detail: '?' } }, ['quarantine first'], { kind: 'uncertain', detail: '?' }],
    ['is tried where the first is unable', { quarantine: unable, delete: done }, ['quarantine first', 'delete second'], { kind: 'done', detail: 'the first remedy was unable: in use', remedy: 'delete' }],
    ['that is unable as well says both', { quarantine: unable, delete: { kind: 'unable', detail: 'read-only' } }, ['quarantine first', 'delete second'], { kind: 'unable', detail: 'in use; delete: read-only' }],
    ['is tried where the first threw to the end', { delete: done }, [...Array<string>(3).fill('quarantine first'), 'delete second'], { kind: 'done', detail: 'the first remedy was unable: quarantine fell over', remedy: 'delete' }],
  ])('%s', async (_, script, calls, outcome) => {
    const actions = scripted(script);
    const result = await checkedNow(actions);
    expect(actions.calls).toEqual(calls);
    expect(result.outcome).toEqual(outcome);
    expect(result.decision).toEqual({ access: 'block', remedy: 'quarantine', second: 'delete' });
  });
});

describe('the remedies of a late find', () => {
  it('have an intent each on record before they are begun', async () => {
    const intents: Json[] = [];
    const actions = scripted({ quarantine: { kind: 'unable', detail: 'full' }, delete: { kind: 'done' } });
    const world = await flagged(actions, intents);
    const [result] = await world.clock.run(drained(world));
    expect(result?.outcome).toMatchObject({ kind: 'done', remedy: 'delete' });
    expect(intents).toEqual([
      { key: expect.not.stringMatching(/\+2$/), remedy: 'quarantine' },
      { key: expect.stringMatching(/\+2$/), remedy: 'delete' },
    ]);
  });

  it('keep their entry while the second one throws, and begin again with the first, which had no effect', async () => {
    const script: Record<string, ActionOutcome | 'throws'> = { quarantine: { kind: 'unable', detail: 'full' } };
    const actions = scripted(script, false);
    const world = await flagged(actions);
    expect(await world.clock.run(drained(world))).toEqual([]);
    script['delete'] = { kind: 'done' };
    const [result] = await world.clock.run(drained(world));
    expect(result?.outcome).toMatchObject({ kind: 'done', remedy: 'delete' });
    expect(actions.calls.filter((call) => call === 'quarantine first')).toHaveLength(2);
  });

  it.each([
    [true, 'done'],
    [false, 'uncertain'],
  ])('that a crash interrupted in the second one: idempotent %s, %s', async (idempotent, kind) => {
    const actions = scripted({ quarantine: { kind: 'unable', detail: 'full' }, delete: { kind: 'done' } }, idempotent);
    const world = await flagged(actions);
    for await (const entry of world.queue.list()) {
      const item = entry.items[0]?.id ?? '';
      await world.queue.intend(entry.id, item, { key: `${item}:${entry.key}+2`, remedy: 'delete' });
    }
    const [result] = await world.clock.run(drained(world));
    expect(result?.outcome?.kind).toBe(kind);
    expect(actions.calls).toHaveLength(idempotent ? 2 : 0);
  });
});
