import { describe, expect, it } from 'vitest';
import { concatBytes, toHex } from '../../src/base/bytes.js';
import { VedetteError } from '../../src/base/errors.js';
import { decodeAnswer, encodeAnswer } from '../../src/protocol/answer-message.js';
import { decodeQuery, encodeQuery } from '../../src/protocol/query-message.js';
import { decodeStatement, encodeStatement } from '../../src/protocol/statement.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';

const seed = Number(process.env['FUZZ_SEED'] ?? 20_260_101);
const runs = Number(process.env['FUZZ_RUNS'] ?? 100) * 100;

const prefix = Uint8Array.of(9, 8, 7, 6);
const statement = encodeStatement({
  kind: 'url',
  algorithm: 'sha256',
  prefix,
  generation: 3,
  issuedAt: 1_700_000_000_000,
  expiresAt: 1_700_000_100_000,
  ttlMs: 100_000,
  keyId: new Uint8Array(8),
  records: [{ hash: concatBytes([prefix, new Uint8Array(28)]), disposition: 'malicious', threats: [{ name: 'A.B', type: 'phishing' }], score: 3 }],
});
const samples: [(bytes: Uint8Array) => unknown, Uint8Array][] = [
  [decodeStatement, statement],
  [decodeAnswer, encodeAnswer({ proof: { kind: 'direct', keyId: new Uint8Array(8), signature: new Uint8Array(64) }, statements: [statement, statement] })],
  [decodeQuery, encodeQuery({ nonce: new Uint8Array(16), groups: [{ kind: 'file', algorithm: 'md5', prefixes: [prefix] }] })],
];

function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const below = (end: number): number => Math.floor(random() * end);
  let mutated: Uint8Array = bytes.slice();
  for (let rounds = 1 + below(3); rounds > 0; rounds--) {
    const at = below(mutated.length);
    const choice = below(5);
    if (choice === 0 && mutated.length > 0) {
      mutated[at]! ^= 1 << below(8);
    } else if (choice === 1 && mutated.length > 0) {
      mutated[at] = below(256);
    } else if (choice === 2) {
      mutated = mutated.slice(0, at);
    } else if (choice === 3) {
      const extra = Uint8Array.from({ length: 1 + below(6) }, () => below(256));
      mutated = concatBytes([mutated.subarray(0, at), extra, mutated.subarray(at)]);
    } else {
      mutated = concatBytes([mutated.subarray(0, at), mutated.subarray(below(mutated.length + 1))]);
    }
  }
  return mutated;
}

describe('mutated messages', () => {
  it(`are decoded or refused with a typed error, never anything else (seed ${seed})`, () => {
    const random = createSeededRandom(seed);
    const ownKeys = Reflect.ownKeys(Object.prototype);
    let refused = 0;
    for (let run = 0; run < runs; run++) {
      const [decode, sample] = samples[run % samples.length]!;
      const bytes = mutate(sample, random);
      try {
        decode(bytes);
      } catch (error) {
        refused++;
        expect(VedetteError.is(error) && error.code, toHex(bytes)).toBe('transport-failed');
      }
    }
    expect(refused).toBeGreaterThan(runs / 4);
    expect(Reflect.ownKeys(Object.prototype)).toEqual(ownKeys);
  });
});
