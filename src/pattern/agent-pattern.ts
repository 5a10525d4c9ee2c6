/**
 * The agent pattern (daily): what a machine needs of the signatures to judge without asking, that is signatures of
 * content, the allow list, and local hashes where `compile` was told to keep some back. Sections `signatures`, `allow`
 * and `hashes`; `logical`, `macros`, `section-hashes` and `import-hashes` where there are any.
 */
import { requireSection } from './container.js';
import type { Container } from './container.js';
import { encodeHashTable, openHashTable } from './hashes/hash-table.js';
import type { HashTable } from './hashes/hash-table.js';
import type { HashEntry } from './hash-entry.js';
import { encodeAnchors } from './anchors/anchor-codec.js';
import type { GramHistogram } from './anchors/gram-histogram.js';
import { encodeSignatures } from './signatures/signature-codec.js';
import { openSignatures } from './signatures/signature-store.js';
import type { OpenSignaturesOptions, SignatureStore } from './signatures/signature-store.js';
import { decodeLogical, decodeMacros, encodeLogical, encodeMacros } from './signatures/logical-codec.js';
import type { LogicalDecodeLimits } from './signatures/logical-codec.js';
import type { ByteSignature, LogicalSignature, MacroBody } from './signature.js';

/** What an agent pattern is made from. */
export interface AgentPatternData {
  readonly signatures: readonly ByteSignature[];
  readonly logical: readonly LogicalSignature[];
  /** The bodies that macros of `logical` name by their groups. */
  readonly macros: readonly MacroBody[];
  /** Sections of PE files, with their sizes. */
  readonly sectionHashes: readonly HashEntry[];
  /** Import tables of PE files. */
  readonly importHashes: readonly HashEntry[];
  /** Approved files: `disposition` is `clean`; MD5 and SHA-1 entries count only with a size. */
  readonly allow: readonly HashEntry[];
  /** Hashes judged on the spot; empty in the normal split, where all are on the server. */
  readonly hashes: readonly HashEntry[];
}

/** What is in an agent pattern. Views of the container's bytes are kept. */
export interface AgentPatternTables {
  readonly signatures: SignatureStore;
  readonly logical: readonly LogicalSignature[];
  readonly macros: readonly MacroBody[];
  readonly sectionHashes: HashTable;
  readonly importHashes: HashTable;
  readonly allow: HashTable;
  readonly hashes: HashTable;
}

/** How much is made of the bytes of an agent pattern, and what may help. */
export type AgentDecodeOptions = OpenSignaturesOptions & LogicalDecodeLimits;

const kind = 'agent-pattern';

/** An agent pattern of nothing: for whoever fills in a part of it. */
export const emptyAgentPattern: AgentPatternData = {
  signatures: [],
  logical: [],
  macros: [],
  sectionHashes: [],
  importHashes: [],
  allow: [],
  hashes: [],
};

/** The sections of an agent pattern, for `buildContainer`. The same data give the same bytes. A histogram of ordinary files makes scans faster. */
export function encodeAgentPattern(data: AgentPatternData, histogram?: GramHistogram): [string, Uint8Array][] {
  return [
    ['signatures', encodeSignatures(data.signatures)],
    ['allow', encodeHashTable(data.allow)],
    ['hashes', encodeHashTable(data.hashes)],
    ...(data.signatures.length === 0 ? [] : [section('anchors', encodeAnchors(data.signatures, histogram))]),
    ...(data.logical.length === 0 ? [] : [section('logical', encodeLogical(data.logical))]),
    ...(data.macros.length === 0 ? [] : [section('macros', encodeMacros(data.macros))]),
    ...(data.sectionHashes.length === 0 ? [] : [section('section-hashes', encodeHashTable(data.sectionHashes))]),
    ...(data.importHashes.length === 0 ? [] : [section('import-hashes', encodeHashTable(data.importHashes))]),
  ];
}

/**
 * The tables of an opened agent pattern.
 * @throws VedetteError `pattern-refused` when it is another component, a section is missing or does not hold what it should.
 */
export function decodeAgentPattern(container: Container, limits: AgentDecodeOptions = {}): AgentPatternTables {
  // The first call says whether it is an agent pattern at all.
  const signatures = requireSection(container, kind, 'signatures');
  const [logical, macros] = [container.sections.get('logical'), container.sections.get('macros')];
  return {
    signatures: openSignatures(signatures, container.sections.get('anchors'), limits),
    allow: openHashTable(requireSection(container, kind, 'allow')),
    hashes: openHashTable(requireSection(container, kind, 'hashes')),
    logical: logical === undefined ? [] : decodeLogical(logical, limits),
    macros: macros === undefined ? [] : decodeMacros(macros, limits),
    sectionHashes: hashTableOf(container, 'section-hashes'),
    importHashes: hashTableOf(container, 'import-hashes'),
  };
}

function section(name: string, bytes: Uint8Array): [string, Uint8Array] {
  return [name, bytes];
}

function hashTableOf(container: Container, name: string): HashTable {
  return openHashTable(container.sections.get(name) ?? encodeHashTable([]));
}
