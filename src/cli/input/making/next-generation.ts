/** The number of a publication that nobody has named one for. */
import { join } from 'node:path';
import { createNodeCrypto } from '../../../node/node-crypto.js';
import { openContainer } from '../../../pattern/container.js';
import { maxPatternBytes } from '../patterns.js';
import { readLimitedFile } from '../read-file.js';

/**
 * The time in seconds, or one more than what lies in the directory under these names: greater than everything that engines
 * may have seen from here, since the clock may have been wrong before.
 */
export async function nextGeneration(dir: string, names: readonly string[]): Promise<number> {
  const crypto = createNodeCrypto();
  const known = await Promise.all(
    names.map(async (name) => {
      try {
        return openContainer(await readLimitedFile(join(dir, name), maxPatternBytes), { crypto }).generation;
      } catch {
        // Not there, or damaged: it is about to be replaced.
        return 0;
      }
    }),
  );
  return Math.max(Math.floor(Date.now() / 1000), Math.max(...known) + 1);
}
