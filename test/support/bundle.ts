/** TypeScript for child processes: one bundled file that plain `node` runs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/** A bundle on disk. */
export interface Bundle {
  readonly path: string;
  remove(): Promise<void>;
}

/** Bundles an entry (absolute path of a `.ts` file) with everything it imports, for `node <path>`. */
export async function bundleForChild(entry: string): Promise<Bundle> {
  const dir = await mkdtemp(join(tmpdir(), 'vedette-bundle-'));
  const path = join(dir, 'child.mjs');
  await build({
    entryPoints: [entry],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
    // Bundled CommonJS asks for `require` at run time.
    banner: { js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);" },
  });
  return { path, remove: () => rm(dir, { recursive: true, force: true }) };
}
