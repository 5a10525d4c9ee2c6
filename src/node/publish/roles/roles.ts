/** Names and delegations of a repository's roles (docs/updates.md, "Repository"). Pure. */
import { VedetteError } from '../../../base/errors.js';
import { componentKinds, type ComponentKind } from '../../../pattern/container-format.js';
import type { RepositoryLives, RepositoryRoles, RoleKeys } from '../publishing.js';
import { formatInstant, specVersion, tufKey, tufKeyId, type RootSigned, type TargetsSigned, type TopRole, type TufDelegation, type TufKey, type TufRole } from './tuf-json.js';

const dayMs = 86_400_000;

/** How long metadata hold unless it is said otherwise. */
const defaultLives: { readonly [name in keyof RepositoryLives]-?: number } = {
  rootMs: 365 * dayMs,
  targetsMs: 365 * dayMs,
  componentMs: 30 * dayMs,
  snapshotMs: 7 * dayMs,
  timestampMs: dayMs,
};

/** Options over the defaults. */
export function livesOf(lives: RepositoryLives | undefined): { readonly [name in keyof RepositoryLives]-?: number } {
  const given = Object.entries(lives ?? {}).filter((one): one is [string, number] => one[1] !== undefined);
  return { ...defaultLives, ...Object.fromEntries(given) };
}

/** The role of the newest file of a component, and the role of the deltas before. */
export function rolesOfComponent(kind: ComponentKind): readonly [newest: string, past: string] {
  return [kind, `${kind}-past`];
}

/** Path of a component's whole file. */
export function fullPath(kind: string): string {
  return `${kind}/full.vdt`;
}

/** Path of the delta that leads on from a generation. */
export function deltaPath(kind: string, from: number): string {
  return `${kind}/${from}.vdd`;
}

/** Where a target lies: consistent snapshots have its digest before its name. */
export function targetFile(path: string, sha256: string): string {
  const slash = path.lastIndexOf('/') + 1;
  return `targets/${path.slice(0, slash)}${sha256}.${path.slice(slash)}`;
}

/** The signed part of a root. @throws VedetteError `config-invalid` for thresholds that no keys can meet, or keys that are twice there. */
export function rootSigned(roles: Pick<RepositoryRoles, TopRole>, of: { readonly version: number; readonly expiresAt: number }): RootSigned {
  const tops = ['root', 'targets', 'snapshot', 'timestamp'] as const;
  const entries = tops.map((name) => [name, tufRole(name, roles[name])] as const);
  return {
    _type: 'root',
    spec_version: specVersion,
    version: of.version,
    expires: formatInstant(of.expiresAt),
    consistent_snapshot: true,
    keys: keysOf(tops.map((name) => roles[name])),
    roles: Object.fromEntries(entries) as Record<TopRole, TufRole>,
  };
}

/** The signed part of the top-level targets: who speaks for which component. */
export function targetsSigned(
  components: RepositoryRoles['components'],
  of: { readonly version: number; readonly expiresAt: number },
): TargetsSigned {
  const present = componentKinds.flatMap((kind) => (components[kind] === undefined ? [] : [{ kind, keys: components[kind] }]));
  const roles = present.flatMap(({ kind, keys }) =>
    rolesOfComponent(kind).map((name): TufDelegation => ({ name, terminating: false, paths: [`${kind}/*`], ...tufRole(kind, keys) })),
  );
  return {
    _type: 'targets',
    spec_version: specVersion,
    version: of.version,
    expires: formatInstant(of.expiresAt),
    targets: {},
    delegations: { keys: keysOf(present.map(({ keys }) => keys)), roles },
  };
}

function tufRole(name: string, { keys, threshold = 1 }: RoleKeys): TufRole {
  const keyids = [...new Set(keys.map(tufKeyId))].sort();
  if (keyids.length !== keys.length) {
    throw new VedetteError('config-invalid', `role ${name}: a key is there twice, and would count once`, { detail: { role: name } });
  }
  if (!Number.isSafeInteger(threshold) || threshold < 1 || threshold > keys.length) {
    throw new VedetteError('config-invalid', `role ${name}: a threshold of ${threshold} cannot be met by ${keys.length} keys`, { detail: { role: name } });
  }
  return { keyids, threshold };
}

function keysOf(roles: readonly RoleKeys[]): Record<string, TufKey> {
  return Object.fromEntries(roles.flatMap(({ keys }) => keys.map((key) => [tufKeyId(key), tufKey(key)])));
}
