/**
 * The container of one component by a plan: deltas on what is held, or the full file. Every file is known by its digest
 * before it is asked for, so it may come from any source: from the one that was believed first, else from the others.
 */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { describeError, throwIfAborted, VedetteError } from '../../../base/errors.js';
import { headShape, parseHead, type ComponentKind } from '../../../pattern/container-format.js';
import type { Offer, PackedFile } from '../../../update/catalogue.js';
import type { UpdatePlan } from '../../../update/plan.js';
import { sourceFile, type UpdateSource } from '../../../update/sources.js';
import { fetchTarget, type TargetPlace } from './download.js';
import type { Wire } from './http-body.js';
import { detailOf } from './transfer-error.js';

/** Makes the next generation, of at most so many bytes, from one and a delta. Throws when they do not fit. */
export type ApplyDelta = (base: Uint8Array, delta: Uint8Array, maxBytes: number) => Uint8Array | Promise<Uint8Array>;

/** What fetching depends on. */
export interface FetchComponentOptions extends Wire, TargetPlace {
  readonly sources: readonly UpdateSource[];
  /** Targets have their digest before their name. */
  readonly isConsistent: boolean;
  readonly applyDelta: ApplyDelta;
  /** The container that is held. */
  base(): Promise<Uint8Array | undefined>;
  /** Told of each file that was downloaded: its path, and its SHA-256 in hex. */
  onTarget(path: string, sha256: string): void;
}

/** What came of it. */
export interface FetchedComponent {
  readonly bytes: Uint8Array;
  readonly by: 'full' | 'deltas';
  /** Bytes of all files. */
  readonly moved: number;
  /** Those that it took, in order. */
  readonly deltas: readonly Uint8Array[];
}

/**
 * The container, whose digest, kind and generation are those that were signed for.
 * @throws VedetteError `pattern-refused` (`older`, `kind`, `generation`), `transport-failed`.
 */
export async function fetchComponent(component: ComponentKind, plan: UpdatePlan, options: FetchComponentOptions): Promise<FetchedComponent> {
  switch (plan.kind) {
    case 'absent':
    case 'current':
      throw new TypeError(`there is nothing to fetch of the ${component}`);
    case 'older':
      throw refused('older', `rollback attack: generation ${plan.generation} of the ${component} is older than ${plan.newest}`);
    case 'full':
      return fetchFull(plan.file, options);
    case 'chain':
      return (await fetchChain(plan.deltas, plan.full, options)) ?? fetchFull(plan.full, options);
  }
}

async function fetchFull(file: Offer, options: FetchComponentOptions): Promise<FetchedComponent> {
  const { bytes, moved } = await fetchFile(file, options);
  assertPromised(bytes, file);
  return { bytes, by: 'full', moved, deltas: [] };
}

/** Undefined where a delta cannot be had or does not fit: then the full file is fetched. */
async function fetchChain(deltas: readonly Offer[], full: Offer, options: FetchComponentOptions): Promise<FetchedComponent | undefined> {
  try {
    let bytes = await options.base();
    const files: Uint8Array[] = [];
    let moved = 0;
    for (const delta of bytes === undefined ? [] : deltas) {
      const file = await fetchFile(delta, options);
      files.push(file.bytes);
      moved += file.moved;
      bytes = await options.applyDelta(bytes ?? file.bytes, file.bytes, full.length);
    }
    if (bytes === undefined) {
      return undefined;
    }
    assertPromised(bytes, full);
    return { bytes, by: 'deltas', moved, deltas: files };
  } catch {
    throwIfAborted(options.signal);
    return undefined;
  }
}

/** A file as it was signed for, and what it took to get it. */
interface FetchedFile {
  readonly bytes: Uint8Array;
  readonly moved: number;
}

/** From the first source that has it. */
async function fetchFile(offer: Offer, options: FetchComponentOptions): Promise<FetchedFile> {
  let first: unknown;
  for (const source of options.sources) {
    try {
      return await fetchFrom(source, offer, options);
    } catch (error) {
      throwIfAborted(options.signal);
      // A disk that fails does so whoever sends.
      if (VedetteError.is(error) && error.code !== 'transport-failed') {
        throw error;
      }
      first ??= error;
    }
  }
  throw first instanceof Error ? first : new VedetteError('transport-failed', describeError(first), { detail: { cause: 'unreachable' } });
}

/** Packed where the repository has it packed; a relay may have it in one of the two forms only. */
async function fetchFrom(source: UpdateSource, offer: Offer, options: FetchComponentOptions): Promise<FetchedFile> {
  if (offer.gzip !== undefined) {
    try {
      return { bytes: whole(await fetchForm(source, offer.gzip, options), offer), moved: offer.gzip.length };
    } catch (error) {
      if (detailOf(error, 'status') !== 404) {
        throw error;
      }
    }
  }
  return { bytes: await fetchForm(source, offer, options), moved: offer.length };
}

/** untrusted until its digest is compared: a packed file may hold anything, of any length. */
function whole(packed: Uint8Array, offer: Offer): Uint8Array {
  const bytes = unpacked(packed, offer);
  if (bytes.length !== offer.length || createHash('sha256').update(bytes).digest('hex') !== offer.sha256) {
    throw refused('substituted-file', `${offer.gzip?.path ?? offer.path} does not hold the file that was signed for`);
  }
  return bytes;
}

function unpacked(packed: Uint8Array, offer: Offer): Uint8Array {
  try {
    return gunzipSync(packed, { maxOutputLength: Math.max(1, offer.length) });
  } catch (error) {
    throw refused('substituted-file', `${offer.gzip?.path ?? offer.path} cannot be unpacked to ${offer.length} bytes: ${describeError(error)}`);
  }
}

async function fetchForm(source: UpdateSource, offer: PackedFile, options: FetchComponentOptions): Promise<Uint8Array> {
  const bytes = await fetchTarget(sourceFile(source, 'targets', nameOf(offer, options)), offer, options);
  options.onTarget(offer.path, offer.sha256);
  return bytes;
}

function nameOf(offer: PackedFile, { isConsistent }: FetchComponentOptions): string {
  const slash = offer.path.lastIndexOf('/') + 1;
  return isConsistent ? `${offer.path.slice(0, slash)}${offer.sha256}.${offer.path.slice(slash)}` : offer.path;
}

/** The signed words about a file hold for what is in it: a filter is not taken for an agent pattern. */
function assertPromised(bytes: Uint8Array, offer: Offer): void {
  if (createHash('sha256').update(bytes).digest('hex') !== offer.sha256) {
    throw refused('substituted-file', `${offer.path} does not lead to the ${offer.component} that was signed for`);
  }
  const { head } = parseHead(bytes, headShape(bytes));
  if (head.kind !== offer.component) {
    throw refused('kind', `type confusion: ${offer.path} is signed for as a ${offer.component} and holds a ${head.kind}`);
  }
  if (head.generation !== offer.generation) {
    throw refused('generation', `mix-and-match attack: ${offer.path} is signed for as generation ${offer.generation} and holds ${head.generation}`);
  }
}

function refused(cause: string, message: string): VedetteError {
  return new VedetteError('pattern-refused', message, { detail: { cause } });
}
