/** The packages of bench/package.json. They are not installed with the project: without them their rows are skipped. */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Unavailable } from './definition.js';

/**
 * The module, as the caller knows it from its documentation.
 * @throws Unavailable when it is not installed.
 */
export async function importPeer<Module>(name: string): Promise<Module> {
  try {
    // Not a literal: the bundler leaves it to Node, which looks in bench/node_modules.
    return (await import(/* @vite-ignore */ name)) as Module;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_MODULE_NOT_FOUND') {
      throw new Unavailable('not installed: npm ci --prefix bench');
    }
    throw error;
  }
}

/** The installed version, or undefined. */
export function peerVersion(name: string): string | undefined {
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      const { version } = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as { version?: unknown };
      return typeof version === 'string' ? version : undefined;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
