/**
 * The agent pattern (daily): what a machine needs of the signatures to judge without asking, that is byte signatures,
 * the allow list, and local hashes where `compile` was told to keep some back. Sections `signatures`, `allow`, `hashes`.
 */
import { requireSection } from './container.js';
import type { Container } from './container.js';
import { encodeHashTable, openHashTable } from './hashes/hash-table.js';
import type { HashTable } from './hashes/hash-table.js';
import type { HashEntry } from './hash-entry.js';
import { decodeSignatures, encodeSignatures } from './signatures/signature-codec.js';
import type { SignatureDecodeLimits } from './signatures/signature-codec.js';
import type { ByteSignature } from './signature.js';

/** What an agent pattern is made from. */
export interface AgentPatternData {
  readonly signatures: readonly ByteSignature[];
  /** Approved files: `disposition` is `clean`; MD5 and SHA-1 entries count only with a size. */
  readonly allow: readonly HashEntry[];
  /** Hashes judged on the spot; empty in the normal split, where all are on the server. */
  readonly hashes: readonly HashEntry[];
}

/** What is in an agent pattern. Views of the container's bytes are kept. */
export interface AgentPatternTables {
  readonly signatures: readonly ByteSignature[];
  readonly allow: HashTable;
  readonly hashes: HashTable;
}

const kind = 'agent-pattern';

/** The sections of an agent pattern, for `buildContainer`. The same data give the same bytes. */
export function encodeAgentPattern(data: AgentPatternData): [string, Uint8Array][] {
  return [
    ['signatures', encodeSignatures(data.signatures)],
    ['allow', encodeHashTable(data.allow)],
    ['hashes', encodeHashTable(data.hashes)],
  ];
}

/**
 * The tables of an opened agent pattern.
 * @throws VedetteError `pattern-refused` when it is another component, a section is missing or does not hold what it should.
 */
export function decodeAgentPattern(container: Container, limits: SignatureDecodeLimits = {}): AgentPatternTables {
  return {
    signatures: decodeSignatures(requireSection(container, kind, 'signatures'), limits),
    allow: openHashTable(requireSection(container, kind, 'allow')),
    hashes: openHashTable(requireSection(container, kind, 'hashes')),
  };
}
