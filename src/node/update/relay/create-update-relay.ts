/**
 * A host that passes on to others on its network what it has downloaded and verified: metadata and files of a repository, read
 * only. Nobody has to trust it: whoever fetches verifies as if it came from anywhere.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../base/seams.js';
import type { Handler } from '../../../server/handler.js';
import { digestsOf } from '../../../update/generations.js';
import { nodeFiles, type DurableFile } from '../../files/durable-files.js';
import { openGenerationStore, type GenerationStore } from '../generation-store.js';
import { containerName, keptTargetDigest, keptTargetName, repositoryName } from '../kept-names.js';
import { createPace, type Pace } from './pace.js';
import { relayCatalogue, type RelayCatalogue, type RelayedFile, type StoredFile } from './relay-catalogue.js';
import { fileBody } from './file-body.js';

/** Options of `createUpdateRelay`. */
export interface UpdateRelayOptions {
  /** The data directory of an engine or server that keeps itself up to date; it is only read. */
  readonly dataDir: string;
  /** Text of the `root.json` that this host was given: it tells which repository is passed on. */
  readonly root: string;
  readonly clock: Clock;
  /** For all downloads together. Default: 8 MiB. */
  readonly bytesPerSecond?: number | undefined;
  /** Files that are sent at a time; further ones are put off (503). Default: 32. */
  readonly maxDownloads?: number | undefined;
  /** Told of what could not be read. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

const defaultBytesPerSecond = 8 * 1024 * 1024;
const defaultMaxDownloads = 32;
const busySeconds = 5;
const lasting = 'max-age=31536000, immutable';

/** The relay as a handler for `serve`: GET of a file of the repository, whole or from an offset on; anything else is refused. */
export function createUpdateRelay(options: UpdateRelayOptions): Handler {
  const { clock, dataDir } = options;
  const dir = join(dataDir, 'patterns');
  const relay = new UpdateRelay(options, {
    dir,
    repository: repositoryName(options.root),
    store: openGenerationStore({ dir, clock }),
    pace: createPace(options.bytesPerSecond ?? defaultBytesPerSecond, clock),
  });
  return async (request) => {
    try {
      return await relay.answer(request);
    } catch (error) {
      options.onFault?.(error);
      return refusal(503, { 'retry-after': String(busySeconds) });
    }
  };
}

interface RelayParts {
  readonly dir: string;
  readonly repository: string;
  readonly store: GenerationStore;
  readonly pace: Pace;
}

class UpdateRelay {
  readonly #options: UpdateRelayOptions;
  readonly #parts: RelayParts;
  #known: { readonly mark: string; readonly catalogue: RelayCatalogue } | undefined;
  #downloads = 0;

  constructor(options: UpdateRelayOptions, parts: RelayParts) {
    this.#options = options;
    this.#parts = parts;
  }

  async answer(request: Request): Promise<Response> {
    if (request.method !== 'GET') {
      return refusal(405, { allow: 'GET' });
    }
    // Looked up as it was asked for: no part of it ever becomes a path on the disk.
    const file = (await this.#catalogue()).get(new URL(request.url).pathname.slice(1));
    if (file === undefined) {
      return refusal(404);
    }
    return file.kind === 'text' ? this.#sendText(file, request.signal) : this.#sendStored(file, request);
  }

  /** Made anew when the directory has changed. */
  async #catalogue(): Promise<RelayCatalogue> {
    const { store, dir, repository } = this.#parts;
    const mark = await markOf(dir, store);
    if (this.#known?.mark !== mark) {
      const metadata = await store.metadata(repository);
      const there = new Set([...digestsOf(await store.generations()), ...(await keptTargets(dir, repository))]);
      this.#known = { mark, catalogue: metadata === undefined ? new Map() : relayCatalogue(metadata, (sha256) => there.has(sha256)) };
    }
    return this.#known.catalogue;
  }

  async #sendText({ bytes, isLasting }: Extract<RelayedFile, { readonly kind: 'text' }>, signal: AbortSignal): Promise<Response> {
    await this.#parts.pace.take(bytes.length, signal);
    const headers = { 'content-type': 'application/json', 'content-length': String(bytes.length), 'cache-control': isLasting ? lasting : 'max-age=60' };
    return new Response(new Uint8Array(bytes), { headers });
  }

  async #sendStored(file: StoredFile, request: Request): Promise<Response> {
    const from = offsetIn(request.headers.get('range'), file.length);
    if (from === undefined) {
      return refusal(416, { 'content-range': `bytes */${file.length}` });
    }
    if (this.#downloads >= (this.#options.maxDownloads ?? defaultMaxDownloads)) {
      return refusal(503, { 'retry-after': String(busySeconds) });
    }
    this.#downloads++;
    const opened = await this.#open(file).catch(() => undefined);
    if (opened === undefined) {
      this.#downloads--;
      return refusal(404);
    }
    const end = async (): Promise<void> => {
      this.#downloads--;
      await opened.close();
    };
    const body = fileBody(opened, { from, to: file.length, pace: this.#parts.pace, signal: request.signal, end });
    const range = from === 0 ? {} : { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` };
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(file.length - from), 'cache-control': lasting, ...range };
    return new Response(body, { status: from === 0 ? 200 : 206, headers });
  }

  /** A container that is in use or kept, or the file as it was downloaded. */
  async #open({ sha256 }: StoredFile): Promise<DurableFile | undefined> {
    const { dir, repository } = this.#parts;
    return (await nodeFiles.open(join(dir, containerName(sha256)))) ?? nodeFiles.open(join(dir, keptTargetName(repository, sha256)));
  }
}

function refusal(status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status, headers: { ...headers, 'content-length': '0' } });
}

/** Where to begin: 0 without a range, undefined for one that cannot be had. Only `bytes=N-` is known; others are the whole file. */
function offsetIn(range: string | null, length: number): number | undefined {
  const [, from] = /^bytes=(\d{1,15})-$/.exec(range ?? '') ?? [];
  if (from === undefined) {
    return 0;
  }
  return Number(from) < length ? Number(from) : undefined;
}

/** Files are replaced by renaming, which the directory remembers. */
async function markOf(dir: string, store: GenerationStore): Promise<string> {
  const { mtimeNs } = await stat(dir, { bigint: true });
  return `${mtimeNs} ${store.mark()}`;
}

async function keptTargets(dir: string, repository: string): Promise<string[]> {
  return (await readdir(dir)).flatMap((name) => keptTargetDigest(repository, name) ?? []);
}
