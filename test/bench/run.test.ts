/** The bench as its users start it: plain Node, a process for each definition, parts of hosts beside ours. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContestRecord } from '../../bench/contest/record.js';
import type { EngineResult } from '../../bench/measure/result.js';
import type { BenchRecord } from '../../bench/report/record.js';
import type { Bundle } from '../support/bundle.js';
import { bundleForChild } from '../support/bundle.js';
import { redisMissing } from '../support/redis.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'vedette-bench-'));

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function bench(script: string, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'bench', script), ...args], { cwd: dir, timeout: 110_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('a quick run with the parts of hosts', () => {
  const bundles: Bundle[] = [];
  let ended: Ended;
  let record: BenchRecord;

  beforeAll(async () => {
    for (const parts of ['right', 'wrong']) {
      bundles.push(await bundleForChild(fileURLToPath(new URL(`parts/${parts}.ts`, import.meta.url))));
    }
    const engines = [join(root, 'bench/examples/own-matcher.mjs'), ...bundles.map(({ path }) => path)];
    ended = await bench('run.mjs', '--quick', '--no-install', '--note', 'a test', '--out', 'a.json', ...engines.flatMap((path) => ['--engine', path]));
    record = JSON.parse(readFileSync(join(dir, 'a.json'), 'utf8')) as BenchRecord;
  }, 120_000);
  afterAll(() => Promise.all(bundles.map((bundle) => bundle.remove())));

  function resultOf(definition: string, engine: string): EngineResult | undefined {
    return record.definitions.find(({ name }) => name === definition)?.engines.find((one) => one.engine === engine);
  }

  it('runs every definition, with its baseline measured', () => {
    expect(record.definitions.map(({ name }) => name)).toEqual([
      'scan-1k', 'scan-10k', 'filter-100k', 'filter-1m', 'url-100k', 'url-1m', 'cache-get', 'cache-set', 'query-1', 'query-100', 'link-1', 'link-100', 'server-hits', 'server-misses', 'server-store-100', 'server-store-1000', 'server-store-misses', 'queue-memory', 'queue-disk-1', 'queue-disk-100', 'queue-disk-flag-1', 'queue-disk-flag-5k', 'tree-first-command', 'tree-again', 'tree-again-command',
    ]);
    for (const { name, baseline } of record.definitions) {
      // The baseline of the link and of the server, but not of its store, is Redis, which is not everywhere.
      expect([name, resultOf(name, baseline)?.kind]).toEqual([name, /^(?:link-|server-(?!store))/.test(name) && redisMissing !== undefined ? 'skipped' : 'measured']);
    }
  });

  it('finds none of our engines wrong or failed', () => {
    const ours = record.definitions.flatMap(({ name, engines }) => engines.filter(({ engine }) => !engine.endsWith('(own)')).map((one) => ({ name, ...one })));
    expect(ours.filter(({ kind }) => kind === 'wrong' || kind === 'failed')).toEqual([]);
    expect(ours.filter(({ kind, engine }) => kind === 'skipped' && engine.startsWith('vedette'))).toEqual([]);
  });

  it('measures right parts of hosts', () => {
    for (const definition of ['scan-1k', 'scan-10k']) {
      expect(resultOf(definition, 'one search a literal (own)')).toMatchObject({ kind: 'measured', ratio: { median: expect.any(Number) as number } });
    }
    for (const definition of ['cache-get', 'cache-set', 'query-1', 'query-100', 'queue-memory']) {
      expect([definition, resultOf(definition, 'right parts (own)')?.kind]).toEqual([definition, 'measured']);
    }
  });

  it('skips a queue where its durability is another one', () => {
    expect(resultOf('queue-disk-1', 'right parts (own)')).toMatchObject({ kind: 'skipped', reason: 'its durability is process' });
  });

  it.each(['scan-1k', 'scan-10k', 'cache-get', 'cache-set', 'query-1', 'query-100', 'queue-memory'])(
    'marks the wrong part in %s as WRONG, does not time it, and ends with code 1',
    (definition) => {
      const result = resultOf(definition, 'wrong parts (own)');
      expect(result?.kind).toBe('wrong');
      expect(JSON.stringify(result)).not.toContain('perSecond');
      const table = ended.out.split('\n\n').find((part) => part.startsWith(`${definition}:`));
      expect(table).toContain('wrong parts (own): WRONG, not timed');
      expect(ended.code).toBe(1);
    },
  );

  it('prints tables of at most 100 columns that name their baselines', () => {
    expect(ended.out.split('\n').filter(({ length }) => length > 100)).toEqual([]);
    for (const { name, baseline } of record.definitions) {
      if (resultOf(name, baseline)?.kind === 'measured') {
        // With its version between, where it comes from a package.
        const table = ended.out.split('\n\n').find((part) => part.startsWith(`${name}:`))?.split('\n') ?? [];
        expect(table.some((line) => line.includes(`  ${baseline}`) && line.includes(', baseline '))).toBe(true);
      }
    }
  });

  it('records machine, versions, commit and note, and no path or host name', () => {
    expect(record).toMatchObject({ record: 1, note: 'a test', quick: true, versions: { node: process.versions.node } });
    expect(Object.keys(record.machine).sort()).toEqual(['arch', 'cores', 'cpu', 'memoryGiB', 'os']);
    expect(record.commit).toMatch(/^(?:[0-9a-f]{7,}\+?|unknown)$/);
    expect(readFileSync(join(dir, 'a.json'), 'utf8')).not.toContain(root);
  });

  it('can be compared with itself', async () => {
    const { code, out } = await bench('compare.mjs', 'a.json', 'a.json');
    expect(code).toBe(0);
    expect(out).toContain('scan-10k: × Buffer.indexOf');
    expect(out.split('\n').filter((line) => line.includes(', baseline')).length).toBe(record.definitions.length);
  });
});

describe('the scan contest', () => {
  it('runs over the quick corpus, where both our matchers are right, and a host\'s too', async () => {
    const args = ['--quick', '--no-install', '--peers', 'none', '--sizes', '1k', '--engine', join(root, 'bench/examples/own-matcher.mjs'), '--sets', 'literals'];
    const { code, out } = await bench('run.mjs', 'scan', ...args, '--out', 'scan.json');
    expect(code).toBe(0);
    expect(out).toContain('40 signatures, literals of 8 to 64 bytes');
    const { record, sets } = JSON.parse(readFileSync(join(dir, 'scan.json'), 'utf8')) as ContestRecord;
    const measured = sets[0]?.engines.filter(({ kind }) => kind === 'measured').map(({ engine }) => engine);
    expect(record).toBe('scan-1');
    expect(measured).toEqual(expect.arrayContaining(['vedette (WASM)', 'vedette (TypeScript)', 'own-matcher.mjs (own)']));
  });

  it('says what is wrong in its command line', async () => {
    expect(await bench('run.mjs', 'scan', '--no-install', '--sizes', '5k')).toMatchObject({ code: 2, err: expect.stringContaining('--sizes: expected some of 1k, 10k, 100k') as string });
  });
});

describe('the weight of the light pattern', () => {
  it('is measured over few signatures, which the loaded pattern finds', async () => {
    const { code, out } = await bench('run.mjs', 'pattern', '--quick');
    expect(code).toBe(0);
    expect(out).toContain('600 byte signatures, vedette');
    expect(out).toContain('1,000 SHA-256, vedette');
  });
});

describe('a server of many records', () => {
  it('is measured from its import to a change of generation', async () => {
    const { code, out } = await bench('run.mjs', 'server', '--quick');
    expect(code).toBe(0);
    for (const line of ['import', 'on the disk', 'first answer after', 'of that, the merge', 'and the switch', 'private memory']) {
      expect(out).toContain(`  ${line} `);
    }
  });
});

describe('a module that cannot be used', () => {
  it.each([
    ['has no name', 'export const createCache = () => ({});', 'expected an export `name`'],
    ['makes nothing', "export const name = 'nothing';", 'expected functions among its exports'],
    ['does not load', 'import "./not-there.mjs";', 'not-there.mjs'],
  ])('because it %s is refused before anything is measured', async (_, source, reason) => {
    writeFileSync(join(dir, 'unusable.mjs'), source);
    const { code, out, err } = await bench('run.mjs', '--quick', '--no-install', '--engine', './unusable.mjs');
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(reason);
  });

  it('takes only itself down when it ends the process', async () => {
    writeFileSync(join(dir, 'unusable.mjs'), "export const name = 'ends';\nexport const createCache = () => process.exit(7);\n");
    const { code, out } = await bench('run.mjs', '--quick', '--no-install', '--only', 'cache-get,filter-100k', '--engine', './unusable.mjs');
    expect(code).toBe(1);
    expect(out).toContain('cache-get: FAILED: its process ended with code 7');
    expect(out).toContain('Set of hex strings, baseline');
  });
});
