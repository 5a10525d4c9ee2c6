import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { VedetteError } from '../../src/base/errors.js';
import { BitReader } from '../../src/pattern/rice/bit-stream.js';
import { decodeRice32, decodeRiceWide, encodeRice32, encodeRiceWide } from '../../src/pattern/rice/rice.js';
import { sharedPath } from '../shared.js';

const numRuns = Number(process.env.FUZZ_RUNS ?? 100);
const limits = { maxEntries: 1_000_000 };
const path = sharedPath('data/url/rice.json');

interface Vector {
  readonly kind: string;
  readonly k: number;
  readonly n?: number;
  readonly first?: string | number;
  readonly encoded: string;
  readonly deltas?: readonly number[];
  readonly expect?: readonly (string | number)[];
}

const vectors = path === undefined ? [] : (JSON.parse(readFileSync(path, 'utf8')) as { vectors: readonly Vector[] }).vectors;
const ofKind = (kind: string): readonly Vector[] => vectors.filter((one) => one.kind.startsWith(kind));
const bytesOf = (hex: string): Uint8Array => fromHex(hex)!;

describe.skipIf(path === undefined)('the shared Rice vectors', () => {
  it('distances, bit by bit', () => {
    expect(ofKind('bits').length).toBeGreaterThan(0);
    for (const { k, encoded, deltas } of ofKind('bits')) {
      const bits = new BitReader(bytesOf(encoded));
      const read = (deltas ?? []).map(() => bits.ones(2 ** 20) * 2 ** k + bits.take(k));
      expect(read).toEqual(deltas);
    }
  });

  it('32-bit lists of version 5, big-endian', () => {
    expect(ofKind('v5-32bit').length).toBeGreaterThan(0);
    for (const { k, n, first, encoded, expect: expected } of ofKind('v5-32bit')) {
      const block = { first: Number.parseInt(String(first), 16), parameter: k, count: n ?? 0, data: bytesOf(encoded) };
      expect([...decodeRice32(block, limits)].map((one) => one.toString(16).padStart(8, '0'))).toEqual(expected);
    }
  });

  it('64-, 128- and 256-bit lists of version 5', () => {
    const wide = ['v5-64bit', 'v5-128bit', 'v5-256bit'].flatMap((kind) => ofKind(kind));
    expect(wide.length).toBeGreaterThan(4);
    for (const { k, n, first, encoded, expect: expected } of wide) {
      const block = { first: bytesOf(String(first)), parameter: k, count: n ?? 0, data: bytesOf(encoded) };
      expect(toHex(decodeRiceWide(block, limits))).toBe(expected?.join(''));
    }
  });

  it('32-bit numbers of version 4', () => {
    for (const { k, n, first, encoded, expect: expected } of ofKind('prefixes-le')) {
      const values = decodeRice32({ first: Number(first), parameter: k, count: n ?? 0, data: bytesOf(encoded) }, limits);
      // Version 4 reads each number as four little-endian bytes and sorts those.
      expect([...values].sort((a, b) => swapped(a) - swapped(b))).toEqual(expected);
    }
  });

  it('a parameter that is not positive is refused', () => {
    for (const { k, n, encoded } of ofKind('error')) {
      expect(() => decodeRice32({ first: 0, parameter: k, count: n ?? 1, data: bytesOf(encoded) }, limits)).toThrow(VedetteError);
    }
  });
});

describe('Rice coding', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(0xffff_ffff), { minLength: 1, maxLength: 60 }), (numbers) => {
        const sorted = Uint32Array.from(numbers).sort();
        expect(decodeRice32(encodeRice32(sorted), limits)).toEqual(sorted);
      }),
      { numRuns },
    );
  });

  it('gives back distances whose ones fill four bytes and more, wherever in a byte they begin', () => {
    for (let far = 1; far < 64; far++) {
      const sorted = Uint32Array.from({ length: far + 1 }, (_, i) => (i < far ? i : 4_000_000_000));
      expect(decodeRice32(encodeRice32(sorted), limits)).toEqual(sorted);
    }
  });

  it.each([8, 16, 32] as const)('gives back numbers of %i bytes', (bytes) => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.bigInt({ min: 0n, max: (1n << BigInt(bytes * 8)) - 1n }), { minLength: 1, maxLength: 30 }), (numbers) => {
        const hex = [...numbers].sort((a, b) => (a < b ? -1 : 1)).map((one) => one.toString(16).padStart(bytes * 2, '0')).join('');
        expect(toHex(decodeRiceWide(encodeRiceWide(bytesOf(hex), bytes), limits))).toBe(hex);
      }),
      { numRuns },
    );
  });

  it('any bytes are numbers or a refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(40), fc.nat(300), fc.nat(0xffff_ffff), (data, parameter, count, first) => {
        for (const decode of [
          () => decodeRice32({ first, parameter, count, data }, { maxEntries: 200 }),
          () => decodeRiceWide({ first: new Uint8Array(8).fill(first), parameter, count, data }, { maxEntries: 200 }),
        ]) {
          try {
            expect(decode().length).toBeGreaterThan(0);
          } catch (error) {
            expect(VedetteError.is(error) && error.code).toBe('pattern-refused');
          }
        }
      }),
      { numRuns: numRuns * 5 },
    );
  });

  it('refuses a count over the limit, or one that the data cannot hold, before it makes room', () => {
    const block = { first: 0, parameter: 3, count: 3, data: new Uint8Array(2) };
    expect(decodeRice32(block, { maxEntries: 4 })).toEqual(Uint32Array.of(0, 0, 0, 0));
    expect(() => decodeRice32(block, { maxEntries: 3 })).toThrow(/limit/);
    expect(() => decodeRice32({ ...block, count: 5 }, limits)).toThrow(/do not fit/);
    expect(() => decodeRice32({ ...block, count: 2 ** 31 }, { maxEntries: 2 ** 32 })).toThrow(/do not fit/);
  });

  it('refuses numbers that leave their width', () => {
    const data = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff);
    expect(() => decodeRice32({ first: 0xffff_fff0, parameter: 3, count: 1, data: Uint8Array.of(0x01, 0x0f) }, limits)).not.toThrow();
    expect(() => decodeRice32({ first: 0xffff_ffff, parameter: 3, count: 1, data: Uint8Array.of(0x01, 0x0f) }, limits)).toThrow(/over 32 bits/);
    expect(() => decodeRice32({ first: 0, parameter: 30, count: 1, data }, limits)).toThrow(/too large/);
  });
});

function swapped(value: number): number {
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}
