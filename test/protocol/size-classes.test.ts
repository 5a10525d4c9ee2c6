import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, toHex } from '../../src/base/bytes.js';
import { decodeAnswer, encodeAnswer, isCanonicalAnswer } from '../../src/protocol/answer-message.js';
import { encodeValue } from '../../src/protocol/codec/codec.js';
import { maxAnswerBytes, maxRequestBytes } from '../../src/protocol/limits.js';
import type { AnswerMessage, QueryMessage } from '../../src/protocol/messages.js';
import { decodeQuery, encodeQuery } from '../../src/protocol/query-message.js';
import { answerClass, isPaddedTo, padTo, requestClass } from '../../src/protocol/size-classes.js';
import { encodeStatement } from '../../src/protocol/statement.js';
import { statementFor } from '../support/wire-fixtures.js';
import { answers, queries } from './messages-arbitrary.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const nonce = new Uint8Array(16).fill(1);
const prefix = (i: number): Uint8Array => Uint8Array.of(0, 0, i >> 8, i & 0xff);
const padded = (count: number): QueryMessage => ({
  nonce, wants: 'direct', groups: [{ kind: 'file', algorithm: 'sha256', prefixes: Array.from({ length: count }, (_, i) => prefix(i)) }],
});
const unlisted = encodeStatement(statementFor(Uint8Array.of(1, 1, 1, 1)));
const direct = (statements: readonly Uint8Array[]): AnswerMessage => ({
  proof: { kind: 'direct', keyId: new Uint8Array(8), signature: new Uint8Array(64) }, statements,
});

describe('a padded request', () => {
  it('comes back as it was asked, and says which proof is wanted', () => {
    fc.assert(fc.property(queries, fc.constantFrom('direct' as const, 'statement' as const), (query, wants) => {
      const bytes = encodeQuery({ ...query, wants });
      expect([64, 128, 256, 512, 1024, 2048, 4096, 8192]).toContain(bytes.length);
      expect(decodeQuery(bytes)).toMatchObject({ wants, nonce: query.nonce });
    }), runs);
  });

  it.each([[1, 64], [8, 64], [9, 128], [24, 128], [25, 256], [100, 512], [247, 1024], [1000, 4096]])('of %i prefixes has %i bytes', (count, bytes) => {
    expect(encodeQuery(padded(count)).length).toBe(bytes);
  });

  it('of any number of prefixes has the length of its class, none below another that holds fewer', () => {
    const lengths = Array.from({ length: 1000 }, (_, i) => encodeQuery(padded(i + 1)).length);
    expect(new Set(lengths)).toEqual(new Set([64, 128, 256, 512, 1024, 2048, 4096]));
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
  });

  it.each([
    ['a proof that there is not', [1, nonce, [[1, 1, prefix(1)]], 3, new Uint8Array(9)]],
    ['no proof', [1, nonce, [[1, 1, prefix(1)]], 0, new Uint8Array(9)]],
    ['no padding', [1, nonce, [[1, 1, prefix(1)]], 1, null]],
    ['a proof without padding', [1, nonce, [[1, 1, prefix(1)]], 1]],
  ])('is refused with %s', (_, value) => {
    expect(() => decodeQuery(encodeValue(value as never))).toThrow(expect.objectContaining({ code: 'transport-failed' }) as Error);
  });
});

