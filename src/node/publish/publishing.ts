/**
 * Publishing: the words. A repository is a directory that any web server can host (docs/updates.md); `createRepository`
 * makes one, `publish` puts new components into it, root ceremonies are in `root-ceremony.ts`.
 */
import type { Signer } from '../../base/seams.js';
import type { ComponentKind } from '../../pattern/container.js';
import type { RepositoryFiles } from './repository-files.js';

/** Who speaks for a role: how many of which keys. */
export interface RoleKeys {
  /** Raw Ed25519 public keys, 32 bytes each. */
  readonly keys: readonly Uint8Array[];
  /** Signatures by different keys that it takes; 1 when absent. */
  readonly threshold?: number | undefined;
}

/** The roles of a repository. */
export interface RepositoryRoles {
  readonly root: RoleKeys;
  /** Says who speaks for the components. */
  readonly targets: RoleKeys;
  readonly snapshot: RoleKeys;
  readonly timestamp: RoleKeys;
  /** Who speaks for the components that the repository publishes. */
  readonly components: { readonly [kind in ComponentKind]?: RoleKeys };
}

/** How long metadata hold, in ms from when they are made. */
export interface RepositoryLives {
  /** Default 365 days. */
  readonly rootMs?: number | undefined;
  /** Default 365 days. */
  readonly targetsMs?: number | undefined;
  /** Roles of the components. Default 30 days. */
  readonly componentMs?: number | undefined;
  /** Default 7 days. */
  readonly snapshotMs?: number | undefined;
  /** How long a mirror can be frozen unnoticed. Default 1 day. */
  readonly timestampMs?: number | undefined;
}

/** A new repository. */
export interface CreateRepositoryOptions {
  /** Made when it is not there. */
  readonly dir: string;
  readonly roles: RepositoryRoles;
  /** Private keys of root, targets, snapshot and timestamp, as many as the thresholds ask for. Each signs what it may. */
  readonly signers: readonly Signer[];
  /** Epoch ms. */
  readonly now: number;
  readonly lives?: RepositoryLives | undefined;
  readonly files?: RepositoryFiles | undefined;
}

/** One publication. */
export interface PublishOptions {
  readonly dir: string;
  /** Component files, at most one of a kind, newer than what is published. None: only metadata are renewed. */
  readonly components: readonly Uint8Array[];
  /** Private keys: of these components, snapshot and timestamp. Each signs what it may. */
  readonly signers: readonly Signer[];
  /** Epoch ms. */
  readonly now: number;
  readonly lives?: RepositoryLives | undefined;
  /** Deltas kept for each component. Default 14. */
  readonly maxDeltas?: number | undefined;
  /** Snapshots whose files stay, the newest included, for clients that are in the middle of a download. Default 2. */
  readonly keepSnapshots?: number | undefined;
  readonly files?: RepositoryFiles | undefined;
}

/** What a publication made. */
export interface PublishReport {
  /** Version of the timestamp. */
  readonly version: number;
  readonly components: readonly PublishedComponent[];
  /** Files that nothing names any more, removed. */
  readonly pruned: number;
}

/** One component of a publication. */
export interface PublishedComponent {
  readonly kind: ComponentKind;
  readonly generation: number;
  /** Bytes of the whole file. */
  readonly fullBytes: number;
  /** Bytes of the delta from the generation before, where there is one. */
  readonly deltaBytes?: number;
  /** Steps that lead here from older generations, the newest one included. */
  readonly deltas: number;
}
