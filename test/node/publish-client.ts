/**
 * A client of a repository on disk, by tuf-js: what it would accept, file by file. Second implementation of the workflow, and the
 * one that agents use.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Updater } from 'tuf-js';
import { DownloadHTTPError } from 'tuf-js/dist/error.js';

/** Where a file of a repository comes from; undefined when there is none. */
export type Origin = (path: string) => Uint8Array | undefined;

export function diskOrigin(dir: string): Origin {
  return (path) => {
    try {
      return readFileSync(join(dir, path));
    } catch {
      return undefined;
    }
  };
}

/** A target as the client saw it. */
export interface SeenTarget {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly custom: Record<string, unknown>;
}

export class TestClient {
  readonly #dir = mkdtempSync(join(tmpdir(), 'vedette-client-'));
  readonly #origin: Origin;
  /** Bytes of everything that was read, by path. */
  readonly read: { readonly path: string; readonly bytes: number }[] = [];

  constructor(origin: Origin, root: Uint8Array) {
    this.#origin = origin;
    mkdirSync(join(this.#dir, 'targets'));
    writeFileSync(join(this.#dir, 'root.json'), root);
  }

  /** Refreshes the metadata and gets a target; undefined when the repository does not have it. Rejects as tuf-js does. */
  async get(...paths: string[]): Promise<(SeenTarget | undefined)[]> {
    const updater = new Updater({
      metadataDir: this.#dir,
      metadataBaseUrl: 'http://test.invalid/metadata',
      targetDir: join(this.#dir, 'targets'),
      targetBaseUrl: 'http://test.invalid/targets',
      fetcher: {
        downloadBytes: async (url, maxLength) => this.#bytes(url, maxLength),
        downloadFile: async (url, maxLength, handler) => {
          const file = join(this.#dir, 'download');
          writeFileSync(file, this.#bytes(url, maxLength));
          return handler(file);
        },
      },
    });
    await updater.refresh();
    const seen: (SeenTarget | undefined)[] = [];
    for (const path of paths) {
      const info = await updater.getTargetInfo(path);
      const bytes = info === undefined ? undefined : readFileSync(await updater.downloadTarget(info));
      seen.push(info === undefined || bytes === undefined ? undefined : { path, bytes: new Uint8Array(bytes), custom: info.custom });
    }
    return seen;
  }

  end(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #bytes(url: string, maxLength: number): Buffer {
    const path = new URL(url).pathname.slice(1);
    const bytes = this.#origin(path);
    if (bytes === undefined) {
      throw new DownloadHTTPError('not there', 404);
    }
    if (bytes.length > maxLength) {
      throw new RangeError(`${path} has ${bytes.length} bytes, more than ${maxLength}`);
    }
    this.read.push({ path, bytes: bytes.length });
    return Buffer.from(bytes);
  }
}
