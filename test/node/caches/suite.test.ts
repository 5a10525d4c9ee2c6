import { describe, it } from 'vitest';
import { join } from 'node:path';
import { openCaches, type Caches } from '../../../src/node/caches/open-caches.js';
import { describeVerdictCache } from '../../../src/testing/suites/cache-suite.js';
import type { VerdictCache } from '../../../src/cache/verdict-cache.js';
import { tempDir } from '../../support/temp-dir.js';

const root = tempDir('caches-suite');
const opened = new Map<VerdictCache, Caches>();
let dirs = 0;

describeVerdictCache(
  { describe, it },
  {
    name: 'lmdb',
    async create({ maxEntries }) {
      const caches = await openCaches({ dir: join(root, String(dirs++)), ...(maxEntries === undefined ? {} : { maxSlots: maxEntries }) });
      opened.set(caches.verdicts, caches);
      return caches.verdicts;
    },
    dispose: async (cache) => opened.get(cache)?.close(),
  },
);
