import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryAgeMs, entryFrom, judgeSlot, maxSlotEntries, maxTtlMs, mergeSlot } from '../../src/cache/freshness.js';
import { answerOf, entryOf, fileOf, hashOf, prefixOf, recordOf, start } from './answers.js';
import type { Moment } from '../../src/cache/freshness.js';
import type { CacheEntry } from '../../src/cache/verdict-cache.js';

const at = (ms: number, more: Partial<Moment> = {}): Moment => ({ now: start + ms, monotonicMs: ms, process: 'p', ...more });
const find = [recordOf(hashOf(1))];

describe('entryFrom', () => {
  const origin = { id: 'signed', strength: 4 };
  it.each([
    ['keeps a short life', 60_000, 0, 60_000],
    ['caps a long life at a day', 10 * maxTtlMs, 0, maxTtlMs],
    ['caps an endless life at a day', Number.POSITIVE_INFINITY, 0, maxTtlMs],
    ['cuts off up to a tenth by chance', 60_000, 0.5, 57_000],
    ['takes a negative life for none', -5, 0, 0],
    ['takes a life that is no number for none', Number.NaN, 0, 0],
  ])('%s', (_, ttlMs, chance, expected) => {
    expect(entryFrom(answerOf({ ttlMs }), origin, { ...at(0), random: () => chance }).ttlMs).toBe(expected);
  });

  it('spreads the expiry of answers that came together over a tenth of their life', () => {
    const chances = Array.from({ length: 100 }, (_, i) => i / 100);
    const lives = chances.map((chance) => entryFrom(answerOf({ ttlMs: 3_600_000 }), origin, { ...at(0), random: () => chance }).ttlMs);
    expect(new Set(lives).size).toBe(100);
    expect(Math.max(...lives) - Math.min(...lives)).toBeGreaterThan(300_000);
    expect(Math.max(...lives)).toBe(3_600_000);
  });

  it('copies bytes out of the response that they came in', () => {
    const body = new Uint8Array(1_000_000);
    const answer = answerOf({ asked: body.subarray(10, 14), records: [recordOf(body.subarray(100, 132))] });
    const entry = entryFrom(answer, origin, { ...at(0), random: () => 0 });
    expect(entry.answer.asked.buffer.byteLength).toBe(4);
    expect(entry.answer.records[0]?.hash.buffer.byteLength).toBe(32);
  });
});

describe('entryAgeMs', () => {
  it.each([
    ['both clocks agree', {}, at(500), 500],
    ['the wall clock was put back: the monotonic age stands', {}, at(500, { now: start - 3_600_000 }), 500],
    ['the wall clock was put forward (or the machine slept)', {}, at(500, { now: start + 3_600_000 }), 3_600_000],
    ['of another process: the wall clock alone', { process: 'q', receivedMonotonicMs: 9e9 }, at(500), 500],
    ['of another process and from the future: unknown', { process: 'q' }, at(500, { now: start - 1 }), Number.POSITIVE_INFINITY],
    ['of this process by a monotonic clock that has gone back: unknown', { receivedMonotonicMs: 900 }, at(500), Number.POSITIVE_INFINITY],
  ])('%s', (_, entry, moment, expected) => {
    expect(entryAgeMs(entryOf(entry), moment)).toBe(expected);
  });
});

