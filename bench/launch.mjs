/**
 * Runs the TypeScript of this folder on plain Node: one bundle of the bench and of the sources under `src/`, in a
 * folder of its own that is removed at exit. Bundling from the sources lets the bench measure parts that no entry
 * exports (the filter); the published entries are made of the same files by the same bundler.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { build } from 'esbuild';

const benchDir = fileURLToPath(new URL('.', import.meta.url));

/** Bundles, then calls `main` of the entry (`main` or `compare`). What it returns becomes the exit code. */
export async function launch(entry, args) {
  const outDir = makeOutDir();
  await build({
    entryPoints: {
      main: fileURLToPath(new URL('main.ts', import.meta.url)),
      compare: fileURLToPath(new URL('compare.ts', import.meta.url)),
      child: fileURLToPath(new URL('child.ts', import.meta.url)),
      'contest-child': fileURLToPath(new URL('contest-child.ts', import.meta.url)),
      'server-child': fileURLToPath(new URL('server-child.ts', import.meta.url)),
      'pattern-child': fileURLToPath(new URL('pattern-child.ts', import.meta.url)),
      program: fileURLToPath(new URL('../src/cli/main.ts', import.meta.url)),
      'loopback-worker': fileURLToPath(new URL('engines/query/loopback-worker.ts', import.meta.url)),
    },
    outdir: outDir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // As the published entries are built.
    minifySyntax: true,
    // Finds its native part from where it lies.
    external: ['lmdb', 'undici'],
    logLevel: 'warning',
    // Bundled CommonJS asks for `require` at run time.
    banner: { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);" },
  });
  const { main } = await import(pathToFileURL(join(outDir, `${entry}.mjs`)).href);
  process.exitCode = await main({ benchDir, outDir, args });
}

/** Installs the packages that vedette is compared with, unless they are there. Without them their rows are skipped. */
export async function installPeers() {
  const { dependencies } = JSON.parse(readFileSync(join(benchDir, 'package.json'), 'utf8'));
  if (Object.keys(dependencies).every((name) => existsSync(join(benchDir, 'node_modules', name)))) {
    return;
  }
  const command = ['ci', '--no-audit', '--no-fund', '--prefix', benchDir];
  const { status } = spawnSync('npm', command, { stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
  if (status !== 0) {
    process.stderr.write('bench: the packages to compare with could not be installed; their rows are skipped\n');
  }
}

/** Inside bench/, so that imports of the bundle find bench/node_modules. */
function makeOutDir() {
  const dataDir = join(benchDir, 'data');
  mkdirSync(dataDir, { recursive: true });
  const outDir = mkdtempSync(join(dataDir, 'run-'));
  process.on('exit', () => rmSync(outDir, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => process.exit(signal === 'SIGINT' ? 130 : 143));
  }
  return outDir;
}
