/** Arbitrary signatures over four letters: small enough for haystacks to hit them, with both nibbles in play. */
import fc from 'fast-check';
import type { ByteSignature, SignatureNode, SignatureOffset } from '../../src/pattern/signature.js';
import { signatureFault } from '../../src/pattern/signatures/signature-shape.js';

const letters = [0x61, 0x62, 0x71, 0x72];
const letter = fc.constantFrom(...letters);
const mask = fc.oneof({ weight: 8, arbitrary: fc.constant(0xff) }, { weight: 2, arbitrary: fc.constantFrom(0xf0, 0x0f, 0x00) });

/** Bytes that the signatures of `arbitrarySignature` are about. */
export const arbitraryHaystack = (maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.array(letter, { maxLength }).map((bytes) => Uint8Array.from(bytes)) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(0x61, 0x61, 0x61, 0x62), { maxLength }).map((bytes) => Uint8Array.from(bytes)) },
    { weight: 2, arbitrary: fc.array(fc.constantFrom(...letters, ...[...'\n\r ->\0'].map((one) => one.charCodeAt(0))), { maxLength }).map((bytes) => Uint8Array.from(bytes)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength }) },
  );

interface Run {
  readonly value: Uint8Array;
  readonly mask: Uint8Array;
}

const run = (lengths: { minLength: number; maxLength: number }): fc.Arbitrary<Run> =>
  fc.array(fc.tuple(letter, mask), lengths).map((bytes) => ({
    value: Uint8Array.from(bytes, ([value]) => value),
    mask: Uint8Array.from(bytes, ([, one]) => one),
  }));

const alternatives: fc.Arbitrary<SignatureNode> = fc
  .array(run({ minLength: 0, maxLength: 5 }), { minLength: 1, maxLength: 3 })
  .map((options) => ({ kind: 'alternatives', negated: false, options }));

const negated: fc.Arbitrary<SignatureNode> = fc
  .integer({ min: 1, max: 3 })
  .chain((length) => fc.array(run({ minLength: length, maxLength: length }), { minLength: 1, maxLength: 2 }))
  .map((options) => ({ kind: 'alternatives', negated: true, options }));

const characterClass: fc.Arbitrary<SignatureNode> = fc.record({
  kind: fc.constant('class' as const),
  of: fc.constantFrom('word-boundary', 'line-boundary', 'non-alphanumeric'),
  negated: fc.boolean(),
});

const solid: fc.Arbitrary<SignatureNode> = fc.oneof(
  { weight: 1, arbitrary: characterClass },
  { weight: 6, arbitrary: run({ minLength: 1, maxLength: 6 }).map((one): SignatureNode => ({ kind: 'bytes', ...one })) },
  { weight: 2, arbitrary: alternatives },
  { weight: 1, arbitrary: negated },
);

const distance = fc.oneof(fc.nat(3), fc.nat(12));
const gap: fc.Arbitrary<SignatureNode> = fc.oneof(
  fc.tuple(distance, distance).map(([min, more]): SignatureNode => ({ kind: 'gap', min, max: min + more })),
  distance.map((min): SignatureNode => ({ kind: 'gap', min })),
);

const offset: fc.Arbitrary<SignatureOffset> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<SignatureOffset>({ kind: 'any' }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('start' as const), at: fc.nat(12), shift: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), before: fc.nat(24), shift: fc.nat(12) }) },
);

/** Parts of one or two solid nodes with gaps between them. */
const nodes: fc.Arbitrary<SignatureNode[]> = fc
  .tuple(fc.array(solid, { minLength: 1, maxLength: 2 }), fc.array(fc.tuple(gap, fc.array(solid, { minLength: 1, maxLength: 2 })), { maxLength: 3 }))
  .map(([first, rest]) => [...first, ...rest.flatMap(([between, part]) => [between, ...part])]);

/** A signature that `signatureFault` has nothing against. */
export const arbitrarySignature: fc.Arbitrary<ByteSignature> = fc
  .record({
    threat: fc.record({ name: fc.string({ minLength: 1, maxLength: 6 }), type: fc.constantFrom('trojan', 'exploit', 'unclassified') }),
    target: fc.nat(14),
    offset,
    nodes,
    words: fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.constantFrom({ fullword: true }, { fullword: true, wide: true }) }),
  })
  .map(({ words, ...signature }): ByteSignature => ({ ...signature, ...words }))
  .filter((signature) => signatureFault(signature) === undefined);

/** Signatures with the names S0, S1, …: a name says which one it was. */
export const arbitrarySignatures = (maxLength: number): fc.Arbitrary<ByteSignature[]> =>
  fc
    .array(arbitrarySignature, { minLength: 1, maxLength })
    .map((all) => all.map((one, i) => ({ ...one, threat: { ...one.threat, name: `S${i}` } })));
