/** `node test/fuzz/run.mjs lines|patterns RUNS [SEED]`: bundles main.ts and runs it in a process of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
// Beside the packages that the bundle imports.
const dir = mkdtempSync(join(here, '../../node_modules/.fuzz-'));
try {
  const outfile = join(dir, 'main.mjs');
  await build({ entryPoints: [join(here, 'main.ts')], bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external', outfile, logLevel: 'error' });
  process.exitCode = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1;
} finally {
  rmSync(dir, { recursive: true });
}
