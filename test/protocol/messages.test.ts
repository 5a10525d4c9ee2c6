import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, fromHex } from '../../src/base/bytes.js';
import { decodeAnswer, encodeAnswer } from '../../src/protocol/answer-message.js';
import { encodeValue, type WireValue } from '../../src/protocol/codec/codec.js';
import * as limits from '../../src/protocol/limits.js';
import type { Statement } from '../../src/protocol/messages.js';
import { decodeQuery, encodeQuery } from '../../src/protocol/query-message.js';
import { decodeStatement, encodeStatement } from '../../src/protocol/statement.js';
import { answers, queries, statements } from './messages-arbitrary.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const prefix = Uint8Array.of(1, 2, 3, 4);
const refusal = expect.objectContaining({ code: 'transport-failed' }) as Error;

const statement: Statement = {
  kind: 'file',
  algorithm: 'sha256',
  prefix,
  generation: 7,
  issuedAt: 1_700_000_000_000,
  expiresAt: 1_700_003_600_000,
  ttlMs: 3_600_000,
  keyId: new Uint8Array(8),
  records: [],
};

function hashUnder(last: number): Uint8Array {
  const hash = new Uint8Array(32);
  hash.set(prefix);
  new DataView(hash.buffer).setUint32(28, last);
  return hash;
}

function prefixes(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => Uint8Array.of(0, 0, i >> 8, i & 0xff));
}

describe('messages', () => {
  it('come back as they were sent, prefixes in ascending order', () => {
    fc.assert(
      fc.property(queries, (query) => {
        const expected = {
          ...query,
          groups: query.groups.map((group) => ({ ...group, prefixes: [...group.prefixes].sort(compareBytes) })),
        };
        expect(decodeQuery(encodeQuery(query))).toEqual(expected);
      }),
      runs,
    );
    fc.assert(
      fc.property(answers, (answer) => {
        expect(decodeAnswer(encodeAnswer(answer))).toEqual(answer);
      }),
      runs,
    );
    fc.assert(
      fc.property(statements, (one) => {
        expect(decodeStatement(encodeStatement(one))).toEqual({ kind: 'understood', statement: one });
      }),
      runs,
    );
  });

  it('have one canonical form: these bytes are what other implementations write', () => {
    const bytes = encodeStatement({
      ...statement,
      records: [{ hash: hashUnder(1), disposition: 'malicious', threats: [{ name: 'Test.A', type: 'trojan' }], size: 5 }],
    });
    const expected =
      '9a010101c40401020304' + '07' + 'd30000018bcfe56800' + 'd30000018bd01c5680' + 'ce0036ee80' + 'c4080000000000000000' +
      '9195c42001020304000000000000000000000000000000000000000000000000000000010191' + '92a6546573742e41a674726f6a616e' + '05c0';
    expect(bytes).toEqual(fromHex(expected));
  });

  it('keep no view of the answer in a decoded record, so that a cached hash does not hold 4 MiB', () => {
    const bytes = encodeStatement({ ...statement, records: [{ hash: hashUnder(1), disposition: 'clean', threats: [] }] });
    const read = decodeStatement(bytes);
    const held = read.kind === 'understood' ? read.statement.records[0]!.hash : undefined;
    expect(held?.buffer.byteLength).toBe(32);
  });
});

