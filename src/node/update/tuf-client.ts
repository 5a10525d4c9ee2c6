/**
 * The TUF client workflow (specification 1.0.31, section 5) by tuf-js: the one file that imports it, and only when
 * updates are fetched. It works on a copy of the trusted metadata in a directory of its own, because it writes files in
 * place: what it has verified is taken over from there in one step, and a kill in its midst changes nothing. What it
 * downloads comes through our own limits and deadlines, and what it refuses gets the name of the attack.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, VedetteError } from '../../base/errors.js';
import { nameRefusal } from '../../update/attacks.js';
import type { RepositoryMetadata } from '../../update/metadata-rules.js';
import { sourceFile, type UpdateSource } from '../../update/sources.js';
import type { TransferLimits } from './download.js';
import type { KeptMetadata } from './metadata-text.js';
import { detailOf, transferError } from './transfer-error.js';

/** Gets the bytes of a file, at most so many. */
export type FetchBytes = (url: string, maxBytes: number) => Promise<Uint8Array>;

/** What a refresh needs. */
export interface RefreshOptions {
  readonly source: Pick<UpdateSource, 'url'>;
  /** What was trusted last; at first a root alone. */
  readonly trusted: KeptMetadata;
  /** A directory that is ours alone; a folder in it is made and removed. */
  readonly dir: string;
  readonly limits: TransferLimits;
  readonly fetchBytes: FetchBytes;
}

/** How a refresh ended. What was verified before it failed is still trusted: a newer root above all. */
export type Refreshed =
  | { readonly kind: 'fresh'; readonly metadata: RepositoryMetadata }
  | { readonly kind: 'failed'; readonly error: VedetteError; readonly verified: KeptMetadata };

const roles = ['root', 'timestamp', 'snapshot', 'targets'] as const;
const maxRootRotations = 256;
const folderPrefix = 'tuf-';

/** Walks the workflow against one source. Rejects with `peer-missing` without the package, and when the disk fails. */
export async function refreshMetadata(options: RefreshOptions): Promise<Refreshed> {
  const tuf = await loadTuf();
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  const dir = await mkdtemp(join(options.dir, folderPrefix));
  try {
    await writeRoles(dir, options.trusted);
    const refused: { transfer?: VedetteError } = {};
    const error = await walk(tuf, dir, options, refused).catch((fault: unknown) => refused.transfer ?? refusal(fault));
    const verified = await readRoles(dir, options.trusted);
    const { root, timestamp, snapshot, targets } = verified;
    if (error !== undefined || timestamp === undefined || snapshot === undefined || targets === undefined) {
      return { kind: 'failed', error: error ?? refusal('metadata is missing'), verified };
    }
    return { kind: 'fresh', metadata: { root, timestamp, snapshot, targets } };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

type Tuf = Awaited<ReturnType<typeof loadTuf>>;

/** The first transfer that failed is kept: the client wraps it in texts. */
async function walk(tuf: Tuf, dir: string, options: RefreshOptions, refused: { transfer?: VedetteError }): Promise<undefined> {
  const { limits, source } = options;
  const downloadBytes = async (url: string, maxLength: number): Promise<Buffer> => {
    try {
      return Buffer.from(await options.fetchBytes(url, Math.min(maxLength, limits.maxMetadataBytes)));
    } catch (error) {
      const status = detailOf(error, 'status');
      const isEndOfRoots = /\/\d+\.root\.json$/.test(url) && (status === 404 || status === 403);
      if (!isEndOfRoots) {
        refused.transfer ??= VedetteError.is(error) ? error : transferError('unreachable', describeError(error), { error });
      }
      throw typeof status === 'number' ? new tuf.DownloadHTTPError(describeError(error), status) : error;
    }
  };
  const updater = new tuf.Updater({
    metadataDir: dir,
    metadataBaseUrl: sourceFile(source, 'metadata', ''),
    config: {
      maxRootRotations,
      rootMaxLength: limits.maxUnsignedBytes,
      timestampMaxLength: limits.maxUnsignedBytes,
      snapshotMaxLength: limits.maxUnsignedBytes,
      targetsMaxLength: limits.maxUnsignedBytes,
    },
    fetcher: {
      downloadBytes,
      downloadFile: () => Promise.reject(new TypeError('targets are not downloaded here')),
    },
  });
  await updater.refresh();
  return undefined;
}

function refusal(fault: unknown): VedetteError {
  if (VedetteError.is(fault)) {
    return fault;
  }
  const said = describeError(fault);
  const { cause, words } = nameRefusal(fault instanceof SyntaxError ? `JSON ${said}` : said);
  return new VedetteError('pattern-refused', `${words} (${said.slice(0, 300)})`, { detail: { cause }, cause: fault });
}

async function writeRoles(dir: string, trusted: KeptMetadata): Promise<void> {
  for (const role of roles) {
    const text = trusted[role];
    if (text !== undefined && text !== '') {
      await writeFile(join(dir, `${role}.json`), text);
    }
  }
}

/** Only what the client has verified lies there; a role that it has refused is as it was. */
async function readRoles(dir: string, trusted: KeptMetadata): Promise<KeptMetadata> {
  const texts = await Promise.all(roles.map((role) => readFile(join(dir, `${role}.json`), 'utf8').catch(() => undefined)));
  const [root = trusted.root, timestamp = trusted.timestamp, snapshot = trusted.snapshot, targets = trusted.targets] = texts;
  return { root, timestamp, snapshot, targets };
}

async function loadTuf(): Promise<Pick<typeof import('tuf-js'), 'Updater'> & Pick<typeof import('tuf-js/dist/error.js'), 'DownloadHTTPError'>> {
  try {
    const { Updater } = await import('tuf-js');
    const { DownloadHTTPError } = await import('tuf-js/dist/error.js');
    return { Updater, DownloadHTTPError };
  } catch (error) {
    const message = "updates need the package 'tuf-js' 5: npm install tuf-js@5";
    throw new VedetteError('peer-missing', message, { detail: { package: 'tuf-js' }, cause: error });
  }
}
