/** The public names of each entry: adding one is a decision, losing one breaks hosts. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = new URL('../', import.meta.url);
const entries = ['index', 'url', 'compile', 'node', 'server', 'testing', 'wasm'] as const;
const adapters = ['safe-browsing', 'indexeddb', 'hashlookup', 'virustotal', 'malware-hash-registry', 'malware-bazaar', 'quorum'] as const;

describe('the exports', () => {
  it.each(entries)('of %s are the recorded ones', async (entry) => {
    const loaded = (await import(fileURLToPath(new URL(`src/${entry}.ts`, root)))) as object;
    await expect(`${Object.keys(loaded).sort().join('\n')}\n`).toMatchFileSnapshot(`exports/${entry}.txt`);
  });

  it.each(adapters)('of the adapter %s are the recorded ones', async (adapter) => {
    const loaded = (await import(fileURLToPath(new URL(`src/adapters/${adapter}.ts`, root)))) as object;
    await expect(`${Object.keys(loaded).sort().join('\n')}\n`).toMatchFileSnapshot(`exports/adapters-${adapter}.txt`);
  });

  it('of the package lead to an entry of the build, types first', () => {
    const { exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
      exports: Record<string, string | Record<string, string>>;
    };
    const names = Object.keys(exports).filter((name) => name !== './package.json' && name !== './kernel.wasm');
    const ours = [...entries.filter((entry) => entry !== 'index'), ...adapters.map((adapter) => `adapters/${adapter}`)];
    expect(names.sort()).toEqual(['.', ...ours.map((entry) => `./${entry}`)].sort());
    for (const name of names) {
      expect(Object.keys(exports[name] as object)).toEqual(['types', 'default']);
    }
  });
});
