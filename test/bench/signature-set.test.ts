import { describe, expect, it } from 'vitest';
import { compileSources } from '../../src/compile/compile.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { earliestEnd } from '../../bench/haystacks/corpus/occurrences.js';
import { quickCorpus } from '../../bench/haystacks/corpus/quick-corpus.js';
import { setName, signatureSet } from '../../bench/inputs/signature-set.js';
import { ndbOf, regexOf, yaraOf } from '../../bench/inputs/signature-text.js';

const { literals } = quickCorpus();
const sets = [false, true].map((wildcards) => ({ choice: { count: 600, wildcards }, signatures: signatureSet(literals, { count: 600, wildcards }) }));

describe.each(sets)('the set $choice', ({ choice, signatures }) => {
  const text = ndbOf(signatures);

  it('has a body for each literal, of which the literal is an instance', () => {
    expect(signatures.map(({ nodes }, i) => earliestEnd(nodes, { bytes: literals[i]!, at: 0 }))).toEqual(literals.map(({ length }) => length));
  });

  it('is understood by our reader, every line of it', async () => {
    const { report } = await compileSources([{ name: 'bench.ndb', format: 'ndb', text }], {
      generation: 1,
      createdAt: 0,
      hostRule: 'labels5',
      crypto: createNodeCrypto(),
    });
    expect([report.counts.signatures, report.sources[0]?.skipped.length]).toEqual([600, 0]);
  });

  it('means the same as regular expressions', () => {
    const expressions = regexOf(signatures).trimEnd().split('\n').map((line) => line.split('\t'));
    expect(expressions.map(([index]) => Number(index))).toEqual(signatures.map((_, i) => i));
    const wrong = expressions.filter(([, source], i) => !new RegExp(`^(?:${source})`, 's').test(literals[i]!.toString('latin1')));
    expect(wrong).toEqual([]);
  });

  it('has a share of wildcards as its name says', () => {
    const opened = text.split('\n').filter((line) => /[^0-9a-f]/.test(line.slice('Bench.00000:0:*:'.length)));
    expect(opened.length / signatures.length).toBeCloseTo(choice.wildcards ? 0.17 : 0, 2);
  });

  it('is a part of every larger set', () => {
    expect(signatureSet(literals, { ...choice, count: 40 })).toEqual(signatures.slice(0, 40));
  });
});

describe('the languages of the engines', () => {
  const nodes = [
    { kind: 'bytes', value: Uint8Array.of(0x0a, 0xb0, 0x0c, 0), mask: Uint8Array.of(0xff, 0xf0, 0x0f, 0) },
    { kind: 'gap', min: 2, max: 2 },
    { kind: 'alternatives', negated: false, options: [{ value: Uint8Array.of(1, 2), mask: Uint8Array.of(0xff, 0xff) }, { value: Uint8Array.of(3, 4), mask: Uint8Array.of(0xff, 0xff) }] },
    { kind: 'gap', min: 0, max: 9 },
    { kind: 'bytes', value: Uint8Array.of(5), mask: Uint8Array.of(0xff) },
    { kind: 'gap', min: 0 },
    { kind: 'bytes', value: Uint8Array.of(6), mask: Uint8Array.of(0xff) },
  ] as const;

  it.each([
    ['ndb', ndbOf, 'Bench.00000:0:*:0ab??c??{2}(0102|0304){0-9}05*06\n'],
    ['YARA', yaraOf, 'rule s00000 { strings: $a = { 0a b? ?c ?? [2] ( 01 02 | 03 04 ) [0-9] 05 [0-] 06 } condition: $a }\n'],
    [
      'regular expressions',
      regexOf,
      '0\t\\x0a[\\xb0-\\xbf][\\x0c\\x1c\\x2c\\x3c\\x4c\\x5c\\x6c\\x7c\\x8c\\x9c\\xac\\xbc\\xcc\\xdc\\xec\\xfc]..{2,2}(?:\\x01\\x02|\\x03\\x04).{0,9}\\x05.*\\x06\n',
    ],
  ])('have all forms in %s', (_, write, text) => {
    expect(write([{ nodes }])).toBe(text);
  });

  it.each([
    [{ count: 1_000, wildcards: false }, '1k-literals'],
    [{ count: 100_000, wildcards: true }, '100k-wildcards'],
    [{ count: 40, wildcards: true }, '40-wildcards'],
  ])('name the set %j %s', (choice, name) => {
    expect(setName(choice)).toBe(name);
  });
});
