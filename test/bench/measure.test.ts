import { describe, expect, it } from 'vitest';
import type { Engine } from '../../bench/definition.js';
import { Unavailable } from '../../bench/definition.js';
import { withHosts } from '../../bench/host-engine.js';
import { measure } from '../../bench/measure/measure.js';
import type { EngineResult } from '../../bench/measure/result.js';
import { ratiosOf, spreadOf } from '../../bench/measure/spread.js';
import { context, counter, plan, toyDefinition } from './toy.js';

async function resultsOf(engines: readonly Engine<number>[], change: Partial<typeof plan> = {}): Promise<readonly EngineResult[]> {
  const { engines: results } = await measure(toyDefinition(engines), { engines, context, plan: { ...plan, ...change } });
  return results;
}

/** What a wrong engine must come to: said so, and without any time. */
function isMarkedWrong(result: EngineResult | undefined): boolean {
  return result?.kind === 'wrong' && !JSON.stringify(result).includes('perSecond');
}

const lazy = counter('lazy', { count: () => 0 });

describe('measuring', () => {
  it('gives every right engine a rate and a ratio to the baseline of the same rounds', async () => {
    const results = await resultsOf([counter('plain'), counter('other')]);
    expect(results.map(({ kind, engine }) => [engine, kind])).toEqual([['plain', 'measured'], ['other', 'measured']]);
    for (const result of results) {
      expect(result).toMatchObject({ amount: 100, rounds: 3, perSecond: { median: expect.any(Number) }, ratio: { median: expect.any(Number) } });
    }
    expect(results[0]).toMatchObject({ ratio: { median: 1, low: 1, high: 1 } });
  });

  it('marks a wrong engine and does not time it, with what was expected and what came', async () => {
    const results = await resultsOf([counter('plain'), lazy]);
    expect(isMarkedWrong(results[1])).toBe(true);
    expect(results[1]).toEqual({ engine: 'lazy', kind: 'wrong', expected: 'counted to 1', got: 'counted to 0', amount: 1 });
  });

  it('would time the wrong engine if answers were not checked: the same check notices', async () => {
    const unchecked = { ...lazy, expected: () => 'counted to 0' };
    const results = await resultsOf([counter('plain'), unchecked]);
    expect(isMarkedWrong(results[1])).toBe(false);
  });

  it.each([1, 3, 5])('takes away the times of an engine that is wrong from its pass %i on', async (from) => {
    const results = await resultsOf([counter('plain'), counter('turns', { count: (amount, pass) => (pass < from ? amount : 0) })]);
    expect(isMarkedWrong(results[1])).toBe(true);
  });

  it('has no ratios when the baseline is wrong', async () => {
    const results = await resultsOf([counter('plain', { count: () => 0 }), counter('other')]);
    expect(results[1]).toMatchObject({ kind: 'measured', engine: 'other' });
    expect(results[1]).not.toHaveProperty('ratio');
  });

  it('lists an engine that cannot take part as skipped, one that fails as failed, and measures the others', async () => {
    const absent: Engine<number> = { name: 'absent', start: () => Promise.reject(new Unavailable('not installed')) };
    const broken: Engine<number> = { ...counter('broken', { count: () => { throw new Error('broken by itself'); } }) };
    const results = await resultsOf([counter('plain'), absent, broken]);
    expect(results.map(({ kind }) => kind)).toEqual(['measured', 'skipped', 'failed']);
    expect(results.slice(1)).toEqual([
      { engine: 'absent', kind: 'skipped', reason: 'not installed' },
      { engine: 'broken', kind: 'failed', reason: 'broken by itself' },
    ]);
  });

  it('skips an engine that is too slow for the smallest pass, after the probe alone', async () => {
    const log: string[] = [];
    const results = await resultsOf([counter('plain', { log })], { patienceMs: -1 });
    expect(results[0]).toMatchObject({ kind: 'skipped', reason: expect.stringContaining('too slow') as string });
    expect(log).toEqual(['plain']);
  });

  it('measures an engine on the smallest step when the next one would take too long', async () => {
    expect((await resultsOf([counter('plain')], { passMs: -1 }))[0]).toMatchObject({ amount: 10 });
  });

  it('lets the engines take turns, each round beginning with another one', async () => {
    const log: string[] = [];
    await resultsOf([counter('plain', { log }), counter('b', { log }), counter('c', { log })]);
    const choosing = 3 * 3;
    const warming = 3;
    const rounds = log.slice(choosing + warming).join(' ');
    expect(rounds).toBe('plain b c b c plain c plain b');
  });

  it('closes what it has opened, whatever became of it', async () => {
    const closed: string[] = [];
    const closing = (engine: Engine<number>): Engine<number> => ({
      ...engine,
      start: async (...given) => ({ ...(await engine.start(...given)), close: () => void closed.push(engine.name) }),
    });
    await resultsOf([closing(counter('plain')), closing(lazy)]);
    expect(closed).toEqual(['plain', 'lazy']);
  });

  it('measures the parts of hosts beside ours, under their names', () => {
    const engines = withHosts(toyDefinition([counter('plain')]), [{ name: 'mine' }]);
    expect(engines.map(({ name }) => name)).toEqual(['plain', 'mine (own)']);
  });
});

describe('spreads', () => {
  it.each([
    [[3], { median: 3, low: 3, high: 3 }],
    [[3, 1], { median: 2, low: 1, high: 3 }],
    [[5, 1, 3], { median: 3, low: 1, high: 5 }],
    [[4, 1, 3, 10], { median: 3.5, low: 1, high: 10 }],
  ])('of %j are %j', (values, spread) => {
    expect(spreadOf(values)).toEqual(spread);
  });

  it('of ratios are taken round by round, as far as both were there', () => {
    expect(ratiosOf([2, 6, 12], [1, 2])).toEqual([2, 3]);
    expect(ratiosOf([2, 6], [])).toEqual([]);
  });
});
