import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { profileInForce, type Profiles } from '../../src/location/profile.js';

const runs = Number(process.env['FUZZ_RUNS'] ?? 100);

interface TestServer {
  readonly address: string;
}
const servers = (...names: string[]): TestServer[] => names.map((address) => ({ address }));
const inside = { location: 'internal', near: 'internal' } as const;
const outside = { location: 'external', near: 'external' } as const;
const nearby = { location: 'external', near: 'internal' } as const;
const common = { servers: servers('common'), order: 'listed' } as const;

describe('what holds at a place', () => {
  const both: Profiles<TestServer, string> = {
    internal: { servers: servers('a', 'b'), order: 'random', unknown: 'lax', updates: ['in'] },
    external: { servers: servers('x', 'b', 'y', 'a'), unknown: 'strict', updates: ['out'] },
  };
  it.each<[string, Profiles<TestServer, string>, typeof inside | typeof outside | typeof nearby, unknown]>([
    ['without profiles: what holds everywhere', {}, inside, { servers: servers('common'), order: 'listed', unknown: undefined, updates: undefined }],
    ['inside: the internal one', both, inside, { servers: servers('a', 'b'), order: 'random', unknown: 'lax', updates: ['in'] }],
    ['inside, with the external ones behind them', { ...both, internal: { ...both.internal, fallback: true } }, inside, { servers: servers('a', 'b', 'x', 'y'), order: 'random' }],
    ['inside, where that is said not to be', { ...both, internal: { ...both.internal, fallback: false } }, inside, { servers: servers('a', 'b') }],
    ['outside: the external one', both, outside, { servers: servers('x', 'b', 'y', 'a'), order: 'listed', unknown: 'strict', updates: ['out'] }],
    ['outside, behind a known gateway: the same, those that may be near first', both, nearby, { servers: servers('b', 'a', 'x', 'y'), order: 'listed', unknown: 'strict', updates: ['out'] }],
    ['where none may be near: the same', { external: { servers: servers('x'), order: 'random' } }, nearby, { servers: servers('x'), order: 'random' }],
    ['nobody, where the profile says so', { external: { servers: [] } }, outside, { servers: [] }],
    ['inside without servers of its own: those of everywhere', { internal: { unknown: 'lax' } }, inside, { servers: servers('common'), unknown: 'lax' }],
  ])('%s', (_, profiles, place, expected) => {
    expect(profileInForce(profiles, common, place)).toMatchObject(expected as object);
  });

  it('is the same with and without a hint, but for the order', () => {
    const list = fc.uniqueArray(fc.constantFrom(...'abcdef'), { maxLength: 6 }).map((names) => servers(...names));
    const profile = fc.record({ servers: list, order: fc.constantFrom('listed' as const, 'random' as const), unknown: fc.string() }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.record({ internal: profile, external: profile }), (profiles) => {
        const plain = profileInForce(profiles, common, outside);
        const hinted = profileInForce(profiles, common, nearby);
        expect([...hinted.servers].map((one) => one.address).sort()).toEqual([...plain.servers].map((one) => one.address).sort());
        expect({ ...hinted, servers: [], order: '' }).toEqual({ ...plain, servers: [], order: '' });
      }),
      { numRuns: runs },
    );
  });
});
