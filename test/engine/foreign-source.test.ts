import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/base/bytes.js';
import { bytesSubject } from '../../src/base/subject.js';
import type { ReputationSource } from '../../src/query/reputation-source.js';
import { contentEntry } from '../support/feed.js';
import { createWorld } from '../support/world.js';

const listed = contentEntry('Listed', 'listed');

/** A service that finds everything harmless and counts generations of its own. */
function foreign(strength: number): ReputationSource {
  return {
    id: 'foreign',
    scope: 'global',
    asks: 'full-hash',
    maxBatch: 10,
    strength,
    lookup: async ({ hashes }) => ({
      kind: 'answer',
      body: { answers: hashes.map((asked) => ({ asked, records: [], ttlMs: 1000, generation: 1_000_000 })) },
    }),
  };
}

describe('a foreign source', () => {
  it('cannot make our own servers look behind by a generation of its own', async () => {
    const world = await createWorld({ feed: { hashes: [listed] }, parts: { source: [foreign(2)] } });
    world.mood = 'down';
    await world.clock.run(world.engine.check(bytesSubject(toUtf8('listed'))));
    expect(world.engine.status().generations.server).toBeUndefined();
  });

  it('control: a server of our own protocol does raise it', async () => {
    const world = await createWorld({ feed: { hashes: [listed] } });
    await world.engine.check(bytesSubject(toUtf8('listed')));
    expect(world.engine.status().generations.server).toBe(1);
  });
});
