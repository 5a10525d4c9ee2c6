/** The kernel as scout: it says of signatures and anchors what the walks say, good or bad, and makes the same search of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VedetteError } from '../../src/base/errors.js';
import { encodeAnchors, innerGapBytes } from '../../src/pattern/anchors/anchor-codec.js';
import type { AnchorPosition, SignatureScout } from '../../src/pattern/anchors/quick-anchors.js';
import type { StoredAnchors } from '../../src/pattern/anchors/stored-anchors.js';
import type { ByteSignature, SignatureNode } from '../../src/pattern/signature.js';
import { maxPrefixBytes } from '../../src/pattern/signatures/name-classes.js';
import { encodeSignatures } from '../../src/pattern/signatures/signature-codec.js';
import { signatureLimits } from '../../src/pattern/signatures/signature-shape.js';
import type { SignatureStore } from '../../src/pattern/signatures/signature-store.js';
import { openSignatures } from '../../src/pattern/signatures/signature-store.js';
import type { Kernel } from '../../src/scan/kernel/kernel.js';
import { loadKernelSync } from '../../src/scan/kernel/load-kernel.js';
import { createSignatureScout } from '../../src/scan/kernel/signature-scout.js';
import * as abi from '../../src/scan/kernel/walk-abi.js';
import { createRuleMatcher } from '../../src/scan/rules/rule-matcher.js';
import { namesOf, scan } from '../support/scan-feed.js';
import { arbitrarySignature } from '../support/signatures.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) * 2 };
const kernel = loadKernelSync();
const scout = createSignatureScout(kernel);

/** Letters in either case, nibbles, and enough exact bytes for anchors of every lane. */
const run = fc.array(fc.tuple(fc.constantFrom(0x41, 0x42, 0x61, 0x62, 0x7a), fc.constantFrom(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xdf, 0xf0)), { minLength: 1, maxLength: 40 }).map((bytes) => ({
  value: Uint8Array.from(bytes, ([value, mask]) => value & mask),
  mask: Uint8Array.from(bytes, ([value, mask]) => ((value & mask) > 0x60 && mask === 0xdf ? 0xff : mask)),
}));
const solid: fc.Arbitrary<SignatureNode> = fc.oneof(
  { weight: 3, arbitrary: run.map((one): SignatureNode => ({ kind: 'bytes', ...one })) },
  { weight: 1, arbitrary: fc.array(run, { minLength: 1, maxLength: 4 }).map((options): SignatureNode => ({ kind: 'alternatives', negated: false, options })) },
);
const gap = fc.constantFrom<SignatureNode>({ kind: 'gap', min: 2, max: 4 }, { kind: 'gap', min: 1 }, { kind: 'gap', min: 0, max: 300 });
const long: fc.Arbitrary<ByteSignature> = fc
  .record({ name: fc.constantFrom('a', 'Win.Trojan.Some-1', 'Win.Trojan.Some-2', 'Ünïcode', 'Ünïcode-ü', 'Ünïcode-a'), first: solid, more: fc.array(fc.tuple(gap, solid), { maxLength: 3 }), at: fc.option(fc.nat(9)) })
  .map(({ name, first, more, at }) => ({ threat: { name, type: 'x' }, target: 0, offset: at === null ? { kind: 'any' } : { kind: 'start', at, shift: 40 }, nodes: [first, ...more.flat()] }));
const sets = fc.array(fc.oneof({ weight: 4, arbitrary: long }, { weight: 1, arbitrary: arbitrarySignature }), { maxLength: 40 });
const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });

function opened(bytes: Uint8Array, anchors: Uint8Array | undefined, options: { readonly scout?: SignatureScout; readonly maxParts?: number }): SignatureStore | string {
  try {
    return openSignatures(bytes, anchors, options);
  } catch (error) {
    if (VedetteError.is(error) && error.code === 'pattern-refused') {
      return `${error.message} ${JSON.stringify(error.detail)}`;
    }
    throw error;
  }
}

/** Where every anchor stands, whoever went over it; sorted. */
function anchorsIn(anchors: StoredAnchors): string[] {
  const walked = Array.from({ length: anchors.count }, (_, i) => placeOf(anchors.at(i)));
  const { quick } = anchors;
  const ahead = Array.from({ length: quick?.index.count ?? 0 }, (_, i) => placeOf(quick!.index.at(i)));
  return [...walked, ...ahead].sort();
}

function placeOf({ body, node, offset, lane }: AnchorPosition): string {
  return [body, node, offset, lane].join();
}

function facts(store: SignatureStore | string): unknown {
  if (typeof store === 'string') {
    return store;
  }
  const anchors = store.takeAnchors();
  return { signatures: [...store], anchors: anchors && anchorsIn(anchors), unsettled: anchors && [...anchors.unsettled], longest: anchors?.longestSegment, bodies: anchors?.bodies };
}

