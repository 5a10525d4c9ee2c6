/** An answer whose statements are read where they lie says what the same answer says taken apart. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prefixNumber } from '../../src/base/fingerprint.js';
import { decodeAnswer, decodeFrame, encodeAnswer, encodeStatementList, isCanonicalAnswer, isCanonicalFrame } from '../../src/protocol/answer-message.js';
import { maxStatementBytes } from '../../src/protocol/limits.js';
import type { Statement } from '../../src/protocol/messages.js';
import { decodeStatement, decodeStatementList, encodeStatement } from '../../src/protocol/statement.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { answers, statements } from './messages-arbitrary.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) * 5 };
const paddings = fc.constantFrom(undefined, 64, 512);
const nothingKnown = { keyId: new Uint8Array(0), prefix: () => undefined };

function outcome<T>(read: () => T): T | 'refused' {
  try {
    return read();
  } catch (error) {
    expect(error).toMatchObject({ code: 'transport-failed' });
    return 'refused';
  }
}

/** Some bytes are other ones. */
function turned(bytes: Uint8Array, seed: number): Uint8Array {
  const random = createSeededRandom(seed);
  const now = bytes.slice();
  for (let left = Math.floor(random() * 4); left > 0; left--) {
    now[Math.floor(random() * now.length)] = Math.floor(random() * 256);
  }
  return now;
}

/** Prefixes and key ids as their reader may have them already. */
function knownOf(all: readonly Statement[], seed: number): Parameters<typeof decodeStatementList>[1] {
  const random = createSeededRandom(seed);
  const some = new Map(all.filter(() => random() < 0.5).map(({ prefix }) => [prefixNumber(prefix), prefix]));
  return { keyId: all[0]?.keyId ?? new Uint8Array(0), prefix: (number) => some.get(number) };
}

describe('frames', () => {
  it('have the proof, the padding and the list of the answer, and are canonical when it is', () => {
    let refused = 0;
    fc.assert(fc.property(answers, paddings, fc.nat(), (answer, paddedFor, seed) => {
      const bytes = turned(encodeAnswer(answer, paddedFor), seed);
      const clear = outcome(() => decodeAnswer(bytes));
      const frame = outcome(() => decodeFrame(bytes));
      if (clear === 'refused' || frame === 'refused') {
        refused++;
        expect(frame).toBe(clear);
        return;
      }
      expect(frame.proof).toEqual(clear.proof);
      expect(frame.padding).toEqual(clear.padding);
      expect(frame.canonicalListBytes).toBe(encodeStatementList(clear.statements).length);
      expect(isCanonicalFrame(bytes, frame, paddedFor)).toBe(isCanonicalAnswer(bytes, clear, paddedFor));
      if (isCanonicalFrame(bytes, frame, paddedFor)) {
        expect(frame.list).toEqual(encodeStatementList(clear.statements));
      }
    }), runs);
    expect(refused).toBeGreaterThan(0);
  });

  it('hold statements that are read as each of them is, damaged ones as well', () => {
    let refused = 0;
    fc.assert(fc.property(fc.array(statements, { maxLength: 20 }), fc.nat(), (all, seed) => {
      const encoded = all.map((one, i) => (i % 3 === 2 ? turned(encodeStatement(one), seed + i) : encodeStatement(one)));
      const known = knownOf(all, seed);
      const clear = outcome(() => encoded.map((one) => decodeStatement(one)));
      refused += clear === 'refused' ? 1 : 0;
      expect(outcome(() => decodeStatementList(encodeStatementList(encoded), known))).toEqual(clear);
    }), runs);
    expect(refused).toBeGreaterThan(0);
  });

  it('hold no statement that ends early or goes on beyond its end into the next', () => {
    const one = encodeStatement({ kind: 'file', algorithm: 'md5', prefix: Uint8Array.of(1, 2, 3, 4), generation: 1, issuedAt: 2, expiresAt: 3, ttlMs: 4, keyId: new Uint8Array(8), records: [] });
    const list = encodeStatementList([one, one]);
    const lengthAt = 2;
    for (const by of [-1, 1]) {
      const moved = list.map((byte, i) => (i === lengthAt ? byte + by : byte));
      expect(outcome(() => decodeStatementList(moved, nothingKnown))).toBe('refused');
    }
    expect(decodeStatementList(list, nothingKnown)).toHaveLength(2);
  });

  it('refuse a statement over its limit', () => {
    const list = encodeStatementList([new Uint8Array(maxStatementBytes + 1)]);
    expect(outcome(() => decodeStatementList(list, nothingKnown))).toBe('refused');
    const answer = encodeAnswer({ proof: { kind: 'none' }, statements: [new Uint8Array(maxStatementBytes + 1)] });
    expect(outcome(() => decodeFrame(answer))).toBe('refused');
  });
});
