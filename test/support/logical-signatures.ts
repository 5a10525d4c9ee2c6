/** Arbitrary logical signatures that `logicalFault` has nothing against, every construct among them. */
import fc from 'fast-check';
import type {
  ByteComparison, LogicalExpression, LogicalSignature, MacroBody, NumberRange, SignatureBody, SignatureNode, SignatureOffset, Subsignature,
} from '../../src/pattern/signature.js';
import { logicalFault, macroFault, pcreFlags } from '../../src/pattern/signatures/logical-shape.js';
import { arbitrarySignature } from './signatures.js';

const small = fc.nat(300);

const offset: fc.Arbitrary<SignatureOffset> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<SignatureOffset>({ kind: 'any' }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('start' as const), at: small, shift: small }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), before: small, shift: small }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('entry-point' as const), by: fc.integer({ min: -300, max: 300 }), shift: small }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('section' as const), section: fc.oneof(fc.nat(20), fc.constant('last' as const)), by: small, shift: small }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('in-section' as const), section: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.constant<SignatureOffset>({ kind: 'version-information' }) },
);

const characterClass: fc.Arbitrary<SignatureNode> = fc.record({
  kind: fc.constant('class' as const),
  of: fc.constantFrom('word-boundary' as const, 'line-boundary' as const, 'non-alphanumeric' as const),
  negated: fc.boolean(),
});

/** The body of an arbitrary byte signature, in either case or not, perhaps with a character class at one end. */
const body: fc.Arbitrary<SignatureBody> = fc
  .tuple(arbitrarySignature, offset, fc.boolean(), fc.boolean(), fc.boolean(), fc.option(characterClass), fc.boolean())
  .map(([{ nodes }, placed, fullword, wide, isCaseless, extra, first]) => {
    const all = isCaseless ? nodes.map(caseless) : nodes;
    return {
      offset: placed,
      nodes: extra === null ? all : first ? [extra, ...all] : [...all, extra],
      ...(fullword ? { fullword } : {}),
      ...(wide ? { wide } : {}),
    };
  });

function caseless(node: SignatureNode): SignatureNode {
  if (node.kind !== 'bytes') {
    return node;
  }
  const isLetter = [...node.value].map((byte, i) => node.mask[i] === 255 && byte >= 0x61 && byte <= 0x7a);
  return { kind: 'bytes', value: node.value.map((byte, i) => (isLetter[i]! ? byte & 0xdf : byte)), mask: node.mask.map((byte, i) => (isLetter[i]! ? 0xdf : byte)) };
}

const { expression } = fc.letrec<{ expression: LogicalExpression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    { weight: 3, arbitrary: fc.nat(5).map((part): LogicalExpression => ({ kind: 'part', part })) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        terms: fc.array(tie('expression'), { minLength: 2, maxLength: 3 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie('expression'), fc.constantFrom('=' as const, '>' as const, '<' as const), fc.oneof(fc.nat(9), fc.nat(0xffff_ffff)), fc.option(fc.integer({ min: 1, max: 9 })))
        .map(([of, compare, count, distinct]): LogicalExpression => ({ kind: 'count', of, compare, count, ...(distinct === null ? {} : { distinct }) })),
    },
  ),
}));

const comparison: fc.Arbitrary<ByteComparison> = fc.record({
  kind: fc.constant('byte-comparison' as const),
  part: fc.nat(5),
  offset: fc.oneof(fc.integer({ min: -90, max: 90 }), fc.integer({ min: -0xffff_ffff, max: 0xffff_ffff })),
  format: fc.constantFrom('hex' as const, 'decimal' as const, 'auto' as const, 'raw' as const),
  endian: fc.constantFrom('little' as const, 'big' as const),
  exact: fc.boolean(),
  bytes: fc.constantFrom(1, 2, 4, 8),
  conditions: fc.array(fc.record({ compare: fc.constantFrom('=' as const, '>' as const, '<' as const), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }), {
    minLength: 1,
    maxLength: 2,
  }),
});

const part: fc.Arbitrary<Subsignature> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('bodies' as const), bodies: fc.array(body, { minLength: 1, maxLength: 2 }) }) },
  { weight: 1, arbitrary: fc.tuple(fc.nat(500), fc.nat(500), fc.nat(31)).map(([min, more, group]): Subsignature => ({ kind: 'macro', min, max: min + more, group })) },
  { weight: 1, arbitrary: comparison },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('pcre' as const),
      offset,
      trigger: expression,
      source: fc.array(fc.nat(255), { minLength: 1, maxLength: 12 }).map((codes) => String.fromCharCode(...codes)),
      flags: fc.subarray([...pcreFlags]).map((flags) => flags.join('')),
    }),
  },
);

const range: fc.Arbitrary<NumberRange> = fc.tuple(fc.nat(), fc.option(fc.nat())).map(([min, more]) => ({ min, ...(more === null ? {} : { max: min + more }) }));

/** A logical signature. */
export const arbitraryLogical: fc.Arbitrary<LogicalSignature> = fc
  .record({
    threat: fc.record({ name: fc.string({ minLength: 1, maxLength: 6 }), type: fc.constantFrom('trojan', 'exploit') }),
    description: fc.record({ target: fc.nat(14), fileSize: range, entryPoint: range, numberOfSections: range }, { requiredKeys: ['target'] }),
    expression,
    parts: fc.array(part, { minLength: 1, maxLength: 6 }),
  })
  .filter((signature) => logicalFault(signature) === undefined);

/** A body of a macro group. */
export const arbitraryMacro: fc.Arbitrary<MacroBody> = fc
  .tuple(fc.nat(14), fc.nat(31), body)
  .map(([target, group, one]) => ({ target, group, ...one }))
  .filter((macro) => macroFault(macro) === undefined);
