/** The package as hosts get it: packed from the build, and installed into an empty project outside of this one. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runOrFail } from './run.js';

export const projectRoot: string = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

const npmArguments = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];

/** The environment without what an `npm test` around this process has put there: it names this project. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_(?:package|lifecycle|command)_?|^npm_config_local_prefix$|^INIT_CWD$/i.test(name));
  return Object.fromEntries(kept);
}

/** Packs the build that is there into `folder`, without building again. The path of the tarball. */
export async function pack(folder: string): Promise<string> {
  if (!existsSync(join(projectRoot, 'dist/index.js'))) {
    throw new Error('dist/index.js is not there: run `npm run build`, or `npm test`, which does');
  }
  mkdirSync(folder, { recursive: true });
  await runOrFail('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: projectRoot, env: cleanEnvironment() });
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  if (tarball === undefined) {
    throw new Error(`npm pack left no tarball in ${folder}`);
  }
  return join(folder, tarball);
}

/** An empty ESM project in `folder` that depends on the tarball and on nothing else. */
export async function installPacked(tarball: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  await runOrFail('npm', ['install', tarball, ...npmArguments], { cwd: folder, env: cleanEnvironment() });
}
