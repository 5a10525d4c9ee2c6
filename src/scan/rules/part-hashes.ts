/** Hashes of sections and import tables of PE files (`.mdb`, `.msb`, `.imp`), compared with those of a pattern. */
import { fromLatin1 } from '../../base/bytes.js';
import type { HashAlgorithm } from '../../base/fingerprint.js';
import type { HashEntry } from '../../pattern/hash-entry.js';
import type { HashTable } from '../../pattern/hashes/hash-table.js';
import type { ExecutableFacts } from '../content/executable.js';
import type { Finding } from '../matcher.js';
import type { ViewBytes } from './view-bytes.js';

/** Begins a digest. `createHash` of node:crypto fits. */
export type CreatePartHash = (algorithm: HashAlgorithm) => { update(chunk: Uint8Array): unknown; digest(): Uint8Array };

/** What is listed, and how to hash. */
export interface PartHashes {
  readonly sections: HashTable;
  readonly imports: HashTable;
  readonly createHash: CreatePartHash;
  /** Sizes of listed sections; `any` when one is listed without. */
  readonly sectionSizes: ReadonlySet<number> | 'any';
}

/** Bytes read at once. */
const readBytes = 65_536;

/** Sections and imports of these tables; undefined when nothing is listed. */
export function createPartHashes(sections: HashTable, imports: HashTable, createHash: CreatePartHash): PartHashes | undefined {
  if (sections.count === 0 && imports.count === 0) {
    return undefined;
  }
  const sizes = new Set<number>();
  let isAny = false;
  for (const { size } of sections.entries()) {
    if (size === undefined) {
      isAny = true;
    } else {
      sizes.add(size);
    }
  }
  return { sections, imports, createHash, sectionSizes: isAny ? 'any' : sizes };
}

/** What is listed of a PE file. Every byte of it is hashed once for each algorithm that is listed, at most. @throws whatever reading throws. */
export async function findPartHashes(hashes: PartHashes, facts: ExecutableFacts, bytes: ViewBytes): Promise<Finding[]> {
  const findings: Finding[] = [];
  let left = bytes.size;
  for (const { rawOffset, rawSize } of facts.sections) {
    const isListed = rawSize > 0 && (hashes.sectionSizes === 'any' || hashes.sectionSizes.has(rawSize));
    // Headers may name the same bytes as often as they like: in all, no more are hashed than there are.
    if (!isListed || rawOffset + rawSize > bytes.size || rawSize > left) {
      continue;
    }
    left -= rawSize;
    const found = await listed(hashes, { table: hashes.sections, size: rawSize }, chunksOf(bytes, rawOffset, rawSize));
    findings.push(...found.map(({ threat }) => ({ threat, at: rawOffset })));
  }
  if (facts.imports !== undefined) {
    const found = await listed(hashes, { table: hashes.imports, size: facts.imports.size }, [fromLatin1(facts.imports.text)]);
    findings.push(...found.map(({ threat }) => ({ threat })));
  }
  return findings;
}

async function listed(
  { createHash }: PartHashes,
  { table, size }: { readonly table: HashTable; readonly size: number },
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<HashEntry[]> {
  const algorithms = table.groups.filter(({ count }) => count > 0).map(({ algorithm }) => algorithm);
  const digests = algorithms.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
  for await (const chunk of chunks) {
    digests.forEach(({ hash }) => hash.update(chunk));
  }
  const entries = digests.flatMap(({ algorithm, hash }) => table.find('file', algorithm, Uint8Array.from(hash.digest())));
  return entries.filter((entry) => entry.disposition !== 'clean' && (entry.size === undefined || entry.size === size));
}

async function* chunksOf(bytes: ViewBytes, from: number, length: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < from + length; at += readBytes) {
    yield await bytes.read(at, Math.min(readBytes, from + length - at));
  }
}
