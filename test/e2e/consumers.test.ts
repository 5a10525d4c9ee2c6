/** Hosts' own code against the declarations of the packed package, under the compiler settings that hosts use. */
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { installPacked, pack, projectRoot } from '../support/packed.js';
import { run } from '../support/run.js';
import { tempDir } from '../support/temp-dir.js';

const folder = tempDir('consumers');
const consumer = join(folder, 'consumer');
const compiler = join(projectRoot, 'node_modules/typescript/bin/tsc');
const typeRoots = [join(projectRoot, 'node_modules/@types')];

/** Nothing is skipped: the declarations themselves are checked with every one of these. */
const strict = { target: 'es2022', strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false, noEmit: true };
const nodenext = { ...strict, module: 'nodenext', types: [] as string[] };
const withNode = { ...nodenext, types: ['node'], typeRoots };

const portable = ['portable.ts', 'parts.ts', 'absent.ts', 'dispose.ts'];

const settings: Record<string, { readonly options: Record<string, unknown>; readonly files: readonly string[] }> = {
  'Node resolution, es2022 and dom, no types of Node': { options: { ...nodenext, lib: ['es2022', 'dom'] }, files: portable },
  'a bundler, esnext and dom, no types of Node': {
    options: { ...nodenext, module: 'preserve', moduleResolution: 'bundler', lib: ['esnext', 'dom'] },
    files: [...portable, 'using.ts'],
  },
  'a worker: es2022 and webworker, no types of Node': { options: { ...nodenext, lib: ['es2022', 'webworker'] }, files: portable },
  'Node: es2022 and the types of Node': { options: { ...withNode, lib: ['es2022'] }, files: [...portable, 'node.ts', 'commonjs.cts'] },
  'Node and dom, nothing strict': {
    options: { ...withNode, strict: false, exactOptionalPropertyTypes: false, lib: ['es2022', 'dom'] },
    files: ['parts.ts', 'node.ts', 'commonjs.cts'],
  },
};

beforeAll(async () => {
  await installPacked(await pack(join(folder, 'packed')), consumer);
  cpSync(join(projectRoot, 'test/consumers'), consumer, { recursive: true });
});

async function compile(name: string, config: { readonly options: Record<string, unknown>; readonly files: readonly string[] }): Promise<string> {
  const file = `tsconfig.${name}.json`;
  writeFileSync(join(consumer, file), JSON.stringify({ compilerOptions: config.options, files: config.files }));
  const { stdout, stderr } = await run(process.execPath, [compiler, '-p', file], { cwd: consumer });
  return stdout + stderr;
}

describe('the code of hosts compiles', () => {
  it.concurrent.each(Object.keys(settings))('under %s', async (name) => {
    const config = settings[name];
    expect(config).toBeDefined();
    expect(await compile(String(Object.keys(settings).indexOf(name)), config ?? { options: {}, files: [] })).toBe('');
  });

  it('and none of the files is left out', () => {
    const compiled = new Set(Object.values(settings).flatMap(({ files }) => files));
    expect(readdirSync(join(projectRoot, 'test/consumers')).filter((name) => !compiled.has(name))).toEqual([]);
  });

  it('against declarations that are really there', async () => {
    expect(existsSync(join(consumer, 'node_modules/vedette/dist/index.d.ts'))).toBe(true);
    writeFileSync(join(consumer, 'wrong.ts'), `import { createEngine } from 'vedette';\nexport const wrong: string = createEngine({ name: 1 });\n`);
    const told = await compile('wrong', { options: { ...nodenext, lib: ['es2022', 'dom'] }, files: ['wrong.ts'] });
    expect(told).toContain('wrong.ts(2,14): error TS2322');
    expect(told).toContain("Type 'number' is not assignable to type 'string'");
  });
});