describe('judgeSlot', () => {
  const me = fileOf(1);
  const judge = (slot: CacheEntry[], ms: number, minGeneration?: number): unknown =>
    judgeSlot(slot, me, { ...at(ms), minGeneration }).kind;

  it.each<[string, CacheEntry[], number, number | undefined, string]>([
    ['nothing kept', [], 0, undefined, 'miss'],
    ['a fresh negative', [entryOf()], 59_999, undefined, 'hit'],
    ['a negative at the end of its life', [entryOf()], 60_000, undefined, 'miss'],
    ['a fresh find', [entryOf({ records: find })], 59_999, undefined, 'hit'],
    ['a find at the end of its life', [entryOf({ records: find })], 60_000, undefined, 'stale'],
    ['a find of the least generation', [entryOf({ records: find, generation: 7 })], 0, 7, 'hit'],
    ['a find of an older generation', [entryOf({ records: find, generation: 6 })], 0, 7, 'stale'],
    ['a find without a generation', [entryOf({ records: find })], 0, 7, 'hit'],
    ['a negative of the least generation', [entryOf({ generation: 7 })], 0, 7, 'hit'],
    ['a negative of an older generation', [entryOf({ generation: 6 })], 0, 7, 'miss'],
    ['a negative without a generation', [entryOf()], 0, 7, 'miss'],
    ['a record that says clean, of an older generation', [entryOf({ records: [recordOf(hashOf(1), 'clean')], generation: 6 })], 0, 7, 'miss'],
    ['a record that says clean, expired', [entryOf({ records: [recordOf(hashOf(1), 'clean')] })], 60_000, undefined, 'miss'],
    ['a find for another hash of the prefix', [entryOf({ records: [recordOf(hashOf(1, 9))] })], 0, undefined, 'hit'],
    ['an expired find for another hash of the prefix', [entryOf({ records: [recordOf(hashOf(1, 9))] })], 60_000, undefined, 'miss'],
    ['an expired find and a weaker negative that lives', [entryOf({ records: find, ttlMs: 10 }), entryOf({ strength: 1 })], 10, undefined, 'stale'],
    ['an expired find and a weaker find that lives', [entryOf({ records: find, ttlMs: 10 }), entryOf({ strength: 1, records: find })], 10, undefined, 'hit'],
    ['an expired negative and a weaker one that lives', [entryOf({ ttlMs: 10 }), entryOf({ strength: 1 })], 10, undefined, 'hit'],
    ['a negative that is too old and a weaker one that is not', [entryOf({ generation: 6 }), entryOf({ strength: 3, generation: 7 })], 0, 7, 'hit'],
  ])('%s', (_, slot, ms, minGeneration, expected) => {
    expect(judge(slot, ms, minGeneration)).toBe(expected);
    expect(judge([...slot].reverse(), ms, minGeneration)).toBe(expected);
  });

  it('believes the stronger of two fresh answers, whichever way they differ', () => {
    const strongFind = entryOf({ records: find });
    const weakFind = entryOf({ records: find, strength: 2, from: 'foreign' });
    expect(judgeSlot([strongFind, entryOf({ strength: 2 })], me, at(0))).toMatchObject({ answer: { records: find } });
    expect(judgeSlot([weakFind, entryOf()], me, at(0))).toMatchObject({ kind: 'hit', from: 'signed', answer: { records: [] } });
  });

  it('believes the find of two answers that are equally strong', () => {
    const slot = [entryOf({ from: 'a', strength: 2 }), entryOf({ from: 'b', strength: 2, records: find })];
    expect(judgeSlot(slot, me, at(0))).toMatchObject({ kind: 'hit', from: 'b' });
  });

  it('compares the size where the record has one', () => {
    const slot = [entryOf({ records: [recordOf(hashOf(1), 'malicious', 100)] })];
    expect(judgeSlot(slot, fileOf(1, 0, 100), at(60_000)).kind).toBe('stale');
    expect(judgeSlot(slot, fileOf(1, 0, 101), at(60_000)).kind).toBe('miss');
  });

  it('says how old a hit is and when it ends', () => {
    expect(judgeSlot([entryOf()], me, at(1000))).toEqual({ kind: 'hit', answer: answerOf(), from: 'signed', ageMs: 1000, expiresAt: start + 60_000 });
  });

  it('lets no jump of the wall clock make an answer live longer than it was given', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: -1e9, max: 1e9 }), fc.boolean(), (passed, jump, isFind) => {
        const slot = [entryOf(isFind ? { records: find } : {})];
        const { kind } = judgeSlot(slot, me, at(passed, { now: start + passed + jump }));
        expect(kind === 'hit' && passed >= 60_000).toBe(false);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) },
    );
  });
});

