import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Slice } from '../../bench/haystacks/corpus/corpus.js';
import { bytesOf, kinds } from '../../bench/haystacks/corpus/corpus.js';
import { occurrencesOf, splitAtAnyGap } from '../../bench/haystacks/corpus/occurrences.js';
import { quickCorpus } from '../../bench/haystacks/corpus/quick-corpus.js';
import { truthOf } from '../../bench/haystacks/corpus/truth.js';
import type { BenchSignature } from '../../bench/inputs/signature-set.js';
import { signatureSet } from '../../bench/inputs/signature-set.js';
import { regexOf } from '../../bench/inputs/signature-text.js';
import { occurringIn } from '../../bench/haystacks/window-table.js';

const corpus = quickCorpus();
const literalNode = (value: Buffer) => ({ kind: 'bytes', value, mask: new Uint8Array(value.length).fill(0xff) }) as const;

/** Few values, so that bodies overlap, repeat and begin alike. */
const byte = fc.constantFrom(0x00, 0x41);
const literal = fc.array(byte, { minLength: 8, maxLength: 11 }).map((all) => Buffer.from(all));
const haystack = fc.array(byte, { maxLength: 120 }).map((all) => Buffer.from(all));

function placesByIndexOf(value: Buffer, bytes: Buffer): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(value); at !== -1; at = bytes.indexOf(value, at + 1)) {
    places.push(at);
  }
  return places;
}

describe('what the corpus holds', () => {
  it('is found where Buffer.indexOf finds it, each time', () => {
    fc.assert(
      fc.property(fc.array(literal, { maxLength: 6 }), haystack, (literals, bytes) => {
        const found = occurrencesOf(literals.map((value) => ({ nodes: [literalNode(value)] })), bytes);
        const places = literals.map((_, i) => found.filter(({ signature }) => signature === i).map(({ from }) => from).sort((a, b) => a - b));
        expect(places).toEqual(literals.map((value) => placesByIndexOf(value, bytes)));
        expect(occurringIn(bytes, literals)).toEqual(literals.map((value) => bytes.includes(value)));
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) },
    );
  });

  it('is refused where a part does not begin with eight given bytes', () => {
    expect(() => occurrencesOf([{ nodes: [literalNode(Buffer.from('seven..'))] }], Buffer.alloc(9))).toThrow(RangeError);
  });
});

/** JavaScript's own regular expressions over the slice itself. */
function byRegExp(signatures: readonly BenchSignature[], bytes: Buffer): number[] {
  const text = bytes.toString('latin1');
  const lines = regexOf(signatures).trimEnd().split('\n').map((line) => line.split('\t'));
  return lines.flatMap(([index, source]) => (new RegExp(source!, 's').test(text) ? [Number(index)] : []));
}

describe.each([false, true])('what a slice holds, wildcards: %s', (wildcards) => {
  const signatures = signatureSet(corpus.literals, { count: 600, wildcards });
  const occurrences = occurrencesOf(signatures, corpus.bytes);
  const parts = signatures.map(({ nodes }) => splitAtAnyGap(nodes).length);
  const slices: Slice[] = [{ content: 'mixed', share: 1 }, { content: 'mixed', share: 4 }, ...kinds.map((content) => ({ content, share: 1 }))];

  it.each(slices)('is what regular expressions find in $content / $share', (slice) => {
    const { signatures: found } = truthOf(slice, { occurrences, count: 600, description: corpus.description, parts: (i) => parts[i]! });
    expect(found).toEqual(byRegExp(signatures, bytesOf(corpus, slice)));
  });

  it('is less for fewer signatures, and something', () => {
    const truth = (count: number) => truthOf({ content: 'mixed', share: 1 }, { occurrences, count, description: corpus.description, parts: (i) => parts[i]! });
    expect(truth(600).signatures.length).toBeGreaterThan(truth(40).signatures.length);
    expect(truth(40).signatures.length).toBeGreaterThan(5);
  });
});
