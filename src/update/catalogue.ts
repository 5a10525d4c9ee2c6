/**
 * What a repository offers of a component: the newest file and the deltas that lead to it, out of verified targets
 * metadata. Paths are fixed (docs/updates.md, "Repository"); what stands under one is checked here, since whoever signed
 * it may still have signed nonsense.
 */
import { VedetteError } from '../base/errors.js';
import type { Json } from '../base/seams.js';
import type { ComponentKind } from '../pattern/container-format.js';

/** One file of a component. */
export interface Offer {
  readonly component: ComponentKind;
  /** Generation of the container that this file is, or that the delta makes. */
  readonly generation: number;
  /** A delta from this generation; absent for a full file. */
  readonly from?: number;
  /** Below `targets/`, without the digest that consistent snapshots put before the name. */
  readonly path: string;
  /** Bytes of the file, exactly. */
  readonly length: number;
  /** SHA-256 of the file, hex. */
  readonly sha256: string;
  /** The same file compressed, where the repository has it so. */
  readonly gzip?: PackedFile;
}

/** A file that holds another one in gzip form. */
export type PackedFile = Pick<Offer, 'path' | 'length' | 'sha256'>;

/** A target as verified metadata describe it. */
export interface Target {
  readonly length: unknown;
  readonly hashes: unknown;
  readonly custom: unknown;
}

/** Looks a target up in verified metadata. */
export type FindTarget = (path: string) => Promise<Target | undefined>;

const maxFileBytes = 2 ** 30;
/** A chain of more steps is given up for the full file. */
const maxSteps = 64;

/**
 * The full file of a component, and the deltas that lead to it from the generation that is held; none where a step is
 * missing. Empty: the repository does not have the component.
 * @throws VedetteError `pattern-refused` (`detail.cause` `malformed-metadata`), and what `find` throws.
 */
export async function offersOf(component: ComponentKind, held: number | undefined, find: FindTarget): Promise<readonly Offer[]> {
  const full = await offerAt(component, fullPath(component), find);
  if (full === undefined) {
    return [];
  }
  return [full, ...(held === undefined || held >= full.generation ? [] : await chainOf(component, held, { full, find }))];
}

async function chainOf(component: ComponentKind, held: number, to: { readonly full: Offer; readonly find: FindTarget }): Promise<readonly Offer[]> {
  const chain: Offer[] = [];
  let bytes = 0;
  for (let at = held; at < to.full.generation; at = chain.at(-1)?.generation ?? to.full.generation) {
    const delta = await stepFrom(component, at, to.find);
    bytes += delta?.length ?? 0;
    // What is larger than the file itself is not looked up to its end: older steps stand in metadata of their own.
    if (delta === undefined || chain.length === maxSteps || bytes >= to.full.length) {
      return [];
    }
    chain.push(delta);
  }
  return chain;
}

/** Older steps stand in metadata of their own, which a source may not have (a relay that never needed them): then there is no chain. */
async function stepFrom(component: ComponentKind, at: number, find: FindTarget): Promise<Offer | undefined> {
  try {
    return await offerAt(component, `${component}/${at}.vdd`, find, at);
  } catch (error) {
    if (VedetteError.is(error) && error.code === 'transport-failed') {
      return undefined;
    }
    throw error;
  }
}

async function offerAt(component: ComponentKind, path: string, find: FindTarget, from?: number): Promise<Offer | undefined> {
  const target = await find(path);
  if (target === undefined) {
    return undefined;
  }
  const generation = wholeOf(path, 'generation', field(target.custom, 'generation'), Number.MAX_SAFE_INTEGER);
  if (field(target.custom, 'component') !== component || (field(target.custom, 'from') ?? undefined) !== from) {
    throw malformed(path, `it does not say that it is this file of the ${component}`);
  }
  if (from !== undefined && from >= generation) {
    throw malformed(path, `a delta from generation ${from} cannot lead to ${generation}`);
  }
  const packed = field(target.custom, 'gzip') === true ? await find(`${path}.gz`) : undefined;
  return {
    component,
    generation,
    ...(from === undefined ? {} : { from }),
    ...fileOf(path, target),
    ...(packed === undefined ? {} : { gzip: fileOf(`${path}.gz`, packed) }),
  };
}

function fullPath(component: ComponentKind): string {
  return `${component}/full.vdt`;
}

function fileOf(path: string, target: Target): PackedFile {
  const sha256 = field(target.hashes, 'sha256');
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw malformed(path, 'expected a SHA-256 in hex');
  }
  return { path, length: wholeOf(path, 'length', target.length, maxFileBytes), sha256 };
}

function wholeOf(path: string, name: string, value: unknown, max: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max) {
    throw malformed(path, `${name}: expected an integer from 0 to ${max}`);
  }
  return value;
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

function malformed(path: string, message: string): VedetteError {
  const detail: Json = { cause: 'malformed-metadata', target: path };
  return new VedetteError('pattern-refused', `the metadata of ${path} is malformed: ${message}`, { detail });
}
