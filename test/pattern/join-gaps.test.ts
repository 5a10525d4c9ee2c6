/** Short gaps of one length become open bytes: the body means the same, and its parts are one run. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinGaps } from '../../src/pattern/signatures/join-gaps.js';
import { signatureFault, signatureLimits } from '../../src/pattern/signatures/signature-shape.js';
import type { ByteSignature, SignatureNode } from '../../src/pattern/signature.js';
import { createNaiveMatcher } from '../../src/scan/naive-matcher.js';
import { namesOf, scan } from '../support/scan-feed.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 200) };

const signature = (nodes: readonly SignatureNode[]): ByteSignature => ({ threat: { name: 'S', type: 'x' }, target: 0, offset: { kind: 'any' }, nodes });
const run = (...value: number[]): SignatureNode => ({ kind: 'bytes', value: Uint8Array.from(value), mask: new Uint8Array(value.length).fill(0xff) });
const letters = fc.array(fc.constantFrom(1, 2), { minLength: 1, maxLength: 4 });
const gap: fc.Arbitrary<SignatureNode> = fc.oneof(
  fc.nat(4).map((n): SignatureNode => ({ kind: 'gap', min: n, max: n })),
  fc.nat(2).map((n): SignatureNode => ({ kind: 'gap', min: n, max: n + 2 })),
  fc.nat(2).map((n): SignatureNode => ({ kind: 'gap', min: n })),
);
const solid: fc.Arbitrary<SignatureNode> = fc.oneof(
  { weight: 4, arbitrary: letters.map((value) => run(...value)) },
  { weight: 1, arbitrary: fc.tuple(letters, letters).map((options): SignatureNode => ({ kind: 'alternatives', negated: false, options: options.map((value) => ({ value: Uint8Array.from(value), mask: new Uint8Array(value.length).fill(0xff) })) })) },
);
const bodies = fc.tuple(solid, fc.array(fc.tuple(gap, solid), { maxLength: 4 })).map(([first, rest]) => signature([first, ...rest.flat()]));

describe('a body with short gaps of one length', () => {
  it('means the same when they are closed', async () => {
    await fc.assert(
      fc.asyncProperty(bodies, fc.array(fc.constantFrom(1, 2, 3), { maxLength: 24 }), async (body, bytes) => {
        const closed = joinGaps(body);
        expect(signatureFault(closed)).toBeUndefined();
        const [a, b] = await Promise.all([body, closed].map(async (one) => namesOf(await scan(createNaiveMatcher([one]), Uint8Array.from(bytes)))));
        expect(b).toEqual(a);
      }),
      runs,
    );
  });

  it('is one run where nothing else is in it', () => {
    const [node, ...more] = joinGaps(signature([run(1, 2), { kind: 'gap', min: 3, max: 3 }, run(4), { kind: 'gap', min: 0, max: 0 }, run(5)])).nodes;
    expect(more).toEqual([]);
    expect(node).toEqual({ kind: 'bytes', value: Uint8Array.of(1, 2, 0, 0, 0, 4, 5), mask: Uint8Array.of(255, 255, 0, 0, 0, 255, 255) });
  });

  it('stays as it is where a gap is long, open, or of several lengths, and where it would grow too large', () => {
    const left = [
      signature([run(1), { kind: 'gap', min: 33, max: 33 }, run(2)]),
      signature([run(1), { kind: 'gap', min: 3 }, run(2)]),
      signature([run(1), { kind: 'gap', min: 3, max: 4 }, run(2)]),
      signature([run(...Array.from({ length: signatureLimits.maxBytes - 1 }, () => 7)), { kind: 'gap', min: 1, max: 1 }, run(2)]),
    ];
    left.forEach((one) => expect(joinGaps(one)).toBe(one));
    expect(joinGaps(signature([run(1), { kind: 'gap', min: 32, max: 32 }, run(2)])).nodes).toHaveLength(1);
  });
});
