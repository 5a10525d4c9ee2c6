/** Hashes of sections and import tables of PE files (`.mdb`, `.msb`, `.imp`), compared with those of a pattern. */
import { fromLatin1 } from '../../base/bytes.js';
import type { HashAlgorithm } from '../../base/fingerprint.js';
import type { HashEntry } from '../../pattern/hash-entry.js';
import type { HashTable } from '../../pattern/hashes/hash-table.js';
import type { ExecutableFacts } from '../content/executable.js';
import type { Finding } from '../matcher.js';
import type { ViewBytes } from './views/view-bytes.js';

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

/** What was found among the parts of a file. */
export interface HashedParts {
  readonly findings: readonly Finding[];
  /** False when sections that may be listed were too much to hash: "nothing found" means nothing then. */
  readonly isWhole: boolean;
}

/** What is listed of a PE file. For each algorithm that is listed, no more is hashed than twice its bytes. @throws whatever reading throws. */
export async function findPartHashes(hashes: PartHashes, facts: ExecutableFacts, bytes: ViewBytes): Promise<HashedParts> {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  let left = 2 * bytes.size;
  let isWhole = true;
  for (const { rawOffset, rawSize } of facts.sections) {
    const isListed = rawSize > 0 && (hashes.sectionSizes === 'any' || hashes.sectionSizes.has(rawSize));
    const place = `${rawOffset}/${rawSize}`;
    if (!isListed || rawOffset + rawSize > bytes.size || seen.has(place)) {
      continue;
    }
    seen.add(place);
    // Headers may name the same bytes as often as they like, each time with others beside them.
    if (rawSize > left) {
      isWhole = false;
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
  return { findings, isWhole };
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
