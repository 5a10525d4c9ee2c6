import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteSignature, SignatureNode } from '../../src/pattern/signature.js';
import type { Matcher, ScanOutcome } from '../../src/scan/matcher.js';
import { createMatcher } from '../../src/scan/multi-matcher.js';
import { createNaiveMatcher, matchesAt } from '../../src/scan/naive-matcher.js';
import type { Tuning } from '../../src/scan/stream/tuning.js';
import { arbitraryHaystack, arbitrarySignatures } from '../support/signatures.js';
import { awkwardSource, namesOf, scan } from '../support/scan-feed.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) * 10 };

/** Tiny sizes, so that a few bytes cross every border: cells, wide gaps, places, pair tables. */
const tunings: fc.Arbitrary<Tuning> = fc.record({
  cellBytes: fc.integer({ min: 1, max: 40 }),
  innerGapBytes: fc.constantFrom(0, 2, 6, 255),
  maxPlaces: fc.constantFrom(0, 3, 64),
  maxPairs: fc.constantFrom(0, 300, 4096),
  maxRemembered: fc.constant(65_536),
});

const chunkings = fc.oneof(fc.constant([1]), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 }));

/** Random haystacks, and haystacks with a body of one of the signatures written into them. */
const cases = arbitrarySignatures(6).chain((signatures) =>
  fc.record({
    signatures: fc.constant(signatures),
    haystack: fc.oneof(arbitraryHaystack(120), planted(signatures)),
    tuning: tunings,
    chunks: chunkings,
  }),
);

function planted(signatures: readonly ByteSignature[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(arbitraryHaystack(40), fc.constantFrom(...signatures), fc.array(fc.nat(20), { minLength: 4, maxLength: 4 }), arbitraryHaystack(40))
    .map(([before, signature, numbers, after]) => Uint8Array.from([...before, ...instance(signature, numbers), ...after]));
}

function instance(signature: ByteSignature, numbers: readonly number[]): number[] {
  return signature.nodes.flatMap((node, i): number[] => {
    const number = numbers[i % numbers.length]!;
    switch (node.kind) {
      case 'bytes':
        return [...node.value];
      case 'gap':
        return new Array<number>(node.min + (number % ((node.max ?? node.min + 20) - node.min + 1))).fill(0x61);
      case 'alternatives':
        return node.negated ? Array.from(node.options[0]!.value, (value) => value ^ 0x13) : [...node.options[number % node.options.length]!.value];
      case 'class':
        return [0x20, 0x0a, 0x2d, 0x61].slice(number % 4, (number % 4) + 1);
    }
  });
}

describe('the matcher and the naive one', () => {
  it('find the same signatures, however large the cells and however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ signatures, haystack, tuning, chunks }) => {
        const expected = namesOf(await scan(createNaiveMatcher(signatures), haystack));
        const outcome = await scan(createMatcher(signatures, { tuning }), haystack, { chunks, source: awkwardSource(haystack, chunks[0]) });
        expect(namesOf(outcome)).toEqual(expected);
        expect(outcome.incomplete).toBeUndefined();
      }),
      runs,
    );
  });

  it('agree without allMatches that there is something, and name only what is there', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ signatures, haystack, tuning, chunks }) => {
        const expected = namesOf(await scan(createNaiveMatcher(signatures), haystack));
        const found = namesOf(await scan(createMatcher(signatures, { tuning }), haystack, { chunks, allMatches: false }));
        expect(found.length > 0).toBe(expected.length > 0);
        expect(expected).toEqual(expect.arrayContaining(found));
      }),
      runs,
    );
  });

  it('give offsets at which the signature does begin', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ signatures, haystack, tuning, chunks }) => {
        const outcome = await scan(createMatcher(signatures, { tuning }), haystack, { chunks });
        for (const { threat, at } of outcome.findings) {
          const signature = signatures.find((one) => one.threat.name === threat.name)!;
          expect(at === undefined || matchesAt(signature, haystack, at)).toBe(true);
        }
      }),
      runs,
    );
  });
});

describe('the comparison with the naive matcher', () => {
  const perChunk = (signatures: readonly ByteSignature[]): Matcher => {
    const inner = createMatcher(signatures);
    return {
      open(context) {
        const outcomes: ScanOutcome[] = [];
        return {
          update(chunk) {
            const session = inner.open(context);
            session.update(chunk);
            outcomes.push(session.finish({ read: () => 0 }, {}) as ScanOutcome);
          },
          finish: () => ({ findings: outcomes.flatMap((outcome) => outcome.findings) }),
        };
      },
    };
  };
  const withNodes = (change: (node: SignatureNode) => SignatureNode) => (signatures: readonly ByteSignature[]) =>
    createMatcher(signatures.map((one) => ({ ...one, nodes: one.nodes.map(change) })));

  it.each<[string, (signatures: readonly ByteSignature[]) => Matcher]>([
    ['forgets what stood before a chunk', perChunk],
    ['takes a gap of n to m for one of n', withNodes((node) => (node.kind === 'gap' && node.max !== undefined ? { ...node, max: node.min } : node))],
    ['takes a gap without end for one that has', withNodes((node) => (node.kind === 'gap' && node.max === undefined ? { ...node, max: node.min + 5 } : node))],
    ['tries the first alternative only', withNodes((node) => (node.kind === 'alternatives' && !node.negated ? { ...node, options: node.options.slice(0, 1) } : node))],
    ['overlooks a negation', withNodes((node) => (node.kind === 'alternatives' && node.negated ? { kind: 'bytes', value: node.options[0]!.value, mask: new Uint8Array(node.options[0]!.value.length) } : node))],
    ['overlooks offsets', (signatures) => createMatcher(signatures.map((one) => ({ ...one, offset: { kind: 'any' } })))],
    ['compares whole bytes where nibbles are meant', withNodes((node) => (node.kind === 'bytes' ? { ...node, mask: node.mask.map((mask) => mask && 0xff) } : node))],
  ])('shows a matcher that %s', async (_, sabotaged) => {
    let differences = 0;
    for (const { signatures, haystack, chunks } of fc.sample(cases, { numRuns: 800, seed: 5 })) {
      try {
        const expected = namesOf(await scan(createNaiveMatcher(signatures), haystack));
        differences += namesOf(await scan(sabotaged(signatures), haystack, { chunks })).join() === expected.join() ? 0 : 1;
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
      }
    }
    expect(differences).toBeGreaterThan(0);
  });
});

describe('the outcome of a scan', () => {
  it('is the same to the last offset and the last step however the bytes are cut', async () => {
    const budgets = fc.record({ base: fc.nat(200), perByte: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(cases, budgets, fc.boolean(), async ({ signatures, haystack, tuning, chunks }, budget, allMatches) => {
        const matcher = createMatcher(signatures, { tuning, budget });
        const whole = await scan(matcher, haystack, { allMatches });
        const cut = await scan(matcher, haystack, { allMatches, chunks, source: awkwardSource(haystack, 3) });
        const known = await scan(matcher, haystack, { allMatches, chunks, size: haystack.length });
        expect(cut).toEqual(whole);
        expect(known).toEqual(whole);
      }),
      runs,
    );
  });
});
