/** A directory over loopback HTTP as any web server would host it, read anew for every request. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startWebServer, type WebServer } from './web-server.js';

class DirectoryFiles extends Map<string, Buffer> {
  readonly #dir: string;

  constructor(dir: string) {
    super();
    this.#dir = dir;
  }

  override get(path: string): Buffer | undefined {
    try {
      return path.includes('..') ? undefined : readFileSync(join(this.#dir, path));
    } catch {
      return undefined;
    }
  }
}

export function serveDirectory(dir: string): Promise<WebServer> {
  return startWebServer(new DirectoryFiles(dir));
}
