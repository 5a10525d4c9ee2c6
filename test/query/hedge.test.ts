/** The second server that is asked when the first one takes unusually long. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterAnswer, emptySample, hedgeAfterMs, leastHedgeMs, leastSample, sampleSize } from '../../src/query/decide/hedge.js';
import { after, answersOne, ask, callCounts, scene } from './scene.js';
import { fails, hangs } from './scripted-source.js';
import type { LatencySample } from '../../src/query/decide/hedge.js';
import type { Step } from './scripted-source.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const sampleOf = (values: readonly number[]): LatencySample => values.reduce(afterAnswer, emptySample);

describe('the time after which an attempt is hedged', () => {
  it.each<[string, readonly number[], number | undefined]>([
    ['nothing is known', [], undefined],
    ['too little is known', new Array<number>(leastSample - 1).fill(50), undefined],
    ['all took the same', new Array<number>(leastSample).fill(50), 50],
    ['one of twenty was slow', [...new Array<number>(19).fill(50), 900], 50],
    ['two of twenty were slow', [...new Array<number>(18).fill(50), 900, 800], 800],
    ['all were fast', new Array<number>(100).fill(0.5), leastHedgeMs],
  ])('%s', (_, values, expected) => {
    expect(hedgeAfterMs(sampleOf(values))).toBe(expected);
  });

  it('is above 95 of 100 of the latest answers, and the sample stays small', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 5, max: 5_000 }), { minLength: leastSample, maxLength: 400 }), (values) => {
        const sample = sampleOf(values);
        const latest = values.slice(-sampleSize);
        expect([...sample.values].sort()).toEqual([...latest].sort());
        const atMs = hedgeAfterMs(sample)!;
        expect(latest.filter((one) => one <= atMs).length).toBeGreaterThanOrEqual(0.95 * latest.length);
        expect(latest.filter((one) => one < atMs).length).toBeLessThan(0.95 * latest.length);
      }),
      runs,
    );
  });
});

describe('a hedged question', () => {
  /** A first server that has answered in 20 ms so far and then does as told, and a second one that answers in 20 ms. */
  async function hedged(step: Step, options: { readonly hedge?: boolean } = { hedge: true }) {
    const one = scene([(call) => (call < 25 ? after(20, answersOne()) : step), () => after(20, answersOne())], options);
    for (let i = 0; i < 25; i++) {
      await ask(one);
    }
    return one;
  }

  it('is answered by the second server when the first is slow, and the first is called off', async () => {
    const one = await hedged(hangs);
    const { outcomes, tookMs } = await ask(one);
    expect(outcomes).toMatchObject([{ kind: 'answered', from: 'b' }]);
    expect(tookMs).toBe(40);
    expect(one.servers[0]!.calls[25]!.signal.aborted).toBe(true);
    expect(one.clock.sleeping).toBe(0);
    expect(one.client.inFlight()).toBe(0);
  });

  it('is answered by the first all the same when that is faster', async () => {
    const one = await hedged(after(30, answersOne()));
    const { outcomes, tookMs } = await ask(one);
    expect([outcomes[0], tookMs]).toMatchObject([{ kind: 'answered', from: 'a' }, 30]);
    expect(callCounts(one)).toEqual([26, 1]);
  });

  it('is not hedged while the first takes no longer than usual', async () => {
    const one = await hedged(after(20, answersOne()));
    await ask(one);
    expect(callCounts(one)).toEqual([26, 0]);
  });

  it('is none where hedging is off', async () => {
    const one = await hedged(hangs, {});
    expect((await ask(one)).tookMs).toBe(3_020);
  });

  it('asks one further server, not all of them', async () => {
    const one = scene([(call) => (call < 25 ? after(20, answersOne()) : hangs), () => hangs, () => 'answers'], { hedge: true });
    for (let i = 0; i < 25; i++) {
      await ask(one);
    }
    const asked = one.client.ask([{ kind: 'file', algorithm: 'sha256', hash: new Uint8Array(32) }], {});
    await one.clock.advance(1_000);
    expect(callCounts(one)).toEqual([26, 1, 0]);
    await one.clock.run(asked);
  });

  it('is hedged once, though the second server is slower than it used to be as well', async () => {
    // Three failures close the way to the first server, so that the second one answers often enough to be known.
    const first = (call: number): Step => (call < 25 || call === 28 ? after(20, answersOne()) : call < 28 ? fails : hangs);
    const second = (call: number): Step => (call < 25 ? after(20, answersOne()) : hangs);
    const one = scene([first, second, () => 'answers'], { hedge: true });
    for (let i = 0; i < 50; i++) {
      await ask(one);
    }
    await one.clock.advance(5_000);
    await ask(one);
    expect(callCounts(one)).toEqual([29, 25, 0]);
    const asked = one.client.ask([{ kind: 'file', algorithm: 'sha256', hash: new Uint8Array(32) }], {});
    await one.clock.advance(1_000);
    expect(callCounts(one)).toEqual([30, 26, 0]);
    await one.clock.run(asked);
  });

  it('costs the retry budget: when all answers are slow, few are hedged', async () => {
    const one = await hedged(hangs);
    let hedges = 0;
    for (let i = 0; i < 40; i++) {
      // The next server's turn comes after 50 ms in any case.
      hedges += (await ask(one, [1], { holdMs: 100 })).tookMs < 50 ? 1 : 0;
    }
    // Ten that were saved up, a tenth of the questions, and one for each second that has passed.
    expect(hedges).toBeGreaterThanOrEqual(10);
    expect(hedges).toBeLessThanOrEqual(10 + 6 + 4);
  });

  it('goes on when the second server fails', async () => {
    const one = scene([(call) => (call < 25 ? after(20, answersOne()) : after(100, answersOne())), () => fails], { hedge: true });
    for (let i = 0; i < 25; i++) {
      await ask(one);
    }
    expect(await ask(one)).toMatchObject({ outcomes: [{ kind: 'answered', from: 'a' }], tookMs: 100 });
  });
});
