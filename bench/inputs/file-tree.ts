/** A tree of small files, and a pattern in whose light all of them are clean. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { buildContainer } from '../../src/pattern/container.js';
import { encodeFilter } from '../../src/pattern/filter-pattern.js';
import { createTestPattern } from '../../src/testing/test-pattern.js';

/** Files in each of the root's folders, ten folders below it. */
export const filesPerFolder = 1_000;

/** A tree on disk and what it is judged by. */
export interface FileTree {
  readonly folders: readonly string[];
  /** Holds the pattern files. */
  readonly patternDir: string;
  readonly patterns: readonly Uint8Array[];
}

/** Makes the tree in `scratchDir`: `count` files of 200 to 3,200 bytes, all different. */
export async function makeFileTree(scratchDir: string, count: number): Promise<FileTree> {
  const root = mkdtempSync(join(scratchDir, 'tree-'));
  const folders = Array.from({ length: count / filesPerFolder }, (_, n) => join(root, 'files', String(n)));
  folders.forEach((folder, n) => fill(folder, n * filesPerFolder));
  const patterns = [await createTestPattern({ markers: { 'Test.Absent': 'stands in none of these files' } }), await emptyFilter()];
  const patternDir = join(root, 'patterns');
  mkdirSync(patternDir);
  writeFileSync(join(patternDir, 'agent.vap'), patterns[0] ?? '');
  writeFileSync(join(patternDir, 'filter.vaf'), patterns[1] ?? '');
  return { folders, patternDir, patterns };
}

function fill(folder: string, first: number): void {
  for (let n = 0; n < filesPerFolder; n++) {
    const dir = join(folder, String(n % 10));
    if (n < 10) {
      mkdirSync(dir, { recursive: true });
    }
    writeFileSync(join(dir, `file-${n}.dat`), `${first + n} `.repeat(40 + ((n * 7919) % 400)));
  }
}

/** Says of every file that the server knows nothing of it. */
function emptyFilter(): Promise<Uint8Array> {
  const head = { kind: 'filter', generation: 1, createdAt: 1_700_000_000_000, expiresAt: 4_800_000_000_000, periodMs: 3_155_760_000_000 } as const;
  return buildContainer({ head, sections: encodeFilter({ covers: 1, hostRule: 'psl', entries: [] }), crypto: createNodeCrypto() });
}
