import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VedetteError } from '../../../src/base/errors.js';
import { createDeferredCaches } from '../../../src/node/caches/deferred-caches.js';
import { openCaches } from '../../../src/node/caches/open-caches.js';
import { openStores } from '../../../src/node/open-stores.js';
import { createNodeEngine } from '../../../src/node/preset.js';
import { walk } from '../../../src/node/walk/walk.js';
import { createTestPattern } from '../../../src/testing/test-pattern.js';
import { tempDir } from '../../support/temp-dir.js';

const root = tempDir('deferred');

describe('caches that are opened when they are asked', () => {
  it('are not opened before, answer at once from then on, and are closed once', async () => {
    const dir = join(root, 'lazy');
    const caches = createDeferredCaches({ open: () => openCaches({ dir }), steady: undefined, onFault: () => undefined });
    expect(readdirSync(root)).not.toContain('lazy');
    expect(caches.scans.get(['a'])).toBeInstanceOf(Promise);
    expect(await caches.scans.get(['a'])).toEqual([undefined]);
    expect(caches.scans.get(['a'])).toEqual([undefined]);
    await caches.close();
    expect(readdirSync(dir).some((name) => name.startsWith('open-'))).toBe(false);
  });

  it('that cannot be opened remember answers in memory and no files, and say so once', async () => {
    const faults: unknown[] = [];
    const missing = new VedetteError('peer-missing', "persistent caches need the package 'lmdb'");
    const caches = createDeferredCaches({ open: () => Promise.reject(missing), steady: undefined, onFault: (error) => faults.push(error) });
    await caches.verdicts.put([['a', []]]);
    await caches.scans.put([['a', Uint8Array.of(1)]]);
    expect(await caches.verdicts.get(['a'])).toEqual([[]]);
    expect(await caches.scans.get(['a'])).toEqual([undefined]);
    await caches.close();
    expect(faults).toEqual([missing]);
  });

  it('are left alone by an engine that never used them', async () => {
    const caches = createDeferredCaches({ open: () => Promise.reject(new Error('opened')), steady: undefined, onFault: () => undefined });
    await caches.close();
  });
});

const createdAt = Date.now();

describe('a Node engine with a data directory', () => {
  const base = join(root, 'tree');
  mkdirSync(base);
  for (const name of ['a', 'b', 'c']) {
    writeFileSync(join(base, name), `content of ${name}`);
    utimesSync(join(base, name), 1, 1);
  }

  async function scan(config: { readonly dataDir: string; readonly caches?: boolean }): Promise<{ readonly hits: number; readonly verdicts: string[]; readonly faults: unknown[] }> {
    const faults: unknown[] = [];
    const pattern = [await createTestPattern({ createdAt, markers: { Marked: 'content of b' } })];
    const engine = createNodeEngine({ ...config, background: 'manual' }, { pattern, events: (event) => event.kind === 'fault' && faults.push(event.error) });
    const verdicts: string[] = [];
    for await (const result of engine.checkAll(withOldLooks(walk(base)), { ordered: true, layers: 'local' })) {
      verdicts.push(`${result.subject.label?.slice(base.length)} ${result.verdict.disposition}`);
    }
    const hits = engine.stats()['scanCacheHits'] ?? 0;
    await engine.close();
    return { hits, verdicts, faults };
  }

  /** The files are younger than two seconds; their looks say otherwise. */
  async function* withOldLooks(files: ReturnType<typeof walk>): ReturnType<typeof walk> {
    for await (const file of files) {
      yield { ...file, glance: async (options) => {
        const glance = await file.glance?.(options);
        return glance && { ...glance, seenAt: glance.seenAt + 10_000 };
      } };
    }
  }

  it('reads in its next life what has changed and nothing else, and says the same of all', async () => {
    const dataDir = join(root, 'data');
    const first = await scan({ dataDir });
    expect(first).toMatchObject({ hits: 0, faults: [] });
    expect(first.verdicts[1]).toBe('/b malicious');
    expect(await scan({ dataDir })).toEqual({ ...first, hits: 3 });
    writeFileSync(join(base, 'c'), 'content of c, changed');
    expect((await scan({ dataDir })).hits).toBe(2);
  });

  it('keeps nothing there when it is told so', async () => {
    const dataDir = join(root, 'without');
    await scan({ dataDir, caches: false });
    expect((await scan({ dataDir, caches: false })).hits).toBe(0);
    expect(readdirSync(root).includes('without') ? readdirSync(dataDir) : []).not.toContain('cache');
  });
});

describe('openStores', () => {
  it('opens all stores of a directory for this process, and closes them so that the next may', async () => {
    const dir = join(root, 'stores');
    const stores = await openStores({ dir });
    await expect(openStores({ dir })).rejects.toMatchObject({ code: 'store-busy' });
    await stores.state.set('key', Uint8Array.of(1));
    await stores.close();
    const again = await openStores({ dir });
    expect(await again.state.get('key')).toEqual(Uint8Array.of(1));
    expect(readdirSync(dir).sort()).toEqual(['audit', 'cache', 'pending', 'retro', 'state']);
    await again.close();
  });
});
