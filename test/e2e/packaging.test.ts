/** What is published: packed once, installed into an empty project, and used there as hosts use it. */
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { cleanEnvironment, installPacked, pack, projectRoot } from '../support/packed.js';
import { runOrFail } from '../support/run.js';
import { tempDir } from '../support/temp-dir.js';

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

const folder = tempDir('packaging');
const consumer = join(folder, 'consumer');
const installed = join(consumer, 'node_modules/vedette');
const someKey = `ed25519:${Buffer.alloc(32, 7).toString('base64url')}`;
const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as Manifest;
const entries = Object.keys(manifest.exports).filter((name) => !['./package.json', './kernel.wasm'].includes(name)).map((name) => name.replace(/^\./, 'vedette'));
let tarball = '';

beforeAll(async () => {
  tarball = await pack(join(folder, 'packed'));
  await installPacked(tarball, consumer);
});

/** Runs a text as a module of the empty project with this Node. */
async function runModule(text: string, file = 'module.mjs'): Promise<string> {
  writeFileSync(join(consumer, file), text);
  const { stdout, stderr } = await runOrFail(process.execPath, [file], { cwd: consumer, env: cleanEnvironment() });
  expect(stderr).toBe('');
  return stdout.trim();
}

describe('the tarball', () => {
  it('says what it needs and what it is', () => {
    expect(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))).toMatchObject({
      ...{ name: 'vedette', type: 'module', sideEffects: false, files: ['dist'] },
      engines: { node: '>=20.19' },
    });
  });

  it('holds the build, the manifest and the texts about the package, and nothing else', async () => {
    const { stdout } = await runOrFail('tar', ['-tzf', tarball], { cwd: folder });
    const names = stdout.trim().split('\n').map((name) => name.replace(/^package\//, ''));
    const others = names.filter((name) => !name.startsWith('dist/')).sort();
    expect(others.filter((name) => !['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'].includes(name))).toEqual([]);
    expect(others).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
    expect(names.filter((name) => name.startsWith('dist/') && !/\.(?:js|js\.map|d\.ts)$|^dist\/(?:LICENSE\.msgpackr|kernel\.wasm)$/.test(name))).toEqual([]);
  });

  it('is the same byte for byte when it is packed again', async () => {
    const again = await pack(join(folder, 'again'));
    expect(digest(again)).toBe(digest(tarball));
  });

  it('names no folder of the machine that built it', () => {
    const places = [projectRoot, `${homedir()}/`];
    for (const [name, text] of installedTexts()) {
      expect(places.filter((place) => text.includes(place)), name).toEqual([]);
    }
    for (const [name, text] of installedTexts().filter(([name]) => name.endsWith('.map'))) {
      const { sources, sourceRoot = '' } = JSON.parse(text) as { sources: string[]; sourceRoot?: string };
      expect(sourceRoot, name).toBe('');
      expect(sources.filter((source) => !/^(?:\.\.\/)+(?:src|node_modules\/msgpackr)\//.test(source)), name).toEqual([]);
    }
  });

  it('brings no install script, its own or of what it depends on', () => {
    const lock = JSON.parse(readFileSync(join(consumer, 'package-lock.json'), 'utf8')) as { packages: Record<string, { hasInstallScript?: boolean }> };
    expect(Object.keys(lock.packages)).toContain('node_modules/vedette');
    expect(Object.keys(lock.packages).filter((name) => lock.packages[name]?.hasInstallScript === true)).toEqual([]);
  });
});

describe('an empty project', () => {
  it('gets the same from every entry by import and by require', async () => {
    const imported = await runModule(
      `const names = {};
       for (const entry of ${JSON.stringify(entries)}) { names[entry] = Object.keys(await import(entry)).sort(); }
       console.log(JSON.stringify(names));`,
    );
    const required = await runModule(
      `const names = {};
       for (const entry of ${JSON.stringify(entries)}) { names[entry] = Object.keys(require(entry)).filter((name) => name !== '__esModule').sort(); }
       console.log(JSON.stringify(names));`,
      'module.cjs',
    );
    expect(JSON.parse(required)).toEqual(JSON.parse(imported));
    expect(JSON.parse(imported)).toMatchObject({ vedette: expect.arrayContaining(['createEngine', 'VedetteError']) as unknown });
  });

  it('has one error class and one engine in both kinds of module', async () => {
    const told = await runModule(
      `import { createRequire } from 'node:module';
       import * as imported from 'vedette';
       const required = createRequire(import.meta.url)('vedette');
       console.log(required.createEngine === imported.createEngine, required.VedetteError === imported.VedetteError);`,
    );
    expect(told).toBe('true true');
  });

  it('makes an engine that opens nothing and starts nothing, and that keeps no process alive', async () => {
    const told = await runModule(
      `import { createEngine } from 'vedette';
       import { createNodeEngine } from 'vedette/node';
       createEngine({ servers: [{ address: 'https://reputation.invalid', scope: 'global', trust: [${JSON.stringify(someKey)}] }] });
       createNodeEngine({ dataDir: 'data', quarantineDir: 'quarantine' });
       const held = process.getActiveResourcesInfo().filter((one) => /Timeout|Immediate|TCP|UDP|TLS|AddrInfo|FSEvent|Message/i.test(one));
       console.log(JSON.stringify(held));`,
    );
    expect(JSON.parse(told)).toEqual([]);
    expect(readdirSync(consumer)).not.toEqual(expect.arrayContaining(['data']));
  });

  it('judges a file with a compiled pattern through the durable engine', async () => {
    cpSync(join(projectRoot, 'test/runtimes/feed.mjs'), join(consumer, 'feed.mjs'));
    const told = await runModule(
      `import { writeFileSync } from 'node:fs';
       import { createNodeEngine, fileSubject } from 'vedette/node';
       import { createInProcessServer, createTestSigner } from 'vedette/testing';
       import { components, subjects } from './feed.mjs';
       const { agent, filter, server: pattern } = await components();
       const server = createInProcessServer(pattern, { signer: await createTestSigner(1) });
       const engine = createNodeEngine({ dataDir: 'data', servers: [server.config] }, { pattern: [agent, filter], transport: server.transport });
       const seen = [];
       for (const name of ['planted', 'listed', 'ordinary']) {
         writeFileSync(name, subjects[name]);
         const { verdict } = await engine.check(fileSubject(name));
         seen.push(verdict.disposition + ' by ' + verdict.source);
       }
       await engine.close();
       console.log(JSON.stringify(seen));`,
    );
    expect(JSON.parse(told)).toEqual(['malicious by scan', 'malicious by query', 'clean by filter']);
  });

  it('has the program, which says the version of the package', async () => {
    const { stdout } = await runOrFail('npx', ['--no-install', 'vedette', '--version'], { cwd: consumer, env: cleanEnvironment() });
    expect(stdout.trim()).toContain(manifest.version);
  });
});

describe('the portable core as a worker loads it', () => {
  it('has no text turned into code and nothing of Node', async () => {
    const { text, modules } = await bundle(`export * from 'vedette';`);
    expect(text.match(codeFromText)).toBeNull();
    expect(text.match(/["']node:[a-z/_]+["']/)).toBeNull();
    expect(modules.filter((module) => /tldts/.test(module))).toEqual([]);
    expect(modules.length).toBeGreaterThan(5);
  });

  it.each(['vedette/url', 'vedette/compile', 'vedette/testing', 'vedette/adapters/indexeddb'])('has the same for %s', async (entry) => {
    const { text } = await bundle(`export * from '${entry}';`);
    expect(text.match(codeFromText)).toBeNull();
    expect(text.match(/["']node:[a-z/_]+["']/)).toBeNull();
  });

  it('would be found out if it had', async () => {
    const library = join(projectRoot, 'node_modules/msgpackr/index.js');
    const { text } = await bundle(`export * from ${JSON.stringify(library)};`);
    expect(text.match(codeFromText)).not.toBeNull();
  });
});

const codeFromText = /\beval\s*\(|\bnew Function\b|(?<![\w.$])Function\s*\(/;

async function bundle(contents: string): Promise<{ readonly text: string; readonly modules: readonly string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: consumer },
    ...{ bundle: true, write: false, metafile: true, format: 'esm', target: 'es2022', platform: 'neutral', logLevel: 'error' },
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser'],
    legalComments: 'none',
  });
  return { text: outputFiles?.[0]?.text ?? '', modules: Object.keys(metafile?.inputs ?? {}) };
}

function installedTexts(): (readonly [string, string])[] {
  const dist = join(installed, 'dist');
  const files = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), 'utf8')] as const);
}

function digest(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
