/** What a repository, or a file that is on its way into one, says: versions, ends, keys, and who has signed. */
import { VedetteError } from '../../base/errors.js';
import { componentKinds, type ComponentKind } from '../../pattern/container-format.js';
import { publishedBefore } from './draft-component.js';
import { createRepositoryFiles, type RepositoryFiles } from './repository-files.js';
import { readRepository, readRoots } from './repository-state.js';
import { loadTufModels, type SealedMetadata } from './roles/tuf-models.js';
import type { AnySigned, TufRole } from './roles/tuf-json.js';

/** One role. */
export interface RoleStatus {
  readonly role: string;
  readonly version: number;
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly threshold: number;
  /** TUF key ids: SHA-256 of the key, in hex. */
  readonly keyIds: readonly string[];
}

/** A repository. */
export interface RepositoryStatus {
  readonly roles: readonly RoleStatus[];
  readonly components: readonly { readonly kind: ComponentKind; readonly generation: number; readonly fullBytes: number; readonly deltas: number }[];
}

/** Whose signatures a root or targets file needs, and has. */
export interface SignatureStatus {
  /** `itself`, or `root N` that it follows or is delegated by. */
  readonly by: string;
  readonly threshold: number;
  readonly signed: readonly string[];
  readonly missing: readonly string[];
}

/** A root or targets file. */
export interface CeremonyStatus extends Omit<RoleStatus, 'threshold' | 'keyIds'> {
  readonly signatures: readonly SignatureStatus[];
}

/** Where the repository is. */
export interface StatusOptions {
  readonly dir: string;
  readonly files?: RepositoryFiles | undefined;
}

/** A repository, verified. Throws as `publish` does. */
export async function repositoryStatus(options: StatusOptions): Promise<RepositoryStatus> {
  const models = await loadTufModels();
  const state = await readRepository({ files: options.files ?? createRepositoryFiles(options.dir), models });
  const { root, targets, snapshot, timestamp } = state;
  const tops = [root, targets, snapshot, timestamp].flatMap((file) => (file === undefined ? [] : [roleStatus(file.signed._type, file, root.signed.roles[file.signed._type])]));
  const delegated = (targets.signed.delegations?.roles ?? []).flatMap((role) => {
    const file = state.roles.get(role.name)?.file;
    return file === undefined ? [] : [roleStatus(role.name, file, role)];
  });
  const components = componentKinds.flatMap((kind) => {
    const published = publishedBefore(kind, state);
    const { target } = published?.full ?? {};
    return published === undefined || target === undefined
      ? []
      : [{ kind, generation: target.custom.generation, fullBytes: target.length, deltas: published.steps.length }];
  });
  return { roles: [...tops, ...delegated], components };
}

/**
 * A root or targets file, and who has signed it: by its own keys, and where `dir` is given, by those of the newest root there.
 * @throws VedetteError `config-invalid` for any other file.
 */
export async function ceremonyStatus(bytes: Uint8Array, options: Partial<StatusOptions> = {}): Promise<CeremonyStatus> {
  const models = await loadTufModels();
  const roots = options.dir === undefined ? [] : await readRoots({ models, files: options.files ?? createRepositoryFiles(options.dir) });
  const before = roots.at(-1);
  const root = attempt(() => models.open(bytes, 'root', 'the file'));
  const file = root ?? models.open(bytes, 'targets', 'the file');
  const type = file.signed._type;
  const signers = [...(root === undefined ? [] : [{ by: 'itself', of: root }]), ...(before === undefined ? [] : [{ by: `root ${before.signed.version}`, of: before }])];
  return {
    role: type,
    version: file.signed.version,
    expiresAt: Date.parse(file.signed.expires),
    signatures: signers.map(({ by, of }) => signatureStatus(by, of.signed.roles[type], models.signedBy(file, type, of))),
  };
}

function roleStatus(role: string, file: SealedMetadata<AnySigned>, { threshold, keyids }: TufRole): RoleStatus {
  return { role, version: file.signed.version, expiresAt: Date.parse(file.signed.expires), threshold, keyIds: keyids };
}

function signatureStatus(by: string, { threshold, keyids }: TufRole, signed: readonly string[]): SignatureStatus {
  return { by, threshold, signed, missing: keyids.filter((id) => !signed.includes(id)) };
}

function attempt<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (VedetteError.is(error)) {
      return undefined;
    }
    throw error;
  }
}
