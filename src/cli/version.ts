/** The version of this package, as its package.json says. */
import { readFileSync } from 'node:fs';

/** The nearest package.json above this module: it lies beside the bundle's folder, and two folders above the source. */
export function programVersion(): string {
  for (const above of ['../package.json', '../../package.json']) {
    const version = versionIn(new URL(above, import.meta.url));
    if (version !== undefined) {
      return version;
    }
  }
  return 'unknown';
}

function versionIn(file: URL): string | undefined {
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const isOurs = typeof json === 'object' && json !== null && 'name' in json && json.name === 'vedette' && 'version' in json;
    return isOurs && typeof json.version === 'string' ? json.version : undefined;
  } catch {
    return undefined;
  }
}
