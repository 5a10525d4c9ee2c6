/** What is read and written in one walk is what the clear forms (`clear/`, over msgpackr) read and write, and nothing else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, toHex } from '../../src/base/bytes.js';
import { decodeAnswer, encodeAnswer, encodeStatementList } from '../../src/protocol/answer-message.js';
import { decodeValue, encodeValue, type WireValue } from '../../src/protocol/codec/codec.js';
import { decodeStatement, encodeStatement } from '../../src/protocol/statement.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import * as clearAnswer from './clear/answer-message.js';
import * as clearCodec from '../../src/testing/capture/packed.js';
import * as clearStatement from './clear/statement.js';
import { answers, bytesOf, statements } from './messages-arbitrary.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const limits = { maxBytes: 100_000, maxDepth: 6, maxItems: 2_000 };

const integers = fc.oneof(
  fc.nat(300), fc.integer(), fc.maxSafeInteger(),
  fc.constantFrom(0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 0xffff_ffff, 0x1_0000_0000, -1, -0x20, -0x21, -0x80, -0x81, -0x8000, -0x8001, -0x8000_0000, -0x8000_0001),
);
const texts = fc.oneof(fc.string({ maxLength: 80 }), fc.string({ maxLength: 300, unit: 'binary' }), fc.constantFrom('', '\ufeffmark', 'x'.repeat(70_000)));
const values: fc.Arbitrary<WireValue> = fc.letrec<{ value: WireValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    integers, texts, fc.constant(null), fc.nat(300).chain(bytesOf),
    fc.array(tie('value'), { maxLength: 20 }),
  ),
})).value;

/** msgpackr writes numbers above 32 bits as floats unless they are given as bigint. */
function forMsgpackr(value: WireValue): WireValue {
  if (typeof value === 'number') {
    return value > 0xffff_ffff || value < -0x8000_0000 ? BigInt(value) : value;
  }
  return isList(value) ? value.map(forMsgpackr) : value;
}

/** It gives all 64-bit integers as bigint. */
function fromMsgpackr(value: WireValue): WireValue {
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  return isList(value) ? value.map(fromMsgpackr) : value;
}

function isList(value: WireValue): value is readonly WireValue[] {
  return Array.isArray(value);
}

function outcome<T>(read: () => T): T | 'refused' {
  try {
    return read();
  } catch (error) {
    expect(error).toMatchObject({ code: 'transport-failed' });
    return 'refused';
  }
}

/** Lengths, tags and values are turned, cut, doubled and put in between. */
function damaged(bytes: Uint8Array, seed: number): Uint8Array {
  const random = createSeededRandom(seed);
  const below = (end: number): number => Math.floor(random() * end);
  let now = bytes;
  for (let rounds = below(3); rounds >= 0; rounds--) {
    const at = below(now.length);
    const extra = Uint8Array.from({ length: 1 + below(5) }, () => [0xc4, 0xc5, 0xc0, 0xcc, 0xcf, 0xd3, 0xa5, 0xd9, 0xdc, 0x91, below(256)][below(11)]!);
    now = [
      () => now.map((byte, i) => (i === at ? byte ^ (1 << below(8)) : byte)),
      () => now.map((byte, i) => (i === at ? extra[0]! : byte)),
      () => now.slice(0, at),
      () => concatBytes([now.slice(0, at), extra, now.slice(at)]),
      () => concatBytes([now.slice(0, at), extra, now.slice(at + extra.length)]),
    ][below(5)]!();
  }
  return now;
}

const seeds = fc.nat();
const manyRuns = { numRuns: runs.numRuns * 10 };

describe('values', () => {
  it('are written as msgpackr writes them', () => {
    fc.assert(fc.property(values, (value) => {
      expect(toHex(encodeValue(value))).toBe(toHex(clearCodec.encodeValue(forMsgpackr(value))));
    }), runs);
  });

  it('are read as msgpackr reads them behind a scan of the structure, damaged ones as well', () => {
    fc.assert(fc.property(values, seeds, (value, seed) => {
      const whole = encodeValue(value);
      for (const bytes of [whole, damaged(whole, seed)]) {
        const clear = outcome(() => fromMsgpackr(clearCodec.decodeValue(bytes, limits)));
        expect(outcome(() => decodeValue(bytes, limits))).toEqual(clear);
      }
    }), manyRuns);
  });

  it('that are no whole numbers are a mistake of the caller', () => {
    for (const value of [1.5, Number.NaN, 2 ** 53, -(2 ** 53), Number.POSITIVE_INFINITY]) {
      expect(() => encodeValue([value])).toThrow(RangeError);
    }
  });
});

describe('statements', () => {
  it('are written as their clear form is', () => {
    fc.assert(fc.property(statements, (statement) => {
      expect(toHex(encodeStatement(statement))).toBe(toHex(clearStatement.encodeStatement(statement)));
    }), runs);
  });

  it('are read as their clear form is, damaged ones as well', () => {
    let refused = 0;
    fc.assert(fc.property(statements, seeds, (statement, seed) => {
      const bytes = damaged(encodeStatement(statement), seed);
      const clear = outcome(() => clearStatement.decodeStatement(bytes));
      refused += clear === 'refused' ? 1 : 0;
      expect(outcome(() => decodeStatement(bytes))).toEqual(clear);
    }), manyRuns);
    expect(refused).toBeGreaterThan(manyRuns.numRuns / 4);
    expect(refused).toBeLessThan(manyRuns.numRuns);
  });
});

describe('answers', () => {
  const paddings = fc.constantFrom(undefined, 64, 512);

  it('are written as their clear form is', () => {
    fc.assert(fc.property(answers, paddings, (answer, padded) => {
      expect(toHex(encodeAnswer(answer, padded))).toBe(toHex(clearAnswer.encodeAnswer(answer, padded)));
      expect(toHex(encodeStatementList(answer.statements))).toBe(toHex(clearCodec.encodeValue(answer.statements)));
    }), runs);
  });

  it('are read as their clear form is, damaged ones as well', () => {
    fc.assert(fc.property(answers, paddings, seeds, (answer, padded, seed) => {
      const bytes = damaged(encodeAnswer(answer, padded), seed);
      expect(outcome(() => decodeAnswer(bytes))).toEqual(outcome(() => clearAnswer.decodeAnswer(bytes)));
    }), manyRuns);
  });
});
