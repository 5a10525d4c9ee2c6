import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIpv4 } from '../../src/fingerprint/host/ipv4.js';
import { canonicalIpv6 } from '../../src/fingerprint/host/ipv6.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };

function urlHost(host: string): string | undefined {
  try {
    return new URL(`http://${host}/`).hostname;
  } catch {
    return undefined;
  }
}

const spelled = (value: number): fc.Arbitrary<string> =>
  fc.constantFrom(String(value), `0${value.toString(8)}`, `0x${value.toString(16)}`, `0X${value.toString(16).toUpperCase()}`, `0000${value.toString(8)}`);

/** An address in one of its legal spellings. */
const legalIpv4 = fc
  .tuple(fc.nat(0xffffffff), fc.integer({ min: 1, max: 4 }))
  .chain(([address, parts]) => {
    const bytes = [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff);
    const values = [...bytes.slice(0, parts - 1), bytes.slice(parts - 1).reduce((sum, byte) => sum * 256 + byte, 0)];
    return fc.tuple(fc.constant(bytes.join('.')), fc.tuple(...values.map(spelled)).map((all) => all.join('.')));
  });

describe('IPv4 addresses', () => {
  it('come out alike in every legal spelling, as the URL standard reads it', () => {
    fc.assert(
      fc.property(legalIpv4, ([decimal, spelling]) => {
        expect(parseIpv4(spelling)).toBe(decimal);
        expect(urlHost(spelling)).toBe(decimal);
      }),
      runs,
    );
  });

  it.each([
    ['127.1', '127.0.0.1'],
    ['0', '0.0.0.0'],
    ['0x', '0.0.0.0'],
    ['0x7f000001', '127.0.0.1'],
    ['017700000001', '127.0.0.1'],
    ['4294967295', '255.255.255.255'],
    ['4294967296', undefined],
    ['276.2.3', '20.2.0.3'],
    ['1.2.3.4.5', undefined],
    ['1.2.3.08', undefined],
    ['1.2.3.00x0', undefined],
    ['1.2.3.0xg', undefined],
    ['1..2', undefined],
    ['', undefined],
    ['1e3', undefined],
    ['-1', undefined],
    ['+1', undefined],
    ['1.2.3.4 x', undefined],
    ['1'.repeat(60), undefined],
    ['a.b', undefined],
  ])('%j reads as %j', (host, address) => {
    expect(parseIpv4(host)).toBe(address);
  });
});

const word = fc.oneof(fc.constant(0), fc.nat(0xffff));
const spelledWord = (value: number): fc.Arbitrary<string> =>
  fc.constantFrom(value.toString(16), value.toString(16).padStart(4, '0'), value.toString(16).toUpperCase());

describe('IPv6 addresses', () => {
  it('are written as the URL standard writes them, but for those that carry IPv4', () => {
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 8, maxLength: 8 }).chain((words) => fc.tuple(...words.map(spelledWord))),
        (groups) => {
          const text = groups.join(':');
          fc.pre(!/^0*(64|0):/.test(text));
          expect(canonicalIpv6(text)).toBe(urlHost(`[${text}]`));
        },
      ),
      runs,
    );
  });

  it('are read where the URL standard reads them and nowhere else', () => {
    const pieces = fc.constantFrom(':', '::', '0', '1', 'ffff', 'abcd', '00001', 'g', '1.2.3.4', '1.2.3', '1.2.3.04', '.', '1.2.3.256');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 18 }).map((all) => all.join('')), (text) => {
        expect(canonicalIpv6(text) !== undefined).toBe(urlHost(`[${text}]`) !== undefined);
      }),
      { numRuns: runs.numRuns * 20 },
    );
  });

  it.each([
    ['2001:0db8:0000::1', '[2001:db8::1]'],
    ['::', '[::]'],
    ['::1', '[::1]'],
    ['1::', '[1::]'],
    ['2001:db8:0:1:1:1:1:1', '[2001:db8:0:1:1:1:1:1]'],
    ['2001:0:0:1:0:0:0:1', '[2001:0:0:1::1]'],
    ['2001:db8:0:0:1:0:0:1', '[2001:db8::1:0:0:1]'],
    ['2001:DB8::A', '[2001:db8::a]'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::FFFF:7f00:1', '127.0.0.1'],
    ['0:0:0:0:0:ffff:102:304', '1.2.3.4'],
    ['64:ff9b::1.2.3.4', '1.2.3.4'],
    ['64:ff9b::7f00:1', '127.0.0.1'],
    ['64:ff9b:1::1.2.3.4', '[64:ff9b:1::102:304]'],
    ['::1.2.3.4', '[::102:304]'],
    ['fe80::1%eth0', '[fe80::1]'],
    ['%eth0', undefined],
    ['1:2:3:4:5:6:7:8:9', undefined],
    ['1:2:3:4:5:6:7::8:9', undefined],
    ['1:2:3:4:5:6:7:1.2.3.4', undefined],
    ['1.2.3.4::', undefined],
    [':::', undefined],
    ['', undefined],
  ])('%s reads as %s', (text, host) => {
    expect(canonicalIpv6(text)).toBe(host);
  });
});