describe('a padded answer', () => {
  it('comes back, and its bytes are the only ones that say so', () => {
    fc.assert(fc.property(answers, fc.constantFrom(64, 512, 4096, undefined), (answer, paddedFor) => {
      const bytes = encodeAnswer(answer, paddedFor);
      const read = decodeAnswer(bytes);
      expect(read).toMatchObject(answer);
      expect(isCanonicalAnswer(bytes, read, paddedFor)).toBe(true);
      for (const other of [64, 128, 512, 4096, undefined].filter((one) => one !== paddedFor)) {
        const isSameLength = encodeAnswer(answer, other).length === bytes.length;
        expect(isCanonicalAnswer(bytes, read, other)).toBe(isSameLength && (other === undefined) === (paddedFor === undefined));
      }
    }), runs);
  });

  it('is the one that encoding it again gives, whatever was done to its bytes', () => {
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255), how: fc.constantFrom('set', 'insert', 'drop') });
    let same = 0;
    fc.assert(fc.property(answers, fc.constantFrom(64, 256, undefined), fc.array(change, { maxLength: 2 }), (answer, paddedFor, changes) => {
      const bytes = changes.reduce((now, { at, byte, how }) => {
        const list = [...now];
        list.splice(at % list.length, how === 'insert' ? 0 : 1, ...(how === 'drop' ? [] : [byte]));
        return Uint8Array.from(list);
      }, encodeAnswer(answer, paddedFor));
      let read: ReturnType<typeof decodeAnswer>;
      try {
        read = decodeAnswer(bytes);
      } catch {
        return;
      }
      same++;
      expect(isCanonicalAnswer(bytes, read, paddedFor)).toBe(toHex(bytes) === toHex(encodeAnswer(read, paddedFor)));
    }), { numRuns: runs.numRuns * 20 });
    expect(same).toBeGreaterThan(runs.numRuns);
  });

  it('has no second spelling that its padding makes room for', () => {
    // One length field of two bytes where one would do, and a byte less of padding, at every length of padding that matters.
    for (const size of [1, 100, 255]) {
      const statement = new Uint8Array(size).fill(7);
      const long = concatBytes([Uint8Array.of(0x96, 1, 0, 0xc4, 0, 0x91, 0xc5, 0, size), statement, Uint8Array.of(0x90, 0xc0)]);
      for (let length = long.length + 1; length < long.length + 700; length++) {
        const bytes = padTo(long, length);
        const read = decodeAnswer(bytes);
        expect(isPaddedTo(bytes, long.length - 1, read.padding!)).toBe(false);
        expect(isPaddedTo(bytes, long.length, read.padding!)).toBe(true);
      }
      // The one length at which the shorter form of the padding's own field could hide it.
      const hidden = concatBytes([long.subarray(0, -1), Uint8Array.of(0xc4, 255), new Uint8Array(255)]);
      expect(isPaddedTo(hidden, long.length - 1, decodeAnswer(hidden).padding!)).toBe(false);
    }
  });

  it('has one length for every question of a class as long as nothing is listed', () => {
    for (const [least, most, bytes] of [[1, 8, 1024], [9, 24, 2048], [57, 120, 8192], [505, 1000, 65_536]] as const) {
      for (const count of [least, most]) {
        const request = encodeQuery(padded(count));
        const statements = Array.from({ length: count }, () => unlisted);
        expect(encodeAnswer(direct(statements), request.length).length).toBe(bytes);
        const signatures = statements.map(() => new Uint8Array(64));
        expect(encodeAnswer({ proof: { kind: 'statement', signatures }, statements }, request.length).length).toBe(2 * bytes);
      }
    }
  });

  it('is refused when a bit of its padding is set, when it is shorter, longer, or padded in another form', () => {
    const answer = direct([unlisted]);
    const bytes = encodeAnswer(answer, 64);
    const set = bytes.slice();
    set[set.length - 1] = 1;
    expect(isCanonicalAnswer(set, decodeAnswer(set), 64)).toBe(false);
    const unpadded = encodeValue([1, 1, new Uint8Array(8), [unlisted], [new Uint8Array(64)], null]);
    for (const length of [bytes.length - 1, bytes.length + 1, bytes.length * 2]) {
      const other = padTo(unpadded, length);
      expect(isCanonicalAnswer(other, decodeAnswer(other), 64)).toBe(false);
    }
    const long = concatBytes([unpadded.subarray(0, unpadded.length - 1), Uint8Array.of(0xc6, 0, 0), Uint8Array.of(0, 0)]);
    const filled = concatBytes([long, new Uint8Array(bytes.length - long.length)]);
    new DataView(filled.buffer).setUint32(unpadded.length, bytes.length - long.length);
    expect(filled.length).toBe(bytes.length);
    expect(isCanonicalAnswer(filled, decodeAnswer(filled), 64)).toBe(false);
  });
});

describe('padding', () => {
  it('meets every length, as one value of the protocol', () => {
    const unpadded = encodeValue([7, null]);
    for (const length of [4, 5, 258, 259, 260, 261, 262, 65_538, 65_539, 65_540, 65_541, 65_542, 65_543, 200_000]) {
      const bytes = padTo(unpadded, length);
      expect(bytes.length).toBe(length);
      expect(bytes[0]).toBe(0x92);
      const [head, size] = bytes[2] === 0xc4 ? [2, bytes[3]!] : bytes[2] === 0xc5 ? [3, (bytes[3]! << 8) | bytes[4]!] : [5, new DataView(bytes.buffer).getUint32(3)];
      expect(2 + head + size).toBe(length);
    }
    expect(() => padTo(unpadded, 3)).toThrow(RangeError);
  });

  it('has classes that double and end at the limits of the protocol', () => {
    expect([1, 63, 64, 127, 4095, 4096, 8191, 8192].map(requestClass)).toEqual([64, 64, 128, 128, 4096, 8192, 8192, maxRequestBytes]);
    expect([1, 1023, 1024, 5000].map((bytes) => answerClass(64, 'direct', bytes))).toEqual([1024, 1024, 2048, 8192]);
    expect(answerClass(4096, 'none', 4_000_000)).toBe(maxAnswerBytes);
    expect(answerClass(8192, 'direct', 1)).toBe(131_072);
  });
});