describe('mergeSlot', () => {
  const merged = (old: CacheEntry[], entry: CacheEntry, ms = 0): string[] =>
    mergeSlot(old, entry, at(ms)).map((one) => `${one.from}${one.answer.records.length > 0 ? '+' : '-'}`);
  const e = (from: string, strength: number, facts: Parameters<typeof entryOf>[0] = {}): CacheEntry => entryOf({ from, strength, ...facts });

  it.each<[string, CacheEntry[], CacheEntry, number, string[]]>([
    ['an empty slot takes the answer', [], e('a', 4), 0, ['a-']],
    ['the same source replaces its own answer', [e('a', 4, { records: find })], e('a', 4), 0, ['a-']],
    ['a weaker one stands behind a fresh one', [e('a', 4, { records: find })], e('b', 1), 0, ['a+', 'b-']],
    ['a stronger one replaces a weaker find', [e('b', 1, { records: find })], e('a', 4), 0, ['a-']],
    ['a stronger one without generation does not replace a newer pattern', [e('b', 3, { generation: 7, records: find })], e('a', 4), 0, ['a-', 'b+']],
    ['a newer generation replaces an older find', [e('a', 4, { generation: 6, records: find })], e('b', 4, { generation: 7 }), 0, ['b-']],
    ['an older generation does not replace a newer find', [e('a', 4, { generation: 7, records: find })], e('b', 4, { generation: 6 }), 0, ['a+', 'b-']],
    ['an expired negative goes', [e('a', 4, { ttlMs: 10 })], e('b', 1), 10, ['b-']],
    ['an expired find stays beside a weaker negative', [e('a', 4, { ttlMs: 10, records: find })], e('b', 1), 10, ['a+', 'b-']],
    ['an expired find stays beside an equal source that has its own mind', [e('a', 2, { ttlMs: 10, records: find })], e('b', 2), 10, ['a+', 'b-']],
    ['an expired find goes when its own source takes it back', [e('a', 2, { ttlMs: 10, records: find })], e('a', 2), 10, ['a-']],
    ['an answer that lives no moment is not kept', [], e('a', 4, { ttlMs: 0 }), 0, []],
  ])('%s', (_, old, entry, ms, expected) => {
    expect(merged(old, entry, ms)).toEqual(expected);
  });

  it('keeps four entries at most, strongest first, and never mutates the old slot', () => {
    const old = Object.freeze(['a', 'b', 'c', 'd'].map((from) => Object.freeze(e(from, 2, { records: find }))));
    expect(merged([...old], e('z', 4, { generation: 1 }))).toEqual(['z-']);
    expect(merged([...old], e('z', 1))).toEqual(['a+', 'b+', 'c+', 'd+']);
    const five = mergeSlot(old, e('y', 2, { records: find }), at(0));
    expect(five).toHaveLength(maxSlotEntries);
    expect(five[0]?.from).toBe('y');
  });

  it('never lets a weaker answer change what a fresh stronger one says', () => {
    const strengths = fc.integer({ min: 1, max: 4 });
    const facts = fc.record({ strength: strengths, isFind: fc.boolean(), generation: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }) });
    fc.assert(
      fc.property(facts, facts, (first, second) => {
        fc.pre(second.strength < first.strength);
        const make = (from: string, { strength, isFind, generation }: typeof first): CacheEntry =>
          entryOf({ from, strength, generation, records: isFind ? find : [] });
        const slot = mergeSlot(mergeSlot([], make('strong', first), at(0)), make('weak', second), at(1));
        expect(judgeSlot(slot, fileOf(1), at(2))).toMatchObject({ kind: 'hit', from: 'strong' });
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) },
    );
  });
});

it('prefixes of the test words are four bytes', () => {
  expect(prefixOf(0x01020304)).toEqual(Uint8Array.of(1, 2, 3, 4));
});
