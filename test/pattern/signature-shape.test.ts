import { describe, expect, it } from 'vitest';
import { signatureFault, signatureLimits } from '../../src/pattern/signatures/signature-shape.js';
import type { ByteSignature, SignatureNode } from '../../src/pattern/signature.js';

const run = (length: number, maskLength = length) => ({ value: new Uint8Array(length).fill(7), mask: new Uint8Array(maskLength).fill(255) });
const bytes = (length: number): SignatureNode => ({ kind: 'bytes', ...run(length) });
const gap = (min: number, max?: number): SignatureNode => ({ kind: 'gap', min, ...(max === undefined ? {} : { max }) });
const either = (...lengths: number[]): SignatureNode => ({ kind: 'alternatives', negated: false, options: lengths.map((length) => run(length)) });
const not = (...lengths: number[]): SignatureNode => ({ kind: 'alternatives', negated: true, options: lengths.map((length) => run(length)) });
const body = (...nodes: SignatureNode[]): Partial<ByteSignature> => ({ nodes });

const base: ByteSignature = { threat: { name: 'n', type: 't' }, target: 0, offset: { kind: 'any' }, nodes: [bytes(1)] };
const { maxBytes, maxNodes, maxOptions, maxDistance, maxNameBytes, maxTypeBytes, maxDetailBytes } = signatureLimits;

describe('a signature', () => {
  it.each<[string, Partial<ByteSignature>]>([
    ['one byte', body(bytes(1))],
    ['an alternative that may be empty, beside a byte', body(either(0, 2), bytes(1))],
    ['negated alternatives of one length', body(bytes(1), not(2, 2))],
    ['a gap of nothing', body(bytes(1), gap(0, 0), bytes(1))],
    ['a gap without end', body(bytes(1), gap(maxDistance), bytes(1))],
    ['as many bytes as allowed', body(bytes(maxBytes - 2), either(1, 1))],
    ['as many nodes as allowed', body(...Array.from({ length: maxNodes }, () => bytes(1)))],
    ['as many alternatives as allowed', body(either(...new Array<number>(maxOptions).fill(1)))],
    ['the farthest offset', { offset: { kind: 'end', before: maxDistance, shift: maxDistance } }],
    ['the longest name', { threat: { name: 'ü'.repeat(maxNameBytes / 2), type: 't'.repeat(maxTypeBytes) } }],
    ['the longest detail', { threat: { name: 'n', type: 't', detail: 'd'.repeat(maxDetailBytes - 2) } }],
  ])('may have %s', (_, change) => {
    expect(signatureFault({ ...base, ...change })).toBeUndefined();
  });

  it.each<[string, Partial<ByteSignature>]>([
    ['no nodes', body()],
    ['a gap at its beginning', body(gap(0), bytes(1))],
    ['a gap at its end', body(bytes(1), gap(0))],
    ['two gaps in a row', body(bytes(1), gap(0), gap(1), bytes(1))],
    ['a part that may be empty', body(bytes(1), gap(0), either(0, 1), gap(0), bytes(1))],
    ['an empty last part', body(bytes(1), gap(0), either(0))],
    ['no bytes in bytes', body(bytes(0))],
    ['a mask of another length', body({ kind: 'bytes', ...run(2, 1) })],
    ['a mask of another length in an alternative', body({ kind: 'alternatives', negated: false, options: [run(1, 2)] })],
    ['a gap from more to less', body(bytes(1), gap(2, 1), bytes(1))],
    ['a gap below nothing', body(bytes(1), gap(-1), bytes(1))],
    ['a gap of half a byte', body(bytes(1), gap(0.5), bytes(1))],
    ['a gap over the limit', body(bytes(1), gap(0, maxDistance + 1), bytes(1))],
    ['no alternatives', body(either())],
    ['negated alternatives of two lengths', body(not(1, 2))],
    ['negated alternatives of nothing', body(bytes(1), not(0))],
    ['a byte too many', body(bytes(maxBytes - 1), either(1, 1))],
    ['a node too many', body(...Array.from({ length: maxNodes + 1 }, () => bytes(1)))],
    ['an alternative too many', body(either(...new Array<number>(maxOptions + 1).fill(1)))],
    ['no name', { threat: { name: '', type: 't' } }],
    ['no type', { threat: { name: 'n', type: '' } }],
    ['a name of a byte too many', { threat: { name: `${'ü'.repeat(maxNameBytes / 2)}x`, type: 't' } }],
    ['a detail of a byte too many', { threat: { name: 'n', type: 't', detail: 'd'.repeat(maxDetailBytes - 1) } }],
    ['a target that is no byte', { target: 256 }],
    ['an offset below 0', { offset: { kind: 'start', at: -1, shift: 0 } }],
    ['a shift that is no number', { offset: { kind: 'end', before: 1, shift: Number.NaN } }],
  ])('may not have %s', (_, change) => {
    expect(signatureFault({ ...base, ...change })).toBeTypeOf('string');
  });
});
