import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { laneOf } from '../../src/pending/lanes.js';
import { Lanes, type Waiting } from './plain-lanes.js';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 100);

const waiting = (lane: string, order: number, identity = `${lane} ${order}`): Waiting => ({ lane, order, identity });
const all = (): boolean => true;

describe('the lane of a subject', () => {
  it.each([
    ['http://example.com/a', 'url example.com'],
    ['https://a.b.EXAMPLE.com:8080/x?y#z', 'url example.com'],
    ['http://user:pw@evil.example/@host', 'url evil.example'],
    ['http://192.168.0.1/x', 'url 192.168.0.1'],
    ['http://[2001:db8::1]:80/x', 'url [2001:db8::1]'],
    ['example.com/path', 'url example.com'],
    ['http:\\\\example.com\\x', 'url '],
    ['', 'url '],
  ])('of the URL %j is %j', (url, lane) => {
    expect(laneOf({ kind: 'url', url })).toBe(lane);
  });

  it('is the kind of what has no site', () => {
    expect([laneOf({ kind: 'file' }), laneOf({ kind: 'digest' }), laneOf({ kind: 'url' })]).toEqual(['file', 'digest', 'url']);
  });

  it('is found for any text, in time that its length does not square', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (url) => laneOf({ kind: 'url', url }).startsWith('url ')), { numRuns });
    expect(laneOf({ kind: 'url', url: '/'.repeat(2_000_000) })).toBe('url ');
  });
});

describe('lanes', () => {
  it('take turns, each with its oldest first, and go on where the last call ended', () => {
    const lanes = new Lanes<Waiting>();
    ['flood', 'flood', 'flood', 'flood', 'a', 'b', 'a'].forEach((lane, order) => lanes.add(waiting(lane, order)));
    const first = lanes.take(4, all);
    expect(first.map((one) => one.identity)).toEqual(['flood 0', 'a 4', 'b 5', 'flood 1']);
    const left = lanes.take(9, (one) => !first.includes(one));
    expect(left.map((one) => one.identity)).toEqual(['a 6', 'flood 2', 'flood 3']);
  });

  it('know an older twin first, and the younger one when that is gone', () => {
    const lanes = new Lanes<Waiting>();
    const [young, old] = [waiting('a', 7, 'same'), waiting('a', 3, 'same')];
    lanes.add(young);
    lanes.add(old);
    expect(lanes.same('same')).toBe(old);
    expect(lanes.take(2, all)).toEqual([old, young]);
    lanes.delete(old);
    expect(lanes.same('same')).toBe(young);
    lanes.delete(young);
    expect([lanes.same('same'), lanes.isEmpty]).toEqual([undefined, true]);
  });

  it('let nobody wait for more calls than there are lanes and older entries of its own', () => {
    const entry = fc.record({ lane: fc.constantFrom('a', 'b', 'c', 'd'), order: fc.nat({ max: 1000 }) });
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: (one) => one.order, minLength: 1, maxLength: 40 }), (given) => {
        const lanes = new Lanes<Waiting>();
        const entries = given.map(({ lane, order }) => waiting(lane, order));
        entries.forEach((one) => lanes.add(one));
        const target = entries.at(-1)!;
        const older = entries.filter((one) => one.lane === target.lane && one.order < target.order).length;
        const mostCalls = (older + 1) * new Set(['a', ...entries.map((one) => one.lane)]).size;
        for (let call = 0; call < mostCalls; call++) {
          const [taken] = lanes.take(1, all);
          if (taken === target) {
            return;
          }
          lanes.delete(taken!);
          // The flood goes on for ever.
          lanes.add(waiting('a', 2000 + call));
        }
        throw new Error(`${target.identity} is still waiting`);
      }),
      { numRuns },
    );
  });
});
