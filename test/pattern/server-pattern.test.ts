import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildContainer, openContainer } from '../../src/pattern/container.js';
import { sortEntries } from '../../src/pattern/hashes/hash-order.js';
import { decodeServerPattern, encodeServerPattern } from '../../src/pattern/server-pattern.js';
import { entriesArbitrary } from './entries.js';
import { causeOf, crypto, head } from './fixtures.js';

const serverHead = { ...head, kind: 'server-pattern' as const };

describe('a server pattern', () => {
  it('gives back entries, host rule and generation from its file', async () => {
    await fc.assert(
      fc.asyncProperty(entriesArbitrary, async (entries) => {
        const bytes = await buildContainer({ head: serverHead, sections: encodeServerPattern({ hostRule: 'psl', entries }), crypto });
        const { hostRule, generation, table } = decodeServerPattern(openContainer(bytes, { crypto }));
        expect({ hostRule, generation }).toEqual({ hostRule: 'psl', generation: 7 });
        expect([...table.entries()]).toEqual(sortEntries(entries));
      }),
      { numRuns: 20 },
    );
  });

  it('is refused as another component, and with a host rule that is not known', () => {
    const container = { ...serverHead, formatVersion: 1, byteLength: 0, sections: new Map(encodeServerPattern({ hostRule: 'psl', entries: [] })) };
    expect(causeOf(() => decodeServerPattern({ ...container, kind: 'filter' }))).toBe('kind');
    expect(causeOf(() => decodeServerPattern({ ...container, sections: new Map([...container.sections, ['meta', Uint8Array.of(9)]]) }))).toBe('version');
    expect(causeOf(() => decodeServerPattern({ ...container, sections: new Map([['meta', Uint8Array.of(0)]]) }))).toBe('malformed');
  });
});
