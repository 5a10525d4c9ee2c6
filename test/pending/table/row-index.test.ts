import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOf, RowIndex } from '../../../src/pending/table/row-index.js';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 100);

describe('an index of rows', () => {
  it('finds the rows that a map finds, over any coming and going, also where many have one hash', () => {
    const step = fc.record({ row: fc.nat({ max: 300 }), adds: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600 }), fc.constantFrom(1, 7, 64, 1_000_003), (steps, hashes) => {
        const hash = (row: number): number => (Math.imul(row, 2_654_435_761) >>> 0) % hashes;
        const index = new RowIndex(hash);
        const there = new Set<number>();
        for (const { row, adds } of steps) {
          if (adds && !there.has(row)) {
            index.add(row);
            there.add(row);
          } else if (!adds) {
            index.remove(row);
            there.delete(row);
          }
        }
        for (let row = 0; row <= 300; row++) {
          const found: number[] = [];
          index.find(hash(row), (one) => {
            found.push(one);
            return false;
          });
          expect(found.sort((a, b) => a - b)).toEqual([...there].filter((one) => hash(one) === hash(row)).sort((a, b) => a - b));
        }
      }),
      { numRuns: Math.ceil(numRuns / 4) },
    );
  });

  it('hashes the same texts apart under another seed', () => {
    const texts = Array.from({ length: 20_000 }, (_, i) => `file:${i}`);
    const bucket = (text: string, seed: number): number => hashOf(text, seed) % 1024;
    const crowded = texts.filter((text) => bucket(text, 1) === bucket(texts[0]!, 1));
    expect(crowded.length).toBeLessThan(60);
    expect(new Set(crowded.map((text) => bucket(text, 2))).size).toBeGreaterThan(crowded.length / 2);
  });
});
