import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogicalExpression, LogicalSignature, MacroBody } from '../../src/pattern/signature.js';
import { decodeLogical, decodeMacros, encodeLogical, encodeMacros } from '../../src/pattern/signatures/logical-codec.js';
import { logicalFault, macroFault } from '../../src/pattern/signatures/logical-shape.js';
import { arbitraryLogical, arbitraryMacro } from '../support/logical-signatures.js';
import { causeOf } from './fixtures.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const sets = fc.array(arbitraryLogical, { maxLength: 6 });
const macroSets = fc.array(arbitraryMacro, { maxLength: 6 });

const one: LogicalSignature = {
  threat: { name: 'Some.Name', type: 'trojan' },
  description: { target: 0 },
  expression: { kind: 'part', part: 0 },
  parts: [{ kind: 'bodies', bodies: [{ offset: { kind: 'any' }, nodes: [{ kind: 'bytes', value: Uint8Array.of(0x41, 0x42, 3), mask: Uint8Array.of(0xdf, 0xdf, 0xff) }] }] }],
};
const macro: MacroBody = { target: 0, group: 3, offset: { kind: 'any' }, nodes: [{ kind: 'bytes', value: Uint8Array.of(1, 2), mask: Uint8Array.of(255, 255) }] };

/** What is wrong with how these bytes were decoded: an error of another kind, or a signature that breaks a rule. */
function faultOf(bytes: Uint8Array, decode: (bytes: Uint8Array) => readonly LogicalSignature[] = decodeLogical): string | undefined {
  try {
    let decoded: readonly LogicalSignature[] = [];
    const cause = causeOf(() => {
      decoded = decode(bytes);
    });
    return ['accepted', 'truncated', 'version', 'limit', 'malformed'].includes(cause) ? decoded.map(logicalFault).find((fault) => fault !== undefined) : cause;
  } catch (error) {
    return String(error);
  }
}

describe('encoded logical signatures', () => {
  it('decode to what was encoded, and give the same bytes every time', () => {
    fc.assert(
      fc.property(sets, (signatures) => {
        const bytes = encodeLogical(signatures);
        expect(decodeLogical(bytes)).toEqual(signatures);
        expect(encodeLogical(structuredClone(signatures))).toEqual(bytes);
        expect(encodeLogical(decodeLogical(bytes))).toEqual(bytes);
      }),
      runs,
    );
  });

  it('keep details of threats', () => {
    const odd: LogicalSignature = { ...one, threat: { name: 'ü', type: 'x', detail: { from: ['a', 1] } } };
    expect(decodeLogical(encodeLogical([odd, one]))).toEqual([odd, one]);
  });

  it('take little more than their bytes, in either case too', () => {
    const many = Array.from({ length: 1000 }, (_, i): LogicalSignature => ({ ...one, threat: { name: `N${i}`, type: 'trojan' } }));
    // Name and body are 7 bytes; the rest is ten fields of one byte.
    expect(encodeLogical(many).length).toBeLessThan(1000 * 18);
  });

  it('are refused when they break a rule, before they are written', () => {
    expect(() => encodeLogical([{ ...one, parts: [] }])).toThrow(TypeError);
    expect(() => encodeMacros([{ ...macro, group: 32 }])).toThrow(TypeError);
  });

  it('decode to plain Uint8Arrays from a Node Buffer as well', () => {
    const [decoded] = decodeMacros(Buffer.from(encodeMacros([macro])));
    const node = decoded!.nodes[0];
    expect(node?.kind === 'bytes' && node.value.constructor).toBe(Uint8Array);
  });
});

describe('encoded macro bodies', () => {
  it('decode to what was encoded', () => {
    fc.assert(
      fc.property(macroSets, (macros) => {
        expect(decodeMacros(encodeMacros(macros))).toEqual(macros);
      }),
      runs,
    );
  });
});

