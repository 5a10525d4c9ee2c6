/**
 * The TUF client workflow (specification 1.0.31, section 5) by tuf-js: the one file that imports it, and only when
 * updates are fetched. It works on a copy of the trusted metadata in a directory of its own, because it writes files in
 * place: what it has verified is taken over from there in one step, and a kill in its midst changes nothing. What it
 * downloads comes through our own limits and deadlines, and what it refuses gets the name of the attack.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as TufClient from 'tuf-js';
import type * as TufErrors from 'tuf-js/dist/error.js';
import { describeError, VedetteError } from '../../../base/errors.js';
import { nameRefusal } from '../../../update/attacks.js';
import type { FindTarget } from '../../../update/catalogue.js';
import { assertMetadataShape } from '../../../update/metadata-shape.js';
import { sourceFile, type UpdateSource } from '../../../update/sources.js';
import type { TransferLimits } from './download.js';
import { isRoleFile, type KeptMetadata } from './metadata-text.js';
import { detailOf, transferError } from './transfer-error.js';

/** Gets the bytes of a file, at most so many. */
export type FetchBytes = (url: string, maxBytes: number) => Promise<Uint8Array>;

/** What a visit to a repository needs. */
export interface VisitOptions<T> {
  readonly source: Pick<UpdateSource, 'url'>;
  /** What was trusted last; at first a root alone. */
  readonly trusted: KeptMetadata;
  /** A directory that is ours alone; a folder in it is made and removed. */
  readonly dir: string;
  readonly limits: TransferLimits;
  readonly fetchBytes: FetchBytes;
  /** Looks up what is wanted, once the top-level roles are verified. `find` rejects as `visitRepository` fails. */
  look(find: FindTarget): Promise<T>;
}

/** How a visit ended. What was verified before it failed is still trusted: a newer root above all. */
export type Visited<T> =
  | { readonly kind: 'fresh'; readonly metadata: KeptMetadata; readonly found: T }
  | { readonly kind: 'failed'; readonly error: VedetteError; readonly metadata: KeptMetadata };

const maxRootRotations = 256;
/** Of at most 64 KiB each. */
const keptRoots = 64;
const rootFile = /\/\d+\.root\.json$/;

/** Folders of visits begin with this; those of processes that died may be removed. */
export const visitPrefix = 'tuf-';

/** Walks the workflow against one source. Rejects with `peer-missing` without the package, and when the disk fails. */
export async function visitRepository<T>(options: VisitOptions<T>): Promise<Visited<T>> {
  const tuf = await loadTuf();
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  const dir = await mkdtemp(join(options.dir, visitPrefix));
  try {
    await writeRoles(dir, options.trusted);
    const roots: string[] = [];
    const walked = await walk(tuf, dir, { ...options, fetchBytes: recordingRoots(options.fetchBytes, roots) });
    const metadata = await readRoles(dir, options.trusted);
    return { ...walked, metadata: { ...metadata, ...rootsBefore(metadata.root, options.trusted, roots) } };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function recordingRoots(fetchBytes: FetchBytes, roots: string[]): FetchBytes {
  return async (url, maxBytes) => {
    const bytes = await fetchBytes(url, maxBytes);
    if (rootFile.test(url)) {
      roots.push(Buffer.from(bytes).toString('utf8'));
    }
    return bytes;
  };
}

/** Those that led to the newest root, for whoever is further behind. */
function rootsBefore(newest: string, trusted: KeptMetadata, seen: readonly string[]): Pick<KeptMetadata, 'roots'> {
  const known = trusted.roots ?? [];
  const at = seen.indexOf(newest);
  const before = at < 0 ? known : [...known, trusted.root, ...seen.slice(0, at)].slice(-keptRoots);
  return before.length === 0 ? {} : { roots: before };
}

type Tuf = Awaited<ReturnType<typeof loadTuf>>;
type Walked<T> = { readonly kind: 'fresh'; readonly found: T } | { readonly kind: 'failed'; readonly error: VedetteError };

async function walk<T>(tuf: Tuf, dir: string, options: VisitOptions<T>): Promise<Walked<T>> {
  const failures: VedetteError[] = [];
  /** The transfer that failed says more than the client, which wraps it in texts. */
  const asked = async <U>(work: () => Promise<U>): Promise<U> => {
    failures.length = 0;
    try {
      return await work();
    } catch (fault) {
      throw failures[0] ?? refusal(fault);
    }
  };
  try {
    const updater = await asked(async () => createClient(tuf, dir, { options, failures }));
    await asked(() => updater.refresh());
    return { kind: 'fresh', found: await options.look((path) => asked(() => updater.getTargetInfo(path))) };
  } catch (error) {
    return { kind: 'failed', error: VedetteError.is(error) ? error : refusal(error) };
  }
}

function createClient<T>(
  tuf: Tuf,
  dir: string,
  { options, failures }: { readonly options: VisitOptions<T>; readonly failures: VedetteError[] },
): InstanceType<Tuf['Updater']> {
  const { limits, source } = options;
  const downloadBytes = async (url: string, maxLength: number): Promise<Buffer> => {
    try {
      const bytes = await options.fetchBytes(url, Math.min(maxLength, limits.maxMetadataBytes));
      assertMetadataShape(bytes);
      return Buffer.from(bytes);
    } catch (error) {
      const status = detailOf(error, 'status');
      const isEndOfRoots = rootFile.test(url) && (status === 404 || status === 403);
      if (!isEndOfRoots) {
        failures.push(VedetteError.is(error) ? error : transferError('unreachable', describeError(error), { error }));
      }
      throw typeof status === 'number' ? new tuf.DownloadHTTPError(describeError(error), status) : error;
    }
  };
  return new tuf.Updater({
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
}

function refusal(fault: unknown): VedetteError {
  if (VedetteError.is(fault)) {
    return fault;
  }
  const said = describeError(fault);
  const { cause, words } = nameRefusal(fault instanceof SyntaxError ? `JSON ${said}` : said);
  return new VedetteError('pattern-refused', `${words} (${said.slice(0, 300)})`, { detail: { cause }, cause: fault });
}

async function writeRoles(dir: string, { root, roles }: KeptMetadata): Promise<void> {
  for (const [role, text] of [['root', root], ...Object.entries(roles)] as const) {
    await writeFile(join(dir, `${role}.json`), text);
  }
}

/** Only what the client has verified lies there; a role that it has refused is as it was. */
async function readRoles(dir: string, trusted: KeptMetadata): Promise<KeptMetadata> {
  const roles: Record<string, string> = {};
  let root = trusted.root;
  for (const name of await readdir(dir)) {
    const role = name.replace(/\.json$/, '');
    const text = await readFile(join(dir, name), 'utf8');
    if (role === 'root') {
      root = text;
    } else if (isRoleFile(role)) {
      roles[role] = text;
    }
  }
  return { root, roles };
}

async function loadTuf(): Promise<Pick<typeof TufClient, 'Updater'> & Pick<typeof TufErrors, 'DownloadHTTPError'>> {
  try {
    const { Updater } = await import('tuf-js');
    const { DownloadHTTPError } = await import('tuf-js/dist/error.js');
    return { Updater, DownloadHTTPError };
  } catch (error) {
    const message = "updates need the package 'tuf-js' 5: npm install tuf-js@5";
    throw new VedetteError('peer-missing', message, { detail: { package: 'tuf-js' }, cause: error });
  }
}
