import { describe, expect, it } from 'vitest';
import { AnchorChooser, laneWidths } from '../../src/pattern/anchors/choose-anchors.js';
import { choosePairs } from '../../src/scan/search/anchor-pairs.js';
import type { SegmentNode } from '../../src/scan/verify/split.js';

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

describe('the choice of an anchor', () => {
  const chosenOf = (...nodes: SegmentNode[]): number | undefined => {
    const lane = new AnchorChooser().choose(nodes)?.[0]?.lane;
    return lane === undefined ? undefined : laneWidths[lane];
  };

  it('takes eight exact bytes where there are any, else five or four, and nothing else', () => {
    expect(chosenOf(text('abcdefgh'))).toBe(8);
    expect(chosenOf(text('abcdefg'))).toBe(5);
    expect(chosenOf(text('abcd'))).toBe(4);
    expect(chosenOf(text('abcd'), { kind: 'gap', min: 0, max: 9 }, text('abcdefgh'))).toBe(8);
    expect(chosenOf(masked('61626364??616263646566'))).toBe(5);
    expect(chosenOf(masked('616263??616263'))).toBeUndefined();
    expect(chosenOf(either('abcdefgh', 'abcd'))).toBe(4);
    expect(chosenOf(either('abcdefgh', 'abc'))).toBeUndefined();
  });

  it('counts a letter in either case as exact, and nothing else under that mask', () => {
    const caseless = (value: string): SegmentNode => ({ kind: 'bytes', value: Buffer.from(value), mask: new Uint8Array(value.length).fill(0xdf) });
    expect(chosenOf(caseless('ABCDEFGH'))).toBe(8);
    expect(chosenOf(caseless('ABCD@FGH'))).toBe(4);
    expect(chosenOf(caseless('ABC@EFG'))).toBeUndefined();
  });

  it('takes rare bytes rather than common ones, and no padding', () => {
    const chosen = (value: string): string => {
      const [anchor] = new AnchorChooser().choose([text(value)])!;
      return value.slice(anchor!.offset, anchor!.offset + laneWidths[anchor!.lane]!);
    };
    expect(chosen('return the value Q^7x\x90\xf1%~ of the')).toContain('^7x');
    expect(chosen('\xf4\xf4\xf4\xf4\xf4\xf4\xf4\xf4 the value')).not.toContain('\xf4\xf4\xf4');
  });

  it('asks a histogram of ordinary files where there is one', () => {
    const common = 'Q^7x\x90\xf1%~';
    const histogram = { countOf: (bytes: Uint8Array, at: number) => (common.includes(Buffer.from(bytes.subarray(at, at + 5)).toString('latin1')) ? 1000 : 1) };
    const [anchor] = new AnchorChooser(histogram).choose([text(`the whole value ${common} the whole value`)])!;
    expect(Math.abs(anchor!.offset - 16)).toBeGreaterThan(3);
  });

  it('avoids what others have chosen before', () => {
    const chooser = new AnchorChooser();
    const value = '\x90Q^7\xf1%~\x80 and \x91W^8\xf2%~\x81';
    const offsets = Array.from({ length: 6 }, () => chooser.choose([text(value)])![0]!.offset);
    expect(new Set(offsets).size).toBeGreaterThan(1);
  });

  it('says where more bytes stand that turn away what has only the anchor', () => {
    for (const length of [4, 5, 7, 8, 9, 12, 15, 16, 27, 32, 40, 300]) {
      const value = Array.from({ length }, (_, i) => String.fromCharCode(0x80 + ((i * 37) % 120))).join('');
      const { lane, offset, distance, checkBytes } = new AnchorChooser().choose([text(value)])![0]!;
      const from = offset + distance;
      expect(from).toBeGreaterThanOrEqual(0);
      expect(from + checkBytes).toBeLessThanOrEqual(length);
      expect([4, 8, 12, 16, 20, 24, 28, 32]).toContain(checkBytes);
      expect(distance).toBeGreaterThanOrEqual(-64);
      expect(distance).toBeLessThanOrEqual(63);
      const compared = new Set([...span(offset, laneWidths[lane]!), ...span(from, checkBytes)]);
      expect(compared.size).toBeGreaterThanOrEqual(Math.min(length - 3, 32));
    }
  });

  it('passes over bytes that say nothing new', () => {
    const { offset, distance, checkBytes } = new AnchorChooser().choose([text(`${' '.repeat(40)}\x90Q^7\xf1%~\x80 const`)])![0]!;
    expect(offset + distance + checkBytes).toBe(54);
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

function span(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}
