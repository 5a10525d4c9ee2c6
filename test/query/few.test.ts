/** A set of few values is a set. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Few } from '../../src/query/client/few.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const steps = fc.array(fc.tuple(fc.constantFrom('add', 'delete', 'visit and delete'), fc.constantFrom('a', 'b', 'c')), { maxLength: 20 });

it('keeps what a Set keeps, in its order', () => {
  fc.assert(fc.property(fc.constantFrom(undefined, 'a', 'b'), steps, (first, all) => {
    const few = new Few<string>(first);
    const set = new Set<string>(first === undefined ? [] : [first]);
    for (const [step, value] of all) {
      if (step === 'add') {
        few.add(value);
        set.add(value);
      } else if (step === 'delete') {
        expect(few.delete(value)).toBe(set.delete(value));
      } else {
        few.forEach((one) => one === value && few.delete(one));
        set.delete(value);
      }
      const kept: string[] = [];
      few.forEach((one) => kept.push(one));
      expect(kept).toEqual([...set]);
      expect(few.size).toBe(set.size);
      expect(['a', 'b', 'c'].map((one) => few.has(one))).toEqual(['a', 'b', 'c'].map((one) => set.has(one)));
    }
  }), runs);
});
