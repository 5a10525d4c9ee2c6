import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choosePairs } from '../../src/scan/search/anchor-pairs.js';
import { int32At, WindowChooser } from '../../src/scan/search/anchor-windows.js';
import { CandidateSearch } from '../../src/scan/search/candidates.js';
import { buildPairTable } from '../../src/scan/search/pair-table.js';
import { buildWindowTable } from '../../src/scan/search/window-table.js';
import type { SegmentNode } from '../../src/scan/verify/split.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const text = (value: string): SegmentNode => ({ kind: 'bytes', value: Buffer.from(value, 'latin1'), mask: new Uint8Array(value.length).fill(255) });
const masked = (hex: string): SegmentNode => ({
  kind: 'bytes',
  value: Buffer.from(hex.replaceAll('?', '0'), 'hex'),
  mask: Buffer.from(hex.replace(/[^?]/g, 'f').replaceAll('?', '0'), 'hex'),
});
const either = (...options: string[]): SegmentNode => ({
  kind: 'alternatives',
  negated: false,
  options: options.map((option) => ({ value: Buffer.from(option, 'latin1'), mask: new Uint8Array(option.length).fill(255) })),
});

describe('the search', () => {
  const bytes = fc.array(fc.constantFrom(0x00, 0x41, 0xff), { minLength: 10, maxLength: 60 });

  it('never misses an anchor, and says which one it was', () => {
    const keys = fc.array(fc.array(fc.constantFrom(0x00, 0x41, 0xff), { minLength: 8, maxLength: 8 }), { maxLength: 4 });
    fc.assert(
      fc.property(bytes, keys, keys, fc.uniqueArray(fc.constantFrom(0, 0x41, 0x4100, 0x4141, 0xff41), { maxLength: 3 }), fc.boolean(), (haystack, wide, narrow, pairs, all) => {
        const rows = { wide: wide.map((key) => Uint8Array.from(key)), narrow: narrow.map((key) => Uint8Array.from(key.slice(0, 4))) };
        const search = new CandidateSearch(
          {
            wide: buildWindowTable(rows.wide.map((key, i) => ({ low: int32At(key, 0), high: int32At(key, 4), anchor: i }))),
            narrow: buildWindowTable(rows.narrow.map((key, i) => ({ low: int32At(key, 0), high: 0, anchor: 100 + i }))),
            pairs: buildPairTable(pairs.map((pair, i) => ({ pair, anchor: 200 + i }))),
            everywhere: all ? [300] : [],
          },
          64,
        );
        const subject = Uint8Array.from([...haystack, ...new Array<number>(8).fill(0)]);
        const cell = { bytes: subject, from: 1, to: haystack.length };
        const { positions, count } = search.search(cell);
        const visited = new Set<string>();
        for (const at of positions.subarray(0, count)) {
          search.anchorsAt(subject, at, (anchor) => visited.add(`${at}:${anchor}`));
        }
        const stands = (key: Uint8Array, at: number): boolean => key.every((byte, i) => subject[at + i] === byte);
        for (let at = cell.from; at < cell.to; at++) {
          rows.wide.forEach((key, i) => expect(visited.has(`${at}:${i}`)).toBe(stands(key, at)));
          rows.narrow.forEach((key, i) => expect(visited.has(`${at}:${100 + i}`)).toBe(stands(key, at)));
          pairs.forEach((pair, i) => expect(visited.has(`${at}:${200 + i}`)).toBe(pair === subject[at]! * 256 + subject[at + 1]!));
          expect(visited.has(`${at}:300`)).toBe(all);
        }
        expect([...positions.subarray(0, count)]).toEqual([...new Set(positions.subarray(0, count))].sort((a, b) => a - b));
      }),
      runs,
    );
  });
});

describe('the choice of an anchor', () => {
  it('takes eight exact bytes where there are any, four where there are not, and nothing else', () => {
    const widthOf = (...nodes: SegmentNode[]): number | undefined => new WindowChooser().choose(nodes)?.[0]?.width;
    expect(widthOf(text('abcdefgh'))).toBe(8);
    expect(widthOf(text('abcdefg'))).toBe(4);
    expect(widthOf(text('abcd'), { kind: 'gap', min: 0, max: 9 }, text('abcdefgh'))).toBe(8);
    expect(widthOf(masked('61626364??6162636465'))).toBe(4);
    expect(widthOf(masked('616263??616263'))).toBeUndefined();
    expect(widthOf(either('abcdefgh', 'abcd'))).toBe(4);
    expect(widthOf(either('abcdefgh', 'abc'))).toBeUndefined();
  });

  it('takes rare bytes rather than common ones, and no padding', () => {
    const chosen = (value: string): string => {
      const [anchor] = new WindowChooser().choose([text(value)])!;
      return value.slice(anchor!.offset, anchor!.offset + anchor!.width);
    };
    expect(chosen('return the value Q^7x\x90\xf1%~ of the')).toContain('^7x');
    expect(chosen('\xf4\xf4\xf4\xf4\xf4\xf4\xf4\xf4 the value')).not.toContain('\xf4\xf4\xf4');
  });

  it('avoids what others have chosen before', () => {
    const chooser = new WindowChooser();
    const value = '\x90Q^7\xf1%~\x80 and \x91W^8\xf2%~\x81';
    const offsets = Array.from({ length: 6 }, () => chooser.choose([text(value)])![0]!.offset);
    expect(new Set(offsets).size).toBeGreaterThan(1);
  });

  it('of pairs takes those that ordinary files hit least', () => {
    const [anchor] = choosePairs([masked('2020'), { kind: 'gap', min: 1, max: 2 }, masked('20f4??')], 4096)!;
    expect(anchor).toEqual({ pairs: [0x20f4], node: 2, offset: 0 });
    expect(choosePairs([masked('?4')], 4096)![0]!.pairs).toHaveLength(16 * 256);
    expect(choosePairs([masked('????')], 4096)).toBeUndefined();
    expect(choosePairs([either('ab', 'c')], 4096)!.map(({ pairs }) => pairs.length)).toEqual([1, 256]);
    expect(choosePairs([either('ab', '')], 4096)).toBeUndefined();
  });
});