describe('limits are exact', () => {
  it('1000 prefixes pass, 1001 do not, in one group or in several', () => {
    const nonce = new Uint8Array(16);
    const full = { kind: 'file', algorithm: 'sha256', prefixes: prefixes(1000) } as const;
    const one = { kind: 'url', algorithm: 'sha256', prefixes: prefixes(1) } as const;
    expect(decodeQuery(encodeQuery({ nonce, groups: [full] })).groups[0]?.prefixes.length).toBe(1000);
    expect(() => encodeQuery({ nonce, groups: [{ ...full, prefixes: prefixes(1001) }] })).toThrow(RangeError);
    expect(() => encodeQuery({ nonce, groups: [full, one] })).toThrow(RangeError);
    const blob = (count: number): Uint8Array => Uint8Array.from(prefixes(count).flatMap((bytes) => [...bytes]));
    const wire = (...groups: WireValue[]): Uint8Array => encodeValue([1, nonce, groups]);
    expect(() => decodeQuery(wire([1, 1, blob(1001)]))).toThrow(refusal);
    expect(() => decodeQuery(wire([1, 1, blob(1000)], [2, 1, blob(1)]))).toThrow(refusal);
    expect(decodeQuery(wire([1, 1, blob(999)], [2, 1, blob(1)])).groups.length).toBe(2);
  });

  it('2048 records, 64 threats, 16 categories, 1024 bytes of name and 64 of type pass, one more does not', () => {
    const record = { hash: hashUnder(1), disposition: 'malicious', threats: [] } as const;
    const accepts = (records: Statement['records']): boolean => {
      try {
        return decodeStatement(encodeStatement({ ...statement, records })).kind === 'understood';
      } catch {
        return false;
      }
    };
    const threats = (count: number): { name: string; type: string }[] =>
      Array.from({ length: count }, (_, i) => ({ name: `n${i}`, type: 't' }));
    const named = (name: string, type = 't'): Statement['records'] => [{ ...record, threats: [{ name, type }] }];
    const many = (count: number): Statement['records'] =>
      Array.from({ length: count }, (_, i) => ({ ...record, hash: hashUnder(i) }));
    expect([accepts(many(limits.maxRecords)), accepts(many(limits.maxRecords + 1))]).toEqual([true, false]);
    expect([accepts([{ ...record, threats: threats(64) }]), accepts([{ ...record, threats: threats(65) }])]).toEqual([true, false]);
    expect([accepts(named('é'.repeat(512))), accepts(named(`${'é'.repeat(512)}x`))]).toEqual([true, false]);
    expect([accepts(named('n', 'x'.repeat(64))), accepts(named('n', 'x'.repeat(65)))]).toEqual([true, false]);
    const filed = (...categories: string[]): Statement['records'] => [{ ...record, categories }];
    const sixteen = Array.from({ length: 16 }, (_, i) => `c${i}`);
    expect([accepts(filed(...sixteen)), accepts(filed(...sixteen, 'c16'))]).toEqual([true, false]);
    expect([accepts(filed('é'.repeat(32))), accepts(filed(`${'é'.repeat(32)}x`)), accepts(filed(''))]).toEqual([true, false, false]);
    expect([accepts(named('')), accepts(named('line\nbreak')), accepts(named('\u001b[31m')), accepts(named('\u0085'))]).toEqual(
      [false, false, false, false],
    );
  });

  it('1000 statements of 256 KiB at most pass, one more of either does not', () => {
    const answer = (count: number, bytes = 1): Uint8Array =>
      encodeAnswer({ proof: { kind: 'none' }, statements: Array.from({ length: count }, () => new Uint8Array(bytes)) });
    expect(decodeAnswer(answer(1000)).statements.length).toBe(1000);
    expect(() => decodeAnswer(answer(1001))).toThrow(refusal);
    expect(decodeAnswer(answer(1, limits.maxStatementBytes)).statements.length).toBe(1);
    expect(() => decodeAnswer(answer(1, limits.maxStatementBytes + 1))).toThrow(refusal);
  });
});

