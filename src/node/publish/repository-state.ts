/**
 * What a repository says at the moment, verified from its first root on: whoever can write to the web server's directory must
 * not have his words signed by the next publication.
 */
import { VedetteError } from '../../base/errors.js';
import type { RepositoryFiles } from './repository-files.js';
import { sha256Hex, type AnySigned, type RootSigned, type SnapshotSigned, type TargetsSigned, type TimestampSigned } from './roles/tuf-json.js';
import type { SealedMetadata, TufModels } from './roles/tuf-models.js';

/** One delegated role. */
export interface RoleState {
  readonly version: number;
  /** Undefined when its keys have changed since: what it says is not believed any more. */
  readonly file: SealedMetadata<TargetsSigned> | undefined;
}

/** A repository, read. */
export interface RepositoryState {
  /** The newest one. */
  readonly root: SealedMetadata<RootSigned>;
  /** The newest one that the root's keys have signed. */
  readonly targets: SealedMetadata<TargetsSigned>;
  /** Absent before the first publication. */
  readonly timestamp: SealedMetadata<TimestampSigned> | undefined;
  readonly snapshot: SealedMetadata<SnapshotSigned> | undefined;
  /** By name: those that were published before. */
  readonly roles: ReadonlyMap<string, RoleState>;
}

/** Bytes of a metadata file at most. */
export const maxMetadataBytes: number = 4 * 1024 * 1024;

/** How a repository is read. */
export interface Reading {
  readonly files: RepositoryFiles;
  readonly models: TufModels;
}

/** @throws VedetteError `config-invalid` where there is no repository; `store-damaged` for metadata that nobody entitled has signed. */
export async function readRepository(reading: Reading): Promise<RepositoryState> {
  const roots = await readRoots(reading);
  const root = roots.at(-1);
  if (root === undefined) {
    throw new VedetteError('config-invalid', 'there is no repository here: its metadata begin with 1.root.json');
  }
  const timestamp = await readTimestamp(reading, roots);
  const snapshot = timestamp === undefined ? undefined : await readSnapshot(reading, roots, timestamp);
  const targets = await readTargets(reading, root);
  return { root, targets, timestamp, snapshot, roles: await readRoles(reading, { targets, snapshot }) };
}

/** All roots from the first one on, each signed by the one before and by itself. */
export async function readRoots({ files, models }: Reading): Promise<SealedMetadata<RootSigned>[]> {
  const roots: SealedMetadata<RootSigned>[] = [];
  for (let version = 1; ; version++) {
    const path = `metadata/${version}.root.json`;
    const bytes = await files.read(path, maxMetadataBytes);
    if (bytes === undefined) {
      return roots;
    }
    const root = models.open(bytes, 'root', path);
    const isVerified = models.isVerified(root, 'root', root) && models.isVerified(root, 'root', roots.at(-1) ?? root);
    if (!isVerified || root.signed.version !== version) {
      throw damaged(path, 'is not signed by the roots before and by itself');
    }
    roots.push(root);
  }
}

/** The newest targets that the root's keys have signed; it may be newer than the snapshot says (`installTargets`). */
async function readTargets({ files, models }: Reading, root: SealedMetadata<RootSigned>): Promise<SealedMetadata<TargetsSigned>> {
  const version = await newestTargetsVersion(files);
  const path = `metadata/${version}.targets.json`;
  const bytes = await files.read(path, maxMetadataBytes);
  if (bytes === undefined) {
    throw new VedetteError('config-invalid', 'the repository does not say who speaks for its components: there is no targets.json');
  }
  const targets = models.open(bytes, 'targets', path);
  if (targets.signed.version !== version || !models.isVerified(targets, 'targets', root)) {
    throw damaged(path, 'is not signed by the targets keys of the newest root: make and install the next one');
  }
  return targets;
}

/** 0 when there is none. */
export async function newestTargetsVersion(files: RepositoryFiles): Promise<number> {
  const names = await files.list('metadata');
  return Math.max(0, ...names.map((name) => Number(/^(\d{1,9})\.targets\.json$/.exec(name)?.[1] ?? 0)));
}

async function readTimestamp({ files, models }: Reading, roots: readonly SealedMetadata<RootSigned>[]): Promise<RepositoryState['timestamp']> {
  const path = 'metadata/timestamp.json';
  const bytes = await files.read(path, maxMetadataBytes);
  if (bytes === undefined) {
    return undefined;
  }
  const timestamp = models.open(bytes, 'timestamp', path);
  assertEver(models, timestamp, { roots, path });
  return timestamp;
}

async function readSnapshot(
  { files, models }: Reading,
  roots: readonly SealedMetadata<RootSigned>[],
  timestamp: SealedMetadata<TimestampSigned>,
): Promise<SealedMetadata<SnapshotSigned>> {
  const { version, hashes } = timestamp.signed.meta['snapshot.json'];
  const path = `metadata/${version}.snapshot.json`;
  const bytes = await files.read(path, maxMetadataBytes);
  if (bytes === undefined || (hashes !== undefined && sha256Hex(bytes) !== hashes.sha256)) {
    throw damaged(path, 'is not the one that the timestamp means');
  }
  const snapshot = models.open(bytes, 'snapshot', path);
  assertEver(models, snapshot, { roots, path });
  return snapshot;
}

async function readRoles(
  { files, models }: Reading,
  { targets, snapshot }: Pick<RepositoryState, 'targets' | 'snapshot'>,
): Promise<Map<string, RoleState>> {
  const roles = new Map<string, RoleState>();
  for (const { name } of targets.signed.delegations?.roles ?? []) {
    const version = snapshot?.signed.meta[`${name}.json`]?.version;
    if (version === undefined) {
      continue;
    }
    const path = `metadata/${version}.${name}.json`;
    const bytes = await files.read(path, maxMetadataBytes);
    const file = bytes === undefined ? undefined : models.open(bytes, 'targets', path);
    const isBelieved = file !== undefined && file.signed.version === version && models.isVerified(file, name, targets);
    roles.set(name, { version, file: isBelieved ? file : undefined });
  }
  return roles;
}

/** Keys change; what was signed by those of an older root of ours is at least not somebody else's. */
function assertEver(
  models: TufModels,
  file: SealedMetadata<Extract<AnySigned, { _type: 'timestamp' | 'snapshot' }>>,
  { roots, path }: { readonly roots: readonly SealedMetadata<RootSigned>[]; readonly path: string },
): void {
  if (!roots.some((root) => models.isVerified(file, file.signed._type, root))) {
    throw damaged(path, 'is signed by no key that this repository ever had');
  }
}

function damaged(path: string, message: string): VedetteError {
  return new VedetteError('store-damaged', `${path} ${message}`, { detail: { path } });
}
