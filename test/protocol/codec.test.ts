import { readFileSync } from 'node:fs';
import { unpack } from 'msgpackr/index-no-eval';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex, toHex } from '../../src/base/bytes.js';
import { VedetteError } from '../../src/base/errors.js';
import { decodeValue, encodeValue } from '../../src/protocol/codec/codec.js';
import { sharedPath } from '../shared.js';
import { fitExponent, leastMs, measure } from '../support/complexity.js';

const limits = { maxBytes: 4 * 1024 * 1024, maxDepth: 8, maxItems: 10_000 };

interface Attack {
  readonly name: string;
  readonly hex?: string;
  readonly repeat?: { readonly hex: string; readonly times: number };
}

const attacksPath = sharedPath('data/attacks/msgpack.json');
const attacks: Attack[] =
  attacksPath === undefined ? [] : (JSON.parse(readFileSync(attacksPath, 'utf8')) as { cases: Attack[] }).cases;

function attackBytes(attack: Attack): Uint8Array {
  const unit = fromHex(attack.hex ?? attack.repeat!.hex)!;
  return concatBytes(Array.from({ length: attack.repeat?.times ?? 1 }, () => unit));
}

/** What the promise says about one attack: a typed error, in time, with nothing left behind. */
function survives(decode: (bytes: Uint8Array) => unknown, attack: Attack): boolean {
  const bytes = attackBytes(attack);
  const before = Reflect.ownKeys(Object.prototype).length;
  const isRefused = (): boolean => {
    try {
      decode(bytes);
      return false;
    } catch (error) {
      return VedetteError.is(error) && error.code === 'transport-failed';
    }
  };
  return isRefused() && leastMs(isRefused, 3) < 50 && Reflect.ownKeys(Object.prototype).length === before && !('admin' in {});
}

describe('decoding hostile bytes', () => {
  it.skipIf(attacks.length === 0)('ends every known attack in a typed error within 50 ms (needs the shared data)', () => {
    // Three of the cases are single integers: values without side effects, refused only where an integer is read.
    const integers = new Set(['uint64 above 2^53 as size', 'negative int as size']);
    for (const attack of attacks) {
      if (integers.has(attack.name)) {
        expect(['number', 'bigint']).toContain(typeof decodeValue(attackBytes(attack), limits));
        continue;
      }
      expect(survives((bytes) => decodeValue(bytes, limits), attack), attack.name).toBe(true);
    }
  });

  it.skipIf(attacks.length === 0)('sabotage: by a decoder that is made for anything the same check fails', () => {
    expect(attacks.filter((attack) => !survives((bytes) => unpack(bytes), attack)).length).toBeGreaterThan(5);
  });

  it('refuses every type that the protocol does not use', () => {
    const tags = ['80', '81a16101', 'c1', 'c2', 'c3', 'c70101ff', 'ca00000000', 'cb0000000000000000', 'd4ff00', 'd47240', 'de0000', 'df00000000'];
    for (const hex of tags) {
      expect(() => decodeValue(fromHex(hex)!, limits), hex).toThrow(VedetteError);
      expect(() => decodeValue(fromHex(`92${hex}01`)!, limits), hex).toThrow(VedetteError);
    }
  });

  it('refuses every cut of a message, and the message with a byte after it', () => {
    const whole = encodeValue([1, 'text', new Uint8Array(300), ['x'.repeat(40), 70_000, -5, 2n ** 40n], null]);
    expect(decodeValue(whole, limits)).toHaveLength(5);
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeValue(whole.subarray(0, length), limits)).toThrow(VedetteError);
    }
    expect(() => decodeValue(concatBytes([whole, Uint8Array.of(0)]), limits)).toThrow(VedetteError);
  });

  it('leaves no property on the bytes that it is given', () => {
    const bytes = encodeValue([1]);
    decodeValue(bytes, limits);
    expect(Object.keys(bytes)).toEqual(['0', '1']);
  });

  it('holds depth, items and bytes exactly', () => {
    const nested = (depth: number): Uint8Array => fromHex(`${'91'.repeat(depth - 1)}90`)!;
    const flat = (items: number): Uint8Array => concatBytes([fromHex('dd')!, Uint8Array.of(0, 0, items >> 8, items & 0xff), new Uint8Array(items)]);
    const accepts = (bytes: Uint8Array, own: Partial<typeof limits>): boolean => {
      try {
        decodeValue(bytes, { ...limits, ...own });
        return true;
      } catch {
        return false;
      }
    };
    expect([accepts(nested(8), {}), accepts(nested(9), {})]).toEqual([true, false]);
    expect([accepts(flat(99), { maxItems: 100 }), accepts(flat(100), { maxItems: 100 })]).toEqual([true, false]);
    expect([accepts(flat(95), { maxBytes: 100 }), accepts(flat(96), { maxBytes: 100 })]).toEqual([true, false]);
  });

  it('takes time in proportion to the bytes', { retry: 2 }, () => {
    const points = measure(
      [4_000, 16_000, 64_000],
      (count) => encodeValue(Array.from({ length: count }, () => [1, 'abc'])),
      (bytes) => decodeValue(bytes, { maxBytes: bytes.length, maxDepth: 2, maxItems: 1_000_000 }),
    );
    expect(fitExponent(points)).toBeLessThan(1.6);
  });
});

interface SuiteCase {
  readonly number?: number;
  readonly bignum?: string;
  readonly string?: string;
  readonly binary?: string;
  readonly nil?: null;
  readonly array?: readonly unknown[];
  readonly msgpack: readonly string[];
}

const suitePath = sharedPath('data/msgpack/msgpack-test-suite.json');

describe('the public msgpack test suite', () => {
  it.skipIf(suitePath === undefined)('agrees on what the protocol uses and refuses the rest (needs the shared data)', () => {
    const suite = JSON.parse(readFileSync(suitePath!, 'utf8')) as Record<string, SuiteCase[]>;
    let agreed = 0;
    for (const one of Object.values(suite).flat()) {
      for (const hex of one.msgpack) {
        const bytes = fromHex(hex.replaceAll('-', ''))!;
        const used = !/^(8|c[123789ab]|d[45678]|d[ef])/.test(toHex(bytes)) && !JSON.stringify(one.array ?? null).includes('{');
        if (!used) {
          expect(() => decodeValue(bytes, limits), hex).toThrow(VedetteError);
          continue;
        }
        const value = decodeValue(bytes, limits);
        const expected = one.bignum !== undefined ? BigInt(one.bignum) : (one.number ?? one.string ?? one.array ?? null);
        if (one.binary !== undefined) {
          expect(toHex(value as Uint8Array)).toBe(one.binary.replaceAll('-', ''));
        } else if (typeof value === 'bigint') {
          expect(value).toBe(BigInt(expected as number | bigint));
        } else {
          expect(value).toEqual(typeof expected === 'bigint' ? Number(expected) : expected);
        }
        agreed++;
      }
    }
    expect(agreed).toBeGreaterThan(50);
  });
});