describe('shapes', () => {
  const fields = (change: (values: WireValue[]) => void): Uint8Array => {
    const values: WireValue[] = [1, 1, 1, prefix, 7, 1, 2, 3, new Uint8Array(8), []];
    change(values);
    return encodeValue(values);
  };
  const faults: [string, (values: WireValue[]) => void][] = [
    ['version 2', (v) => (v[0] = 2)],
    ['no version', (v) => (v[0] = null)],
    ['a kind of a later version', (v) => (v[1] = 3)],
    ['an algorithm of a later version', (v) => (v[2] = 4)],
    ['a prefix of 3 bytes', (v) => (v[3] = prefix.slice(1))],
    ['a prefix as text', (v) => (v[3] = 'abcd')],
    ['a negative generation', (v) => (v[4] = -1)],
    ['a generation above 2^53', (v) => (v[4] = 2n ** 63n - 1n)],
    ['no time', (v) => (v[5] = null)],
    ['a key id of 7 bytes', (v) => (v[8] = new Uint8Array(7))],
    ['records that are no list', (v) => (v[9] = 0)],
    ['an eleventh field', (v) => v.push(null)],
    ['a missing field', (v) => v.pop()],
    ['a hash that is not under the prefix', (v) => (v[9] = [[new Uint8Array(32), 1, [], null, null]])],
    ['a hash of another length', (v) => (v[9] = [[hashUnder(1).slice(0, 20), 1, [], null, null]])],
    ['a score of 101', (v) => (v[9] = [[hashUnder(1), 1, [], null, 101]])],
    ['a negative size', (v) => (v[9] = [[hashUnder(1), 1, [], -1, null]])],
    ['a list of no categories', (v) => (v[9] = [[hashUnder(1), 1, [], null, null, []]])],
    ['categories that are no texts', (v) => (v[9] = [[hashUnder(1), 1, [], null, null, [1]]])],
    ['a record of seven values', (v) => (v[9] = [[hashUnder(1), 1, [], null, null, ['a'], null]])],
    ['a disposition as text', (v) => (v[9] = [[hashUnder(1), 'clean', [], null, null]])],
  ];
  it.each(faults)('refuse a statement with %s', (_, change) => {
    expect(() => decodeStatement(fields(change))).toThrow(refusal);
  });

  it('take a statement with a disposition of a later version as not understood, whole', () => {
    const known: WireValue = [hashUnder(1), 3, [], null, null];
    const later: WireValue = [hashUnder(2), 9, [], null, null];
    const read = decodeStatement(fields((v) => (v[9] = [known, later])));
    expect(read.kind).toBe('not-understood');
    expect(read.statement).not.toHaveProperty('records');
  });

  const nonce = new Uint8Array(16);
  const badQueries: [string, WireValue][] = [
    ['a nonce of 15 bytes', [1, nonce.slice(1), [[1, 1, prefix]]]],
    ['no group', [1, nonce, []]],
    ['a group twice', [1, nonce, [[1, 1, prefix], [1, 1, prefix]]]],
    ['no prefix', [1, nonce, [[1, 1, new Uint8Array(0)]]]],
    ['half a prefix', [1, nonce, [[1, 1, new Uint8Array(6)]]]],
    ['a prefix twice', [1, nonce, [[1, 1, Uint8Array.of(1, 2, 3, 4, 1, 2, 3, 4)]]]],
    ['prefixes out of order', [1, nonce, [[1, 1, Uint8Array.of(1, 2, 3, 5, 1, 2, 3, 4)]]]],
    ['an unknown kind', [1, nonce, [[0, 1, prefix]]]],
    ['version 2', [2, nonce, [[1, 1, prefix]]]],
  ];
  it.each(badQueries)('refuse a request with %s', (_, value) => {
    expect(() => decodeQuery(encodeValue(value))).toThrow(refusal);
  });

  const none = new Uint8Array(0);
  const badAnswers: [string, WireValue][] = [
    ['an unknown proof', [1, 3, none, [], []]],
    ['a direct proof without signature', [1, 1, new Uint8Array(8), [], []]],
    ['a direct proof with two signatures', [1, 1, new Uint8Array(8), [], [new Uint8Array(64), new Uint8Array(64)]]],
    ['a direct proof without key id', [1, 1, none, [], [new Uint8Array(64)]]],
    ['a signature of 63 bytes', [1, 1, new Uint8Array(8), [], [new Uint8Array(63)]]],
    ['fewer signatures than statements', [1, 2, none, [none, none], [new Uint8Array(64)]]],
    ['a signature without proof', [1, 0, none, [], [new Uint8Array(64)]]],
    ['a statement as text', [1, 0, none, ['x'], []]],
  ];
  it.each(badAnswers)('refuse an answer with %s', (_, value) => {
    expect(() => decodeAnswer(encodeValue(value))).toThrow(refusal);
  });
});
