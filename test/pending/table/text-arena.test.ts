import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packSubject } from '../../../src/pending/subject-record.js';
import { TextArena } from '../../../src/pending/table/text-arena.js';
import { decodeText, encodeText, mostBytes } from '../../../src/pending/table/text-codec.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { anySubject, fileAt } from '../subjects.js';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 100);

function coded(text: string): Uint8Array {
  const bytes = new Uint8Array(mostBytes(text));
  return bytes.slice(0, encodeText(text, bytes));
}

describe('abbreviated texts', () => {
  const hex = fc.stringMatching(/^[0-9a-f]{60,140}$/);
  const piece = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), hex, fc.constantFrom('","file","', '","url","', ']],1,"file","', '","unreachable",0,[["file-sha256",1', '\u{feff}', 'ÿõ'));

  it('come back as they were, whatever they hold', () => {
    fc.assert(fc.property(fc.array(piece, { maxLength: 8 }).map((all) => all.join('')), (text) => decodeText(coded(text)) === text), { numRuns: numRuns * 10 });
    fc.assert(fc.property(anySubject.map((subject) => packSubject(subject)!), (text) => decodeText(coded(text)) === text), { numRuns: numRuns * 3 });
  });

  it('of files at ordinary paths take two thirds of their length', () => {
    const text = packSubject(fileAt('ab'.repeat(32), '/home/user/projects/some-application/node_modules/package/dist/file-1.js', { fingerprints: [{ kind: 'file', algorithm: 'sha256', hash: new Uint8Array(32).fill(0xab), size: 4711 }] }))!;
    expect(coded(text).length).toBeLessThan(0.67 * text.length);
  });
});

describe('an arena of texts', () => {
  it('says what was put into it over any coming and going, in memory of twice the texts at most', () => {
    const random = createSeededRandom(5);
    const arena = new TextArena();
    const there = new Map<number, readonly [string, string, string]>();
    let next = 0;
    for (let round = 0; round < 20_000; round++) {
      if (random() < (Math.floor(round / 5000) % 2 === 0 ? 0.7 : 0.35)) {
        const number = next++;
        const texts = [`id ${number}`, `ü${number}`, String(number).repeat(random() < 0.001 ? 60_000 : 50)] as const;
        there.set(arena.add({ first: texts[0], second: texts[1], third: texts[2] }), texts);
      } else {
        const [reference] = [...there.keys()].slice(Math.floor(random() * Math.min(there.size, 50)));
        if (reference !== undefined) {
          arena.remove(reference);
          there.delete(reference);
        }
      }
      const sparse = arena.sparse();
      if (sparse !== undefined) {
        [...there].forEach(([reference, texts]) => {
          const moved = arena.moved(reference, sparse);
          there.delete(reference);
          there.set(moved, texts);
        });
        expect(arena.allocated).toBeLessThanOrEqual(2 * arena.live + (5 << 18));
      }
    }
    for (const [reference, texts] of there) {
      expect([arena.first(reference), arena.second(reference), arena.third(reference)]).toEqual(texts);
    }
    expect(there.size).toBeGreaterThan(100);
  });

  it('knows its first texts from all others', () => {
    const arena = new TextArena();
    const all = ['a', 'ab', 'Ã', 'Ã\u0083', 'ü', 'Ã¼', '', '\u{1f600}', '\ud83d'];
    const references = all.map((first) => arena.add({ first, second: '', third: '' }));
    expect(references.map((reference) => all.filter((text) => arena.isFirst(reference, text)))).toEqual(all.map((text) => [text]));
  });

  it('refuses what no record can hold, and references to nothing', () => {
    const arena = new TextArena();
    expect(() => arena.add({ first: 'x'.repeat(65_536), second: '', third: '' })).toThrow(RangeError);
    expect(() => arena.third(12)).toThrow(RangeError);
  });
});
