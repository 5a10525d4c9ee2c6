import fc from 'fast-check';
import { isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import { canonicalIp, canonicalMac } from '../../src/base/ip-address.js';

const runs = Number(process.env['FUZZ_RUNS'] ?? 100);

describe('an IP address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['FE80:0:0:0:0:0:0:1', 'fe80::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['fd00::', 'fd00::'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['192.0.2', undefined],
    ['192.0.2.1.', undefined],
    ['192.0.2.01', undefined],
    ['192.0.2.256', undefined],
    ['192.0.2.1/24', undefined],
    ['0x7f.0.0.1', undefined],
    ['fe80::1::2', undefined],
    ['[fe80::1]', undefined],
    ['host.example', undefined],
    ['', undefined],
    ['%', undefined],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalIp(text)).toBe(canonical);
  });

  it('has one spelling, and is one for Node too', () => {
    const text = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 20 }), fc.array(fc.constantFrom(':', '::', '0', 'ff', '.', '1', '255'), { maxLength: 12 }).map((some) => some.join('')));
    fc.assert(
      fc.property(text, (written) => {
        const canonical = canonicalIp(written);
        expect(canonical !== undefined).toBe(isIP(written.split('%')[0] ?? '') !== 0);
        expect(canonical === undefined ? undefined : canonicalIp(canonical)).toBe(canonical);
      }),
      { numRuns: runs },
    );
  });
});

describe('a MAC address', () => {
  it.each([
    ['02:FC:00:00:00:05', '02:fc:00:00:00:05'],
    ['2:fc:0:0:0:5', '02:fc:00:00:00:05'],
    ['02-fc-00-00-00-05', '02:fc:00:00:00:05'],
    ['00:00:00:00:00:00', undefined],
    ['ff-ff-ff-ff-ff-ff', undefined],
    ['02:fc:00:00:00', undefined],
    ['02:fc:00:00:00:05:06', undefined],
    ['02fc.0000.0005', undefined],
    ['', undefined],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalMac(text)).toBe(canonical);
  });
});
