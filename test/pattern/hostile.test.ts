/** Components that somebody made to do harm: digests fit, contents do not. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { classOfHost } from '../../src/base/host-hash.js';
import type { Container } from '../../src/pattern/container.js';
import { buildContainer, openContainer } from '../../src/pattern/container.js';
import { decodeFilter, encodeFilter } from '../../src/pattern/filter-pattern.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { decodeLists, encodeLists } from '../../src/pattern/lists-pattern.js';
import { decodeServerPattern, encodeServerPattern } from '../../src/pattern/server-pattern.js';
import { causeOf, crypto, head } from './fixtures.js';

const runs = { numRuns: 5 * Number(process.env['FUZZ_RUNS'] ?? 100) };

const entries = Array.from({ length: 40 }, (_, i): HashEntry => {
  const algorithm = (['sha256', 'md5', 'sha1'] as const)[i % 3]!;
  return {
    kind: 'file',
    algorithm,
    hash: new Uint8Array({ sha256: 32, md5: 16, sha1: 20 }[algorithm]).fill(i),
    ...(i % 2 === 0 ? { size: i * 1000 } : {}),
    disposition: 'malicious',
    threat: { name: `Trojan.Test-${i}`, type: 'trojan', ...(i === 7 ? { detail: { seen: [1, 2] } } : {}) },
  };
});

/** Reads all that a component holds, as an engine or a server would. */
function readAll(container: Container): void {
  if (container.kind === 'filter') {
    const { hosts } = decodeFilter(container);
    ['', 'h1.example', 'a.h2.example'].forEach((host) => hosts === undefined || classOfHost(hosts, host, host.length));
  } else if (container.kind === 'lists') {
    decodeLists(container);
  } else if (container.kind === 'server-pattern') {
    const { table } = decodeServerPattern(container);
    for (const one of table.entries()) {
      table.byPrefix(one.kind, one.algorithm, one.hash.subarray(0, 4));
    }
  }
}

describe('a hostile component', () => {
  let components: Uint8Array[];
  const urls = Array.from({ length: 60 }, (_, i): HashEntry => ({
    ...entries[0]!,
    kind: 'url',
    hash: new Uint8Array(32).fill(i),
    expression: `h${i % 40}.example/${i < 30 ? '' : 'x'}`,
  }));
  beforeAll(async () => {
    const rules = [{ id: 'a', effect: 'blocked' as const, url: 'evil.example/' }, { id: 'b', effect: 'approved' as const, sha256: '11'.repeat(32), untilAt: 5 }];
    components = await Promise.all([
      buildContainer({ head: { ...head, kind: 'server-pattern' }, sections: encodeServerPattern({ hostRule: 'psl', entries }), crypto }),
      buildContainer({ head: { ...head, kind: 'filter' }, sections: encodeFilter({ covers: 7, hostRule: 'psl', entries }), crypto }),
      buildContainer({ head: { ...head, kind: 'filter' }, sections: encodeFilter({ covers: 7, hostRule: 'psl', entries: urls }), crypto }),
      buildContainer({ head: { ...head, kind: 'lists' }, sections: encodeLists(rules), crypto }),
    ]);
  });

  it('is refused when its bytes were changed anywhere', () => {
    fc.assert(
      fc.property(fc.nat(3), fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 8 }), (which, flips) => {
        const mutated = components[which]!.slice();
        for (const [at, mask] of flips) {
          mutated[at % mutated.length]! ^= mask;
        }
        const same = mutated.every((byte, i) => byte === components[which]![i]);
        expect(causeOf(() => openContainer(mutated, { crypto })) === 'accepted').toBe(same);
      }),
      runs,
    );
  });

  it('is refused or read completely when the digests were made to fit', () => {
    fc.assert(
      fc.property(fc.nat(3), fc.nat(), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 }), (which, pick, changes) => {
        const container = openContainer(components[which]!, { crypto });
        const sections = new Map(container.sections);
        const name = [...sections.keys()][pick % sections.size]!;
        const mutated = sections.get(name)!.slice();
        for (const [at, value] of changes) {
          mutated[at % mutated.length] = value;
        }
        sections.set(name, mutated);
        const cause = causeOf(() => readAll({ ...container, sections }));
        expect(['accepted', 'truncated', 'malformed', 'limit', 'version']).toContain(cause);
      }),
      runs,
    );
  });

  it('is refused or opened when its head was rewritten under a right digest', () => {
    fc.assert(
      fc.property(fc.nat(3), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), (which, changes) => {
        const mutated = components[which]!.slice();
        const digestAt = 48 + 64 * new DataView(mutated.buffer).getUint32(12, true);
        for (const [at, value] of changes) {
          mutated[at % digestAt] = value;
        }
        mutated.set(crypto.sha256(mutated.subarray(0, digestAt)), digestAt);
        expect(['accepted', 'truncated', 'altered', 'malformed', 'limit', 'version', 'not-a-pattern', 'kind']).toContain(
          causeOf(() => readAll(openContainer(mutated, { crypto }))),
        );
      }),
      runs,
    );
  });

  const most = [0xff, 0xff, 0xff, 0xff];
  it.each([
    ['four billion names', [...most, ...most]],
    ['four billion names in no bytes', [...most, 0, 0, 0, 0]],
    ['four billion classes', [...zeros(24), ...most]],
    ['four billion hashes', [...zeros(28), 1, 0, 0, ...most]],
    ['255 groups', [...zeros(28), 255]],
    ['a group that is none', [...zeros(28), 1, 4, 0, 0, 0, 0, 0]],
    ['sizes of 8 bytes', [...zeros(28), 1, 0, 8, 0, 0, 0, 0]],
  ])('costs nothing by promising %s', (_, table) => {
    const sections = new Map([['meta', Uint8Array.of(0)], ['hashes', Uint8Array.from(table)]]);
    const before = process.memoryUsage().arrayBuffers;
    expect(['truncated', 'malformed']).toContain(causeOf(() => readAll({ ...head, kind: 'server-pattern', formatVersion: 1, sections, byteLength: 0 })));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  it('cannot make one name cost more than 4096 bytes', () => {
    const long = encodeServerPattern({ hostRule: 'psl', entries: [{ ...entries[0]!, threat: { name: 'x'.repeat(4096), type: 't' } }] });
    const sections = new Map(long);
    expect(causeOf(() => readAll({ ...head, kind: 'server-pattern', formatVersion: 1, sections, byteLength: 0 }))).toBe('accepted');
    expect(() => encodeServerPattern({ hostRule: 'psl', entries: [{ ...entries[0]!, threat: { name: 'x'.repeat(4097), type: 't' } }] })).toThrow(RangeError);
    const longer = Uint8Array.from([1, 0, 0, 0, 0x04, 0x10, 0, 0, 0, 0, 0, 0x81, 0x20, ...new Array<number>(4097).fill(120)]);
    expect(causeOf(() => readAll({ ...head, kind: 'server-pattern', formatVersion: 1, byteLength: 0, sections: new Map([...sections, ['hashes', longer]]) }))).toBe('limit');
  });
});

function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}
