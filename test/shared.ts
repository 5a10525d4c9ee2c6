/** Where the shared test data lies: beside the project, or where `VEDETTE_SHARED` says. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = process.env['VEDETTE_SHARED'] ?? fileURLToPath(new URL('../../shared', import.meta.url));

/** The absolute path of a file or folder of the shared data, or undefined where it is absent: skip with a reason then. */
export function sharedPath(relative: string): string | undefined {
  const path = `${root}/${relative}`;
  return existsSync(path) ? path : undefined;
}
