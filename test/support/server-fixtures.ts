/** Small server patterns and the servers over them. */
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { buildContainer } from '../../src/pattern/container.js';
import { encodeServerPattern } from '../../src/pattern/server-pattern.js';
import { createMemoryStore } from '../../src/server/memory-store.js';
import type { ReputationStore } from '../../src/server/reputation-store.js';
import { crypto, startAt } from './wire-fixtures.js';

/** A server pattern file of these entries. */
export function serverPattern(entries: readonly HashEntry[], generation = 5): Promise<Uint8Array> {
  return buildContainer({
    head: { kind: 'server-pattern', generation, createdAt: startAt, expiresAt: startAt + 86_400_000, periodMs: 3_600_000 },
    sections: encodeServerPattern({ hostRule: 'psl', entries }),
    crypto,
  });
}

/** A memory store over these entries. */
export async function storeOf(entries: readonly HashEntry[], generation = 5): Promise<ReputationStore> {
  return createMemoryStore(await serverPattern(entries, generation), { crypto });
}
