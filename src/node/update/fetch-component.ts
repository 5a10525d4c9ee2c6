/**
 * The container of one component by a plan: deltas on what is held, or the full file. Every file is known by its digest
 * before it is asked for, so it may come from any source: from the one that was believed first, else from the others.
 */
import { createHash } from 'node:crypto';
import { describeError, throwIfAborted, VedetteError } from '../../base/errors.js';
import { headShape, parseHead, type ComponentKind } from '../../pattern/container-format.js';
import type { Offer } from '../../update/catalogue.js';
import type { UpdatePlan } from '../../update/plan.js';
import { sourceFile, type UpdateSource } from '../../update/sources.js';
import { fetchTarget, type TargetPlace } from './download.js';
import type { Wire } from './http-body.js';

/** Makes the next generation from one and a delta. @throws VedetteError `pattern-refused` when they do not fit. */
export type ApplyDelta = (base: Uint8Array, delta: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** What fetching depends on. */
export interface FetchComponentOptions extends Wire, TargetPlace {
  readonly sources: readonly UpdateSource[];
  /** Targets have their digest before their name. */
  readonly isConsistent: boolean;
  readonly applyDelta: ApplyDelta;
  /** The container that is held. */
  base(): Promise<Uint8Array | undefined>;
  /** Told of each file that was downloaded. */
  onTarget(path: string): void;
}

/** What came of it. */
export interface FetchedComponent {
  readonly bytes: Uint8Array;
  readonly by: 'full' | 'deltas';
  /** Bytes of all files. */
  readonly moved: number;
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
      return (await fetchChain(plan.deltas, options)) ?? fetchFull(plan.full, options);
  }
}

async function fetchFull(file: Offer, options: FetchComponentOptions): Promise<FetchedComponent> {
  const bytes = await fetchFile(file, options);
  assertPromised(bytes, file);
  return { bytes, by: 'full', moved: file.length };
}

/** Undefined where a delta cannot be had or does not fit: then the full file is fetched. */
async function fetchChain(deltas: readonly Offer[], options: FetchComponentOptions): Promise<FetchedComponent | undefined> {
  let bytes = await options.base();
  let moved = 0;
  for (const delta of deltas) {
    if (bytes === undefined) {
      return undefined;
    }
    try {
      const file = await fetchFile(delta, options);
      bytes = await options.applyDelta(bytes, file);
      assertPromised(bytes, delta);
      moved += delta.length;
    } catch {
      throwIfAborted(options.signal);
      return undefined;
    }
  }
  return bytes === undefined ? undefined : { bytes, by: 'deltas', moved };
}

async function fetchFile(offer: Offer, options: FetchComponentOptions): Promise<Uint8Array> {
  let first: unknown;
  for (const source of options.sources) {
    try {
      const bytes = await fetchTarget(sourceFile(source, 'targets', nameOf(offer, options)), offer, options);
      options.onTarget(offer.path);
      return bytes;
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

function nameOf(offer: Offer, { isConsistent }: FetchComponentOptions): string {
  const slash = offer.path.lastIndexOf('/') + 1;
  return isConsistent ? `${offer.path.slice(0, slash)}${offer.sha256}.${offer.path.slice(slash)}` : offer.path;
}

/** The signed words about a file hold for what is in it: a filter is not taken for an agent pattern. */
function assertPromised(bytes: Uint8Array, offer: Offer): void {
  if (createHash('sha256').update(bytes).digest('hex') !== offer.resultSha256) {
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
