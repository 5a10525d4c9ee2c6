/** A store over one server pattern in memory: the columns of its table are searched where they lie. */
import type { AnswerRecord } from '../base/fingerprint.js';
import type { Crypto } from '../base/seams.js';
import { openContainer, type Container } from '../pattern/container.js';
import { decodeServerPattern } from '../pattern/server-pattern.js';
import { recordsOf } from './records.js';
import type { ReputationStore } from './reputation-store.js';

/**
 * A store over a server pattern: its file, or the opened container. The bytes are kept, not copied.
 * @throws VedetteError `pattern-refused` when it is damaged or another component. Signatures are the caller's to verify.
 */
export function createMemoryStore(
  pattern: Uint8Array | Container,
  options: { readonly crypto: Pick<Crypto, 'sha256'> },
): ReputationStore {
  const container = pattern instanceof Uint8Array ? openContainer(pattern, options) : pattern;
  const { table, generation } = decodeServerPattern(container);
  return {
    generation,
    entries: table.count,
    lookup: (kind, algorithm, prefixes): readonly (readonly AnswerRecord[])[] =>
      prefixes.map((prefix) => recordsOf(table.byPrefix(kind, algorithm, prefix))),
  };
}
