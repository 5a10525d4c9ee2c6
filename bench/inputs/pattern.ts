/** Components for the engines that start from one, as they do where vedette is used. */
import { buildContainer, openContainer, type Container } from '../../src/pattern/container.js';
import { encodeFilter } from '../../src/pattern/filter-pattern.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { encodeServerPattern } from '../../src/pattern/server-pattern.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';

const head = { generation: 1, createdAt: 1_700_000_000_000, expiresAt: 1_702_592_000_000, periodMs: 3_600_000 } as const;

/** A filter over these entries, written and opened again. */
export async function filterContainer(entries: readonly HashEntry[]): Promise<Container> {
  const crypto = createNodeCrypto();
  const sections = encodeFilter({ covers: 1, hostRule: 'psl', entries });
  return openContainer(await buildContainer({ head: { kind: 'filter', ...head }, sections, crypto }), { crypto });
}

/** The bytes of a server pattern of these entries. */
export function serverPattern(entries: readonly HashEntry[]): Promise<Uint8Array> {
  const sections = encodeServerPattern({ hostRule: 'psl', entries });
  return buildContainer({ head: { kind: 'server-pattern', ...head }, sections, crypto: createNodeCrypto() });
}
