/** The histogram of ordinary files: made and read alike, and common where ordinary files are. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { goodwareHistogram } from '../../src/compile/goodware/histogram.js';
import { gramBits, gramBucket, openHistogram } from '../../src/pattern/anchors/gram-histogram.js';

interface Script {
  gramBucket(bytes: Uint8Array, at: number): number;
  packed(counts: Uint32Array): Uint8Array;
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('the histogram of ordinary files', () => {
  it('is counted and asked with the same buckets', async () => {
    const path = '../../scripts/histogram.mjs';
    const script = (await import(path)) as Script;
    const counts = new Uint32Array(2 ** gramBits);
    const samples = [...'abcdefghij\x00\xff\x80'].map((_, i) => bytesOf(`${i}xyz\xfe${i}`));
    samples.forEach((bytes, i) => {
      expect(script.gramBucket(bytes, 0)).toBe(gramBucket(bytes, 0));
      counts[gramBucket(bytes, 0)] = 2 ** i;
    });
    const histogram = openHistogram(script.packed(counts));
    samples.forEach((bytes, i) => expect(histogram.countOf(bytes, 0)).toBe(2 ** Math.max(1, i) - 1));
  });

  it('knows what is common', () => {
    const histogram = goodwareHistogram();
    const common = ['funct', 'retur', '     ', '\0\0\0\0\0', '\xff\xff\xff\xff\xff', 'The f'].map((text) => histogram.countOf(bytesOf(text), 0));
    const rare = Array.from({ length: 200 }, (_, i) => histogram.countOf(Uint8Array.from({ length: 5 }, (_, k) => (i * 77 + k * 131 + i * k * 29) & 255), 0)).sort((a, b) => a - b);
    expect(Math.min(...common)).toBeGreaterThan(4 * rare[100]!);
  });

  it('takes at most 256 kB', () => {
    const text = readFileSync(new URL('../../src/compile/goodware/histogram.generated.ts', import.meta.url), 'utf8');
    expect(text.length).toBeLessThan(262_144);
  });
});