function damaged(bytes: Uint8Array, flips: readonly (readonly [number, number])[], cut: number): Uint8Array {
  const out = bytes.slice(0, bytes.length - (cut % 4 === 0 ? cut % (bytes.length + 1) : 0));
  flips.forEach(([at, value]) => {
    if (out.length > 0) {
      out[at % out.length] = value;
    }
  });
  return out;
}

describe('a scout', () => {
  it('leaves the same store and the same anchors behind as the walks alone, or the same refusal', () => {
    fc.assert(
      fc.property(sets, damage, damage, fc.nat(), fc.nat(), fc.boolean(), (signatures, flips, otherFlips, cut, otherCut, isGood) => {
        const [bytes, anchors] = [encodeSignatures(signatures), encodeAnchors(signatures)];
        const [section, others] = isGood ? [bytes, anchors] : [damaged(bytes, cut % 2 === 0 ? flips : [], cut), damaged(anchors, otherFlips, otherCut)];
        expect(facts(opened(section, others, { scout }))).toEqual(facts(opened(section, others, {})));
        expect(facts(opened(section, undefined, { scout }))).toEqual(facts(opened(section, undefined, {})));
      }),
      runs,
    );
  });

  it('keeps to the limit of parts', () => {
    fc.assert(
      fc.property(sets, fc.nat(60), (signatures, maxParts) => {
        const [bytes, anchors] = [encodeSignatures(signatures), encodeAnchors(signatures)];
        expect(facts(opened(bytes, anchors, { scout, maxParts }))).toEqual(facts(opened(bytes, anchors, { maxParts })));
      }),
      runs,
    );
  });

  it('knows the anchors of each body', () => {
    fc.assert(
      fc.property(sets, (signatures) => {
        const { quick } = openSignatures(encodeSignatures(signatures), encodeAnchors(signatures), { scout }).takeAnchors()!;
        signatures.forEach((_, body) => {
          const { from, to } = quick!.index.ofBody(body);
          const all = Array.from({ length: quick!.index.count }, (_one, i) => i).filter((i) => quick!.index.at(i).body === body);
          expect(Array.from({ length: to - from }, (_one, i) => from + i)).toEqual(all);
        });
      }),
      runs,
    );
  });

  it('makes a search that finds what bodies find that choose their anchors, in TypeScript', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(long, { minLength: 1, maxLength: 20 }), fc.array(fc.nat(), { maxLength: 6 }), async (signatures, picks) => {
        const named = signatures.map((one, i): ByteSignature => ({ ...one, threat: { name: `${one.threat.name}${i}`, type: 'x' } }));
        const [bytes, anchors] = [encodeSignatures(named), encodeAnchors(named)];
        const found = (store: SignatureStore, by: { readonly kernel?: Kernel }): Promise<string[]> => scan(createRuleMatcher({ signatures: store, logical: [], macros: [] }, by), subject).then(namesOf);
        const subject = Uint8Array.from(picks.flatMap((pick) => named[pick % named.length]!.nodes.flatMap(bytesOf)));
        expect(await found(openSignatures(bytes, anchors, { scout }), { kernel })).toEqual(await found(openSignatures(bytes), {}));
      }),
      runs,
    );
  });

  it('passes over good signatures alone, and stops at a name that is not ASCII only', () => {
    const node: SignatureNode = { kind: 'bytes', value: Uint8Array.from({ length: 20 }, (_, i) => i), mask: new Uint8Array(20).fill(255) };
    const named = (name: string): ByteSignature => ({ threat: { name, type: 'x' }, target: 0, offset: { kind: 'any' }, nodes: [node] });
    const signatures = [...Array.from({ length: 40 }, (_, i) => named(`a${i}`)), named('ä'), named('b')];
    const anchors = openSignatures(encodeSignatures(signatures), encodeAnchors(signatures), { scout }).takeAnchors()!;
    expect([anchors.quick?.index.count, anchors.count, anchors.at(0).body]).toEqual([41, 1, 40]);
  });

  it('is told the limits of signatures', () => {
    const { maxBytes, maxNodes, maxNameBytes, maxOptions } = signatureLimits;
    expect([abi.walkMaxBytes, abi.walkMaxNodes, abi.walkMaxNameBytes, abi.walkMaxOptions, abi.walkInnerGap]).toEqual([maxBytes, maxNodes, maxNameBytes - maxPrefixBytes, maxOptions, innerGapBytes]);
  });
});

function bytesOf(node: SignatureNode): number[] {
  switch (node.kind) {
    case 'bytes':
      return [...node.value];
    case 'alternatives':
      return [...node.options[0]!.value];
    case 'gap':
      return Array.from({ length: node.min }, () => 0x2e);
    case 'class':
      return [];
  }
}
