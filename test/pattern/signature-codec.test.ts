import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VedetteError } from '../../src/base/errors.js';
import { decodeSignatures, encodeSignatures } from '../../src/pattern/signatures/signature-codec.js';
import { signatureFault } from '../../src/pattern/signatures/signature-shape.js';
import type { ByteSignature } from '../../src/pattern/signature.js';
import { arbitrarySignature } from '../support/signatures.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const sets = fc.array(arbitrarySignature, { maxLength: 12 });

const one: ByteSignature = {
  threat: { name: 'Some.Name', type: 'trojan' },
  target: 0,
  offset: { kind: 'any' },
  nodes: [{ kind: 'bytes', value: Uint8Array.of(1, 2, 3), mask: Uint8Array.of(255, 255, 255) }],
};

/** What decoding came to: signatures, or the cause of the refusal. Anything else fails the test. */
function outcomeOf(bytes: Uint8Array, decode = decodeSignatures): ByteSignature[] | string {
  try {
    return decode(bytes);
  } catch (error) {
    if (VedetteError.is(error) && error.code === 'pattern-refused') {
      return (error.detail as { cause: string }).cause;
    }
    throw error;
  }
}

/** What is wrong with how these bytes were decoded: an error of another kind, or a signature that breaks a rule. */
function faultOf(bytes: Uint8Array, decode = decodeSignatures): string | undefined {
  try {
    const outcome = outcomeOf(bytes, decode);
    return typeof outcome === 'string' ? undefined : outcome.map(signatureFault).find((fault) => fault !== undefined);
  } catch (error) {
    return String(error);
  }
}

describe('encoded signatures', () => {
  it('decode to what was encoded', () => {
    fc.assert(
      fc.property(sets, (signatures) => {
        expect(decodeSignatures(encodeSignatures(signatures))).toEqual(signatures);
      }),
      runs,
    );
  });

  it('keep masks that are no nibbles, and details of threats', () => {
    const odd: ByteSignature = {
      ...one,
      threat: { name: 'ü', type: 'x', detail: { from: ['a', 1] } },
      nodes: [{ kind: 'bytes', value: Uint8Array.of(1, 2), mask: Uint8Array.of(0x81, 0xff) }],
    };
    expect(decodeSignatures(encodeSignatures([odd, one]))).toEqual([odd, one]);
  });

  it('are the same bytes every time', () => {
    fc.assert(
      fc.property(sets, (signatures) => {
        expect(encodeSignatures(structuredClone(signatures))).toEqual(encodeSignatures(signatures));
      }),
      runs,
    );
  });

  it('take little more than their bytes', () => {
    const many = Array.from({ length: 1000 }, (_, i): ByteSignature => ({ ...one, threat: { name: `N${i}`, type: 'trojan' } }));
    // Name and body are 8 bytes; the rest is six fields of one byte.
    expect(encodeSignatures(many).length).toBeLessThan(1000 * 16);
  });

  it('say once how the names of many begin', () => {
    const names = ['Win.Trojan.Agent-', 'Unix.Trojan.Mirai-', 'Ünïcode.', '-', '.', 'x-'].flatMap((prefix) => Array.from({ length: 9 }, (_, i) => `${prefix}${i}`));
    const odd = ['-', '.', 'a-', 'a.', '-'.repeat(300), `${'ü'.repeat(127)}.`, ...Array.from({ length: 5 }, (_, i) => `${'ü'.repeat(128)}.${i}`), ...Array.from({ length: 5 }, (_, i) => `${'u'.repeat(254)}-${i}${'u'.repeat(768)}`)];
    const signatures = [...names, ...odd].map((name, i): ByteSignature => ({ ...one, threat: { name, type: i % 2 === 0 ? 'trojan' : 'worm' } }));
    expect(decodeSignatures(encodeSignatures(signatures))).toEqual(signatures);
    const many = Array.from({ length: 1000 }, (_, i): ByteSignature => ({ ...one, threat: { name: `Win.Trojan.Agent-${i}`, type: 'trojan' } }));
    expect(encodeSignatures(many).length).toBeLessThan(1000 * 13);
  });

  it('decode to plain Uint8Arrays from a Node Buffer as well', () => {
    const [decoded] = decodeSignatures(Buffer.from(encodeSignatures([one])));
    const [node] = decoded!.nodes;
    expect(node?.kind === 'bytes' && node.value.constructor).toBe(Uint8Array);
  });

  it('are refused when they break a rule, before they are written', () => {
    expect(() => encodeSignatures([{ ...one, nodes: [] }])).toThrow(TypeError);
  });
});