describe('bytes of logical signatures that nobody vouches for', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 });
  const damaged = (bytes: Uint8Array, flips: readonly [number, number][], cut: number): Uint8Array => {
    flips.forEach(([at, value]) => bytes.fill(value, at % bytes.length, (at % bytes.length) + 1));
    return cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes;
  };

  it('are signatures that keep the rules, or refused with a cause, after any flips and cuts', () => {
    fc.assert(
      fc.property(sets, damage, fc.nat(), (signatures, flips, cut) => {
        expect(faultOf(damaged(encodeLogical(signatures), flips, cut))).toBeUndefined();
      }),
      { numRuns: runs.numRuns * 10 },
    );
    fc.assert(
      fc.property(macroSets, damage, fc.nat(), (macros, flips, cut) => {
        const decoded: MacroBody[] = [];
        const cause = causeOf(() => decoded.push(...decodeMacros(damaged(encodeMacros(macros), flips, cut))));
        expect(['accepted', 'truncated', 'version', 'limit', 'malformed']).toContain(cause);
        expect(decoded.map(macroFault).filter((fault) => fault !== undefined)).toEqual([]);
      }),
      { numRuns: runs.numRuns * 3 },
    );
  });

  it('are refused when they are random', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(faultOf(Uint8Array.of(1, ...bytes))).toBeUndefined();
      }),
      runs,
    );
  });

  const head = [1, 1, 1, 0x61, 0, 1, 1, 0x61, 0];
  it.each<[string, number[], string]>([
    ['nothing', [], 'truncated'],
    ['another version', [2, 0, 0], 'version'],
    ['a count over what is there', [1, 0, 0x90, 0x4e], 'truncated'],
    ['a count over the limit', [1, 0, 0xff, 0xff, 0xff, 0xff, 0x7f], 'limit'],
    ['bytes left over', [1, 0, 0, 0], 'malformed'],
    ['a class that is not there', [1, 0, 1, 1, 0x61, 0, 0, 0], 'malformed'],
    ['a range of an unknown kind', [...head, 0, 8, 0, 1, 0, 0, 1, 16, 1, 2], 'malformed'],
    ['an expression about a part that is not there', [...head, 0, 0, 6, 1, 0, 0, 1, 16, 1, 2], 'malformed'],
    ['an operator without terms', [...head, 0, 0, 1, 1, 0, 0, 1, 16, 1, 2], 'malformed'],
    ['no parts', [...head, 0, 0, 0, 0], 'malformed'],
    ['more parts than there may be', [...head, 0, 0, 0, 65, ...new Array<number>(80).fill(0)], 'limit'],
    ['a kind of part that is none', [...head, 0, 0, 0, 1, 5, 0, 1, 16, 1, 2], 'malformed'],
    ['an offset kind that is none', [...head, 0, 0, 0, 1, 0, 32, 1, 16, 1, 2], 'malformed'],
    ['a class of characters that is none', [...head, 0, 0, 0, 1, 0, 0, 1, 55, 1, 2], 'malformed'],
    ['a run over the limit', [...head, 0, 0, 0, 1, 0, 0, 1, 0x88, 0x80, 0x20, 2], 'limit'],
  ])('say why: %s', (_, bytes, cause) => {
    expect(causeOf(() => decodeLogical(Uint8Array.from(bytes)))).toBe(cause);
  });

  it('the smallest whole one of these is a signature', () => {
    expect(decodeLogical(Uint8Array.from([...head, 0, 0, 0, 1, 0, 0, 1, 16, 1, 2]))).toHaveLength(1);
  });

  it('cannot nest an expression deeper than the limit, nor the stack', () => {
    const nested = (depth: number): LogicalExpression => {
      let expression: LogicalExpression = { kind: 'part', part: 0 };
      for (let i = 1; i < depth; i++) {
        expression = { kind: 'count', of: expression, compare: '>', count: 1 };
      }
      return expression;
    };
    expect(decodeLogical(encodeLogical([{ ...one, expression: nested(256) }]))).toHaveLength(1);
    expect(() => encodeLogical([{ ...one, expression: nested(257) }])).toThrow(TypeError);
    const deep = [...head, 0, 0, ...new Array<number[]>(100_000).fill([3, 0]).flat(), 0];
    expect(causeOf(() => decodeLogical(Uint8Array.from(deep)))).toBe('limit');
  });

  it('are read up to each limit and not one further', () => {
    const bytes = encodeLogical([one, one, one]);
    expect(decodeLogical(bytes, { maxLogical: 3, maxLogicalParts: 6 })).toHaveLength(3);
    expect(causeOf(() => decodeLogical(bytes, { maxLogical: 2 }))).toBe('limit');
    expect(causeOf(() => decodeLogical(bytes, { maxLogicalParts: 5 }))).toBe('limit');
    const macros = encodeMacros([macro, macro]);
    expect(decodeMacros(macros, { maxMacros: 2 })).toHaveLength(2);
    expect(causeOf(() => decodeMacros(macros, { maxMacros: 1 }))).toBe('limit');
  });

  it('would not get past that check with a decoder that throws something else, or that knows no rules', () => {
    const whole = encodeLogical([one]);
    expect(faultOf(whole)).toBeUndefined();
    expect(faultOf(whole, (bytes) => decodeLogical(bytes).map((signature) => ({ ...signature, parts: [] })))).toBeDefined();
    expect(faultOf(whole, () => new Array<LogicalSignature>(-1))).toBeDefined();
  });
});
