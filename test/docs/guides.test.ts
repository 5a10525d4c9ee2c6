import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { blocksOf, folderOf, typeErrors, writeBlocks } from './blocks.js';

const blocks = blocksOf('docs/guides');
const asWritten = writeBlocks(blocks, { resolved: false });
const runnable = writeBlocks(blocks, { resolved: true });

afterAll(() => {
  for (const folder of [asWritten, runnable]) {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('the code of the guides', () => {
  it('has a file name in every block', () => {
    expect(blocks.filter((block) => block.file === undefined).map((block) => `${block.page}:${block.line}`)).toEqual([]);
    expect(blocks.length).toBeGreaterThan(10);
  });

  it('type-checks against the public entries', { timeout: 120_000 }, () => {
    expect(typeErrors(blocks.map((block) => join(folderOf(block.page), block.file ?? '')), asWritten)).toEqual([]);
  });

  it('would be found wrong if it were', { timeout: 120_000 }, () => {
    const wrong = { page: 'wrong.md', file: 'wrong.ts', line: 1, code: "import { createEngine } from 'vedette';\ncreateEngine({ level: 'highest' });\n" };
    const folder = writeBlocks([wrong], { resolved: false });
    expect(typeErrors(['wrong/wrong.ts'], folder)).toEqual([expect.stringMatching(/^wrong\/wrong\.ts:2: Type '"highest"' is not assignable/)]);
    rmSync(folder, { recursive: true });
  });

  it('keeps an implementation of a seam to thirty lines', () => {
    for (const file of ['port-transport.ts', 'unix-transport.ts', 'text-cache.ts', 'log-queue.ts']) {
      const block = blocks.find((one) => one.file === file);
      const [, implementation = ''] = (block?.code ?? '').split(/^(?=export (?:async )?function )/m);
      const lines = implementation.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('/**'));
      expect(lines.length, file).toBeGreaterThan(10);
      expect(lines.length, file).toBeLessThanOrEqual(30);
    }
  });
});

// The tests of the guides are tests: each page's own runs here, as its reader would run it.
for (const block of blocks) {
  if (block.file?.endsWith('.test.ts') === true) {
    await import(join(runnable, folderOf(block.page), block.file));
  }
}
