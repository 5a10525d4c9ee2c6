/** Sources whose "no record" says nothing, and sources that are not probed. */
import { describe, expect, it } from 'vitest';
import { ask, callCounts, scene } from './scene.js';
import { fails, fileOf } from './scripted-source.js';

const never = new AbortController().signal;

describe('a source whose silence clears nothing', () => {
  it('leaves what it has no record of to the others', async () => {
    const one = scene([{ script: () => 'answers', silence: 'abstains' }, () => 'answers']);
    const { outcomes } = await ask(one, [1]);
    expect(outcomes).toMatchObject([{ kind: 'answered', from: 'b' }]);
    expect(callCounts(one)).toEqual([1, 1]);
  });

  it('answers what it knows', async () => {
    const one = scene([{ script: () => 'lists 1', silence: 'abstains' }, () => 'answers']);
    expect((await ask(one, [1])).outcomes).toMatchObject([{ kind: 'answered', from: 'a' }]);
    expect(callCounts(one)).toEqual([1, 0]);
  });

  it('alone leaves it unanswered, is asked once, and its silence reaches no cache', async () => {
    const one = scene([{ script: () => 'answers', silence: 'abstains' }]);
    const { outcomes } = await ask(one, [1]);
    expect(outcomes).toMatchObject([{ kind: 'unanswered', reason: 'unreachable' }]);
    expect(callCounts(one)).toEqual([1]);
    expect(one.cached).toEqual([]);
    expect(one.client.servers()).toMatchObject([{ state: 'closed' }]);
  });

  it('is back when it answers a probe, whatever it has no record of', async () => {
    let isBack = false;
    const one = scene([{ script: () => (isBack ? 'answers' : fails), silence: 'abstains' }], { rounds: 1 });
    for (let i = 0; i < 3; i++) {
      await one.clock.run(one.client.ask([fileOf(i)], {}));
    }
    isBack = true;
    expect(await one.clock.run(one.client.probe({ signal: never }))).toBe(true);
  });
});

describe('a source that is not to be probed', () => {
  it('is asked questions only: it counts as back when its breaker would let one through', async () => {
    const one = scene([{ script: () => fails, probes: false }], { rounds: 1 });
    for (let i = 0; i < 3; i++) {
      await one.clock.run(one.client.ask([fileOf(i)], {}));
    }
    const calls = callCounts(one);
    expect(await one.clock.run(one.client.probe({ signal: never }))).toBe(false);
    await one.clock.advance(600_000);
    expect(await one.clock.run(one.client.probe({ signal: never }))).toBe(true);
    expect(callCounts(one)).toEqual(calls);
  });
});
