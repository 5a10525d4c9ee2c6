/** The store that reads signatures where they lie says what the clear decoder says, about good bytes and bad ones. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VedetteError } from '../../src/base/errors.js';
import { encodeAnchors } from '../../src/pattern/anchors/anchor-codec.js';
import { laneWidths, runsOf } from '../../src/pattern/anchors/choose-anchors.js';
import type { StoredAnchors } from '../../src/pattern/anchors/stored-anchors.js';
import { decodeSignatures, encodeSignatures } from '../../src/pattern/signatures/signature-codec.js';
import { openSignatures } from '../../src/pattern/signatures/signature-store.js';
import type { ByteSignature } from '../../src/pattern/signature.js';
import { arbitrarySignature } from '../support/signatures.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) * 3 };
const sets = fc.array(arbitrarySignature, { maxLength: 12 });
const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });

function causeOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (VedetteError.is(error) && error.code === 'pattern-refused') {
      return (error.detail as { cause: string }).cause;
    }
    throw error;
  }
}

function damaged(bytes: Uint8Array, flips: readonly (readonly [number, number])[], cut: number): Uint8Array {
  const out = bytes.slice(0, bytes.length - (cut % 3 === 0 ? cut % (bytes.length + 1) : 0));
  flips.forEach(([at, value]) => {
    if (out.length > 0) {
      out[at % out.length] = value;
    }
  });
  return out;
}

describe('a signature store', () => {
  it('holds what was encoded', () => {
    fc.assert(
      fc.property(sets, (signatures) => {
        const store = openSignatures(encodeSignatures(signatures), encodeAnchors(signatures));
        expect([...store]).toEqual(signatures);
        expect(signatures.map((_, i) => store.at(i))).toEqual(signatures);
      }),
      runs,
    );
  });

  it('refuses what the clear decoder refuses, for the same cause, and nothing else', () => {
    fc.assert(
      fc.property(sets, damage, fc.nat(), (signatures, flips, cut) => {
        const bytes = damaged(encodeSignatures(signatures), flips, cut);
        const cause = causeOf(() => decodeSignatures(bytes));
        expect(causeOf(() => openSignatures(bytes))).toBe(cause);
        expect(cause !== undefined || [...openSignatures(bytes)].length === decodeSignatures(bytes).length).toBe(true);
      }),
      runs,
    );
  });
});

/** What is wrong with anchors, whatever wrote them: each has to stand on exact bytes of its run. */
function anchorFault(signatures: readonly ByteSignature[], anchors: StoredAnchors): string | undefined {
  for (let i = 0; i < anchors.count; i++) {
    const { body, node, offset, lane, distance, checkBytes, bytesAt } = anchors.at(i);
    const width = laneWidths[lane]!;
    const places = [...Array.from({ length: width }, (_, k) => offset + k), ...Array.from({ length: checkBytes }, (_, k) => offset + distance + k)];
    const fits = runsOf(signatures[body]!.nodes[node]!).some(
      ({ value, mask }) => places.every((at) => at >= 0 && at < value.length && mask[at]! >= 0xdf) && value.subarray(offset, offset + width).every((byte, k) => byte === anchors.bytes[bytesAt + k]),
    );
    if (!fits) {
      return `anchor ${i}`;
    }
  }
  return undefined;
}

describe('anchors that come with signatures', () => {
  it('stand on exact bytes, however they were damaged, or are refused', () => {
    fc.assert(
      fc.property(sets, damage, fc.nat(), (signatures, flips, cut) => {
        const bytes = encodeSignatures(signatures);
        const anchors = damaged(encodeAnchors(signatures), flips, cut);
        const cause = causeOf(() => {
          expect(anchorFault(signatures, openSignatures(bytes, anchors).takeAnchors()!)).toBeUndefined();
        });
        expect([undefined, 'version', 'truncated', 'malformed']).toContain(cause);
      }),
      runs,
    );
  });

  it('are there for every segment of a body, or for none', () => {
    fc.assert(
      fc.property(sets, (signatures) => {
        const anchors = openSignatures(encodeSignatures(signatures), encodeAnchors(signatures)).takeAnchors()!;
        const settled = new Set(Array.from({ length: anchors.count }, (_, i) => anchors.at(i).body));
        expect([...settled, ...anchors.unsettled].sort((a, b) => a - b)).toEqual(signatures.map((_, i) => i));
      }),
      runs,
    );
  });

  it('are handed over once', () => {
    const store = openSignatures(encodeSignatures([]), encodeAnchors([]));
    expect([store.takeAnchors()?.count, store.takeAnchors()]).toEqual([0, undefined]);
  });

  it('are refused when they leave a segment without', () => {
    const run = { value: Uint8Array.from({ length: 9 }, (_, i) => 0x30 + i), mask: new Uint8Array(9).fill(255) };
    const signature: ByteSignature = { threat: { name: 'a', type: 'x' }, target: 0, offset: { kind: 'any' }, nodes: [{ kind: 'bytes', ...run }, { kind: 'gap', min: 0 }, { kind: 'bytes', ...run }] };
    const whole = encodeAnchors([signature]);
    expect(openSignatures(encodeSignatures([signature]), whole).takeAnchors()!.count).toBe(2);
    const first = Uint8Array.from([...whole.subarray(0, 3), 1, ...whole.subarray(4, 7)]);
    expect(causeOf(() => openSignatures(encodeSignatures([signature]), first))).toBe('truncated');
    const twice = Uint8Array.from([...whole.subarray(0, 4), ...whole.subarray(4, 7), ...whole.subarray(4, 7)]);
    expect(causeOf(() => openSignatures(encodeSignatures([signature]), twice))).toBe('malformed');
  });
});
