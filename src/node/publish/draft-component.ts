/** What a new component file adds to a repository: itself, the delta that leads to it, and the gzip forms of both. */
import { VedetteError } from '../../base/errors.js';
import type { Crypto } from '../../base/seams.js';
import type { ComponentKind } from '../../pattern/container-format.js';
import { openContainer } from '../../pattern/container.js';
import { makeDelta } from '../../update/delta/make-delta.js';
import { nextSteps, publishedTargets, type PublishedTargets, type TargetPair } from './component-targets.js';
import { gzippedIfSmaller } from './gzip.js';
import type { RepositoryFiles } from './repository-files.js';
import { deltaPath, fullPath, rolesOfComponent, targetFile } from './roles/roles.js';
import type { RepositoryState } from './repository-state.js';
import { sha256Hex, type TargetCustom, type TufTarget } from './roles/tuf-json.js';

/** A file to be written. */
export interface FileToWrite {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What becomes of one component. */
export interface ComponentDraft {
  readonly kind: ComponentKind;
  readonly targets: PublishedTargets;
  readonly files: readonly FileToWrite[];
}

/** What drafting needs. */
export interface DraftOptions {
  readonly state: RepositoryState;
  readonly files: RepositoryFiles;
  readonly crypto: Pick<Crypto, 'sha256'>;
  /** Epoch ms. */
  readonly now: number;
  readonly maxDeltas: number;
}

/** The limit of a component file, the same as that of its container. */
const maxComponentBytes = 2 ** 30;

/**
 * Undefined when the same file is published already.
 * @throws VedetteError `pattern-refused` for a component that is damaged, unsigned, expired or not newer than the published one;
 * `config-invalid` when nobody speaks for it here.
 */
export async function draftComponent(bytes: Uint8Array, options: DraftOptions): Promise<ComponentDraft | undefined> {
  const { kind, generation, keyId, expiresAt } = openContainer(bytes, { crypto: options.crypto });
  assertPublishable({ kind, keyId, expiresAt, now: options.now });
  const before = publishedBefore(kind, options.state);
  if (before?.full.target.hashes.sha256 === sha256Hex(bytes)) {
    return undefined;
  }
  assertNewer(kind, generation, before);
  const full = draftFile(fullPath(kind), bytes, { component: kind, generation });
  const step = before === undefined ? undefined : await draftStep(bytes, { kind, generation, before, options });
  const steps = nextSteps(full.pair, {
    step: step === undefined ? undefined : { ...step.pair, from: step.from },
    before: before?.steps ?? [],
    max: options.maxDeltas,
  });
  const isKept = steps.length > 0;
  return { kind, targets: { full: full.pair, steps }, files: [...full.files, ...(isKept ? (step?.files ?? []) : [])] };
}

/** What the roles of a component list that are believed. */
export function publishedBefore(kind: ComponentKind, { roles }: RepositoryState): PublishedTargets | undefined {
  const [newest, past] = rolesOfComponent(kind).map((name) => roles.get(name)?.file?.signed.targets ?? {});
  return publishedTargets(kind, newest ?? {}, past ?? {});
}

/** The generation of a published file. */
export function generationOf({ full }: PublishedTargets): number {
  return full.target.custom.generation;
}

function assertPublishable(of: { readonly kind: ComponentKind; readonly keyId: string | undefined; readonly expiresAt: number; readonly now: number }): void {
  if (of.keyId === undefined) {
    throw new VedetteError('pattern-refused', `the ${of.kind} is not signed: nobody would install it`, { detail: { cause: 'unsigned' } });
  }
  if (of.expiresAt <= of.now) {
    throw new VedetteError('pattern-refused', `the ${of.kind} expired at ${new Date(of.expiresAt).toISOString()}`, { detail: { cause: 'expired' } });
  }
}

function assertNewer(kind: ComponentKind, generation: number, before: PublishedTargets | undefined): void {
  if (before !== undefined && generation <= generationOf(before)) {
    throw new VedetteError('pattern-refused', `generation ${generation} of the ${kind} is not newer than the published ${generationOf(before)}`, {
      detail: { cause: 'older', generation, published: generationOf(before) },
    });
  }
}

interface DraftedFile {
  readonly pair: TargetPair;
  readonly files: readonly FileToWrite[];
}

function draftFile(path: string, bytes: Uint8Array, custom: TargetCustom): DraftedFile {
  const packed = gzippedIfSmaller(bytes);
  const target = targetOf(bytes, packed === undefined ? custom : { ...custom, gzip: true });
  const file = { path: targetFile(path, target.hashes.sha256), bytes };
  if (packed === undefined) {
    return { pair: { target, packed: undefined }, files: [file] };
  }
  const packedTarget = targetOf(packed, { ...custom, encoding: 'gzip' });
  return { pair: { target, packed: packedTarget }, files: [file, { path: targetFile(`${path}.gz`, packedTarget.hashes.sha256), bytes: packed }] };
}

function targetOf(bytes: Uint8Array, custom: TargetCustom): TufTarget {
  return { length: bytes.length, hashes: { sha256: sha256Hex(bytes) }, custom };
}

/** Undefined when the file that is published lies there no more, or not as it was: then there is no way on from it. */
async function draftStep(
  bytes: Uint8Array,
  of: { readonly kind: ComponentKind; readonly generation: number; readonly before: PublishedTargets; readonly options: DraftOptions },
): Promise<(DraftedFile & { readonly from: number }) | undefined> {
  const { kind, generation, before, options } = of;
  const { sha256 } = before.full.target.hashes;
  const base = await options.files.read(targetFile(fullPath(kind), sha256), maxComponentBytes);
  if (base === undefined || sha256Hex(base) !== sha256) {
    return undefined;
  }
  const from = generationOf(before);
  const delta = makeDelta(base, bytes, { crypto: options.crypto });
  return { from, ...draftFile(deltaPath(kind, from), delta, { component: kind, from, generation }) };
}