describe('bytes that nobody vouches for', () => {
  it('are signatures that keep the rules, or refused with a cause, after any flips and cuts', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(sets, damage, fc.nat(), (signatures, flips, cut) => {
        const bytes = encodeSignatures(signatures);
        flips.forEach(([at, value]) => bytes.fill(value, at % bytes.length, (at % bytes.length) + 1));
        expect(faultOf(cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes)).toBeUndefined();
      }),
      { numRuns: runs.numRuns * 10 },
    );
  });

  it('are refused when they are random', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void outcomeOf(bytes)), runs);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void outcomeOf(Uint8Array.of(3, 0, ...bytes))), runs);
  });

  it.each<[string, number[], string]>([
    ['nothing', [], 'truncated'],
    ['another version', [1, 0, 0], 'version'],
    ['a count over what is there', [3, 0, 0x90, 0x4e], 'truncated'],
    ['a count over the limit', [3, 0, 0xff, 0xff, 0xff, 0xff, 0x7f], 'limit'],
    ['bytes left over', [3, 0, 0, 0], 'malformed'],
    ['a class that is not there', [3, 0, 1, 1, 0x61, 0, 0, 0, 1, 8, 1], 'malformed'],
    ['a name that is no UTF-8', [3, 1, 1, 0x61, 0, 0, 1, 1, 0xff, 0, 0, 0, 1, 8, 1], 'malformed'],
    ['a run over the limit', [3, 1, 1, 0x61, 0, 0, 1, 1, 0x61, 0, 0, 0, 1, 0x88, 0x80, 0x20, 1], 'limit'],
    ['a character class that is none', [3, 1, 1, 0x61, 0, 0, 1, 1, 0x61, 0, 0, 0, 1, 55], 'malformed'],
    ['an offset kind that is none', [3, 1, 1, 0x61, 0, 0, 1, 1, 0x61, 0, 0, 36, 1, 8, 1], 'malformed'],
    ['a detail that is no JSON', [3, 1, 1, 0x61, 1, 0x7b, 0, 1, 1, 0x61, 0, 0, 0, 1, 8, 1], 'malformed'],
  ])('say why: %s', (_, bytes, cause) => {
    expect(outcomeOf(Uint8Array.from(bytes))).toBe(cause);
  });

  it('the smallest whole one of these is a signature', () => {
    expect(outcomeOf(Uint8Array.from([3, 1, 1, 0x61, 0, 0, 1, 1, 0x61, 0, 0, 0, 1, 8, 1]))).toHaveLength(1);
  });

  it('are read up to each limit and not one further', () => {
    const bytes = encodeSignatures([one, one, one]);
    expect(decodeSignatures(bytes, { maxSignatures: 3, maxParts: 3 })).toHaveLength(3);
    expect(outcomeOf(bytes, (all) => decodeSignatures(all, { maxSignatures: 2 }))).toBe('limit');
    expect(outcomeOf(bytes, (all) => decodeSignatures(all, { maxParts: 2 }))).toBe('limit');
  });

  it('would not get past that check with a decoder that throws something else, or that knows no rules', () => {
    const whole = encodeSignatures([one]);
    const throwsRange = (): ByteSignature[] => new Array<ByteSignature>(-1);
    const knowsNoRules = (bytes: Uint8Array) => decodeSignatures(bytes).map((signature) => ({ ...signature, nodes: [{ kind: 'gap' as const, min: 0 }] }));
    expect(faultOf(whole)).toBeUndefined();
    expect(faultOf(whole, knowsNoRules)).toBeDefined();
    expect(faultOf(whole, throwsRange)).toBeDefined();
  });
});
