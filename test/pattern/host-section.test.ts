import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classOfHost, hostClass, hostKey } from '../../src/base/host-hash.js';
import { decodeFilter, encodeFilter } from '../../src/pattern/filter-pattern.js';
import { buildHostFuse } from '../../src/pattern/filter/host-fuse-build.js';
import type { HostFuse, ListedHost } from '../../src/pattern/filter/host-fuse-build.js';
import { encodeHosts, openHosts } from '../../src/pattern/filter/host-section.js';
import { createFields } from '../../src/pattern/filter/packed-fields.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { causeOf, head, toHex } from './fixtures.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const label = fc.stringMatching(/^[a-z0-9-]{1,6}$/);
const host = fc.oneof(fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.')), fc.constantFrom('[::1]', '1.2.3.4', 'a%20b.example'));
const listed: fc.Arbitrary<ListedHost[]> = fc.array(fc.record({ host, classes: fc.constantFrom(1, 2, 3) }), { maxLength: 200 });

/** Listed hosts of which the section does not say all that they are listed for. Has to be empty. */
function missed(fuse: HostFuse, hosts: readonly ListedHost[]): ListedHost[] {
  const set = openHosts(encodeHosts(fuse));
  return hosts.filter((one) => (classOfHost(set, one.host, one.host.length) & one.classes) !== one.classes);
}

function seededHosts(seed: number, count: number): ListedHost[] {
  const random = createSeededRandom(seed);
  return Array.from({ length: count }, (_, i) => ({
    host: `${Math.floor(random() * 2 ** 40).toString(36)}.${i}.example`,
    classes: 1 + Math.floor(random() * 3),
  }));
}

describe('the host section', () => {
  it('knows every listed host and what it is listed for, however few or many there are', () => {
    fc.assert(
      fc.property(listed, (hosts) => {
        expect(missed(buildHostFuse(hosts), hosts)).toEqual([]);
      }),
      runs,
    );
    for (const count of [0, 1, 2, 3, 5, 17, 500, 5_000, 70_000]) {
      const hosts = seededHosts(count, count);
      expect(missed(buildHostFuse(hosts), hosts)).toEqual([]);
    }
  });

  it('would be seen to lose a host (sabotage: one slot changed, the class left out)', () => {
    const hosts = seededHosts(3, 300);
    const fuse = buildHostFuse(hosts);
    const slot = fuse.marks.findIndex((mark) => mark !== 0);
    const marks = fuse.marks.map((mark, i) => (i === slot ? mark ^ 1 : mark));
    expect(missed({ ...fuse, marks }, hosts).length).toBeGreaterThan(0);
    const whole = buildHostFuse(hosts.map((one) => ({ ...one, classes: hostClass.whole })));
    expect(missed(whole, hosts).length).toBeGreaterThan(0);
  });

  it('gives the same bytes for the same hosts in any order, once or more', () => {
    fc.assert(
      fc.property(listed.chain((hosts) => fc.tuple(fc.constant(hosts), fc.shuffledSubarray(hosts, { minLength: hosts.length }))), ([hosts, shuffled]) => {
        expect(encodeHosts(buildHostFuse([...shuffled, ...hosts]))).toEqual(encodeHosts(buildHostFuse(hosts)));
      }),
      runs,
    );
  });

  it('takes an unlisted host for a listed one once in thousands', () => {
    const set = openHosts(encodeHosts(buildHostFuse(seededHosts(1, 20_000))));
    const others = seededHosts(2, 100_000).map((one) => one.host.replace('example', 'other'));
    const mistaken = others.filter((one) => classOfHost(set, one, one.length) !== 0).length;
    // A gate that lets one in six through, 14 bits of mark, 3 of 4 classes: 0.8 expected.
    expect(mistaken).toBeLessThan(10);
    expect(set.count).toBe(20_000);
  });

  it('takes at most two bytes a host where there are many', () => {
    for (const count of [65_536, 100_000, 200_000]) {
      expect(encodeHosts(buildHostFuse(seededHosts(9, count))).length / count).toBeLessThan(2);
    }
  });

  it('tells hosts that end alike apart', () => {
    const names = new Set(Array.from({ length: 50_000 }, (_, i) => `${i.toString(2)}.${(i * 7).toString(3)}.aaaa.com`));
    expect(new Set(Array.from(names, hostKey)).size).toBe(names.size);
  });
});

const entry = (expression: string | undefined, hash: number): HashEntry => ({
  kind: 'url',
  algorithm: 'sha256',
  hash: new Uint8Array(32).fill(hash),
  ...(expression === undefined ? {} : { expression }),
  disposition: 'malicious',
  threat: { name: 'T', type: 't' },
});

const sectionsOf = (...entries: HashEntry[]): [string, Uint8Array][] => encodeFilter({ covers: 9, hostRule: 'psl', entries });
const decode = (sections: Iterable<[string, Uint8Array]>): ReturnType<typeof decodeFilter> =>
  decodeFilter({ ...head, kind: 'filter', formatVersion: 1, sections: new Map(sections), byteLength: 0 });

describe('a filter of URLs', () => {
  it('is written as it was first written (golden bytes)', () => {
    expect(sectionsOf(entry('a.example/', 1), entry('b.example/x', 2)).map(([name, bytes]) => [name, toHex(bytes)])).toEqual([
      ['meta', '090000000000000000'],
      ['hosts', '000208010000000000000002000000010000000088040100000000760000000000d90000000000160000000000ab0000'],
      ['prefixes-url-sha256', '0102020202'],
    ]);
  });

  it('keeps the prefixes of whole hosts out where it knows the hosts', () => {
    const { prefixes, hosts } = decode(sectionsOf(entry('a.example/', 1), entry('b.example/x', 2)));
    expect(prefixes).toMatchObject([{ kind: 'url', sorted: Uint32Array.of(0x02020202) }]);
    expect(hosts).toMatchObject({ count: 2 });
  });

  it.each([
    ['an entry without expression', undefined],
    ['an expression without path', 'a.example'],
    ['an expression without host', '/x'],
  ])('does not know the hosts where there is %s', (_, expression) => {
    const sections = sectionsOf(entry('a.example/', 1), entry(expression, 2));
    expect(sections.map(([name]) => name)).toEqual(['meta', 'prefixes-url-sha256']);
    expect(decode(sections)).toMatchObject({ hosts: undefined, prefixes: [{ sorted: Uint32Array.of(0x01010101, 0x02020202) }] });
  });

  const good = sectionsOf(entry('a.example/', 1), entry('b.example/x', 2));
  const hosts = good.find(([name]) => name === 'hosts')![1];
  const changed = (at: number, value: number): Uint8Array => hosts.map((byte, i) => (i === at ? value : byte));
  it.each([
    ['hosts without prefixes', 'prefixes-url-sha256', undefined, 'malformed'],
    ['hosts beside all prefixes', 'prefixes-url-sha256', Uint8Array.of(0, 1, 1, 1, 1), 'malformed'],
    ['prefixes of parts without hosts', 'hosts', undefined, 'malformed'],
    ['an unknown encoding', 'hosts', changed(0, 1), 'version'],
    ['short segments', 'hosts', changed(1, 1), 'malformed'],
    ['long segments', 'hosts', changed(1, 19), 'malformed'],
    ['narrow fields', 'hosts', changed(2, 1), 'malformed'],
    ['wide fields', 'hosts', changed(2, 9), 'malformed'],
    ['no segment', 'hosts', changed(3, 0), 'malformed'],
    ['a billion segments', 'hosts', changed(6, 0xff), 'truncated'],
    ['more hosts than slots', 'hosts', changed(14, 0xff), 'malformed'],
    ['no gate', 'hosts', changed(15, 0), 'malformed'],
    ['a billion words of a gate', 'hosts', changed(18, 0xff), 'truncated'],
    ['a byte too few', 'hosts', hosts.subarray(0, -1), 'truncated'],
    ['a byte too many', 'hosts', Uint8Array.of(...hosts, 0), 'malformed'],
    ['nothing', 'hosts', new Uint8Array(0), 'truncated'],
  ] as const)('is refused with %s', (_, name, bytes, cause) => {
    const sections = new Map(good);
    sections.delete(name);
    if (bytes !== undefined) {
      sections.set(name, bytes);
    }
    expect(causeOf(() => decode(sections))).toBe(cause);
  });
});

describe('packed fields', () => {
  it('hold what was put into them and nothing else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.tuple(fc.nat(20), fc.nat(255))), (bits, changes) => {
        const fields = createFields(21, bits);
        const model = new Array<number>(21).fill(0);
        for (const [index, value] of changes) {
          fields.set(index, value);
          model[index] = value % 2 ** bits;
        }
        expect(model.map((_, index) => fields.get(index))).toEqual(model);
      }),
      runs,
    );
  });
});
