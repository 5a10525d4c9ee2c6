import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRateLimiter } from '../../src/server/rate-limit.js';
import { networkOf } from '../../src/server/network-of.js';

describe('the network that a limit is for', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:ffff:ffff:ffff:ffff', '2001:db8:0:0::/64'],
    ['2001:0db8:0000:0001::', '2001:db8:0:1::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
    ['', ''],
  ])('of %j is %j', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it('is the same for all addresses of it, however they are written', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(fc.tuple(group, group, group, group), fc.array(group, { minLength: 4, maxLength: 4 }), (network, host) => {
        const full = [...network, ...host].map((one) => one.toString(16));
        const key = networkOf(full.join(':'));
        expect(networkOf(full.map((one) => one.padStart(4, '0').toUpperCase()).join(':'))).toBe(key);
        expect(networkOf(`${full.slice(0, 4).join(':')}::9`)).toBe(key);
        expect(key).toBe(`${network.map((one) => one.toString(16)).join(':')}::/64`);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) },
    );
  });

  it('keeps whoever has 2^64 addresses to the rate of one', () => {
    const limiter = createRateLimiter({ perSecond: 1, burst: 5 });
    const taken = Array.from({ length: 100 }, (_, i) => limiter.take(networkOf(`2001:db8::${i.toString(16)}`), 0));
    expect(taken.filter((seconds) => seconds === 0)).toHaveLength(5);
  });
});
