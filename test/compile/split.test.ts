import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dedupeEntries } from '../../src/compile/dedupe.js';
import type { SignatureSet, Split } from '../../src/compile/split.js';
import { emptyAgentPattern } from '../../src/pattern/agent-pattern.js';
import { splitSignatures } from '../../src/compile/split.js';
import { entriesArbitrary } from '../pattern/entries.js';
import { openSplit, splitFaults } from './components.js';

const options = { generation: 5, hostRule: 'psl', localHashes: false } as const;
const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const setOf = (hashes: SignatureSet['hashes']): SignatureSet => ({ ...emptyAgentPattern, hashes: dedupeEntries(hashes).kept });

describe('the split', () => {
  it('puts every hash on the server and its prefix into the filter, and nothing into two places', () => {
    fc.assert(
      fc.property(entriesArbitrary, (hashes) => {
        expect(splitFaults(openSplit(splitSignatures(setOf(hashes), options)), hashes)).toEqual([]);
      }),
      runs,
    );
  });

  it('gives allow list and byte signatures to the agent alone', () => {
    const set: SignatureSet = {
      ...emptyAgentPattern,
      signatures: [{ threat: { name: 'S', type: 't' }, target: 0, offset: { kind: 'any' }, nodes: [] }],
      hashes: [],
      allow: [{ kind: 'file', algorithm: 'sha256', hash: new Uint8Array(32), disposition: 'clean', threat: { name: 'A', type: 'approved' } }],
    };
    expect(splitSignatures(set, options)).toEqual({
      agent: { ...emptyAgentPattern, signatures: set.signatures, allow: set.allow },
      filter: { covers: 5, hostRule: 'psl', entries: [] },
      server: { hostRule: 'psl', entries: [] },
    });
  });

  it('gives the hashes to the agent as well only where that is asked for, and never a rating', () => {
    fc.assert(
      fc.property(entriesArbitrary, (hashes) => {
        const split = splitSignatures(setOf(hashes), { ...options, localHashes: true });
        expect(split.agent.hashes).toEqual(split.server.entries.filter((entry) => entry.score === undefined));
      }),
      runs,
    );
  });

  it.each([
    ['drops MD5 entries from the server', (split: Split) => ({ ...split, server: { ...split.server, entries: withoutMd5(split) } })],
    ['drops MD5 entries from the filter', (split: Split) => ({ ...split, filter: { ...split.filter, entries: withoutMd5(split) } })],
    ['keeps hashes in the agent', (split: Split) => ({ ...split, agent: { ...split.agent, hashes: split.server.entries } })],
    ['holds entries twice', (split: Split) => ({ ...split, server: { ...split.server, entries: [...split.server.entries, ...split.server.entries] } })],
    ['forgets sizes', (split: Split) => ({ ...split, server: { ...split.server, entries: split.server.entries.map(({ size: _, ...rest }) => rest) } })],
  ])('is noticed when it %s (sabotage)', (_, sabotage) => {
    const hashes = ([['md5', 16], ['sha256', 32]] as const).map(([algorithm, width]) => ({
      kind: 'file' as const,
      algorithm,
      hash: new Uint8Array(width).fill(3),
      size: 9,
      disposition: 'malicious' as const,
      threat: { name: 'T', type: 't' },
    }));
    const split = splitSignatures(setOf(hashes), options);
    expect(splitFaults(openSplit(split), hashes)).toEqual([]);
    expect(splitFaults(openSplit(sabotage(split)), hashes)).not.toEqual([]);
  });
});

function withoutMd5(split: Split): Split['server']['entries'] {
  return split.server.entries.filter((one) => one.algorithm !== 'md5');
}
