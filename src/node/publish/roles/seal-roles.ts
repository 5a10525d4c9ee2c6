/** Which metadata are made anew by a publication, by which keys, and for how long. */
import { VedetteError } from '../../../base/errors.js';
import type { Signer } from '../../../base/seams.js';
import type { ComponentKind } from '../../../pattern/container-format.js';
import { roleTargets } from '../component-targets.js';
import type { ComponentDraft } from '../draft-component.js';
import type { RepositoryLives } from '../publishing.js';
import type { RepositoryState, RoleState } from '../repository-state.js';
import { rolesOfComponent } from './roles.js';
import type { SnapshotSigned, TargetsSigned, TimestampSigned, TufRole } from './tuf-json.js';
import { formatInstant, sha256Hex, specVersion, tufKeyId } from './tuf-json.js';
import type { SealedMetadata, TufModels } from './tuf-models.js';

/** What sealing needs. */
export interface SealOptions {
  readonly models: TufModels;
  readonly signers: readonly Signer[];
  readonly now: number;
  readonly lives: { readonly [name in keyof RepositoryLives]-?: number };
}

/** A role that was made anew. */
export interface SealedRole {
  readonly name: string;
  readonly file: SealedMetadata<TargetsSigned>;
}

/**
 * Roles of the components that change, and of those that end in less than half of their life and whose keys are here.
 * @throws VedetteError `config-invalid` naming the role that there are not enough keys for.
 */
export async function sealComponentRoles(state: RepositoryState, drafts: readonly ComponentDraft[], options: SealOptions): Promise<SealedRole[]> {
  const sealed: SealedRole[] = [];
  for (const { name, keyids, threshold } of state.targets.signed.delegations?.roles ?? []) {
    const before = state.roles.get(name);
    const wanted = draftedTargets(name, drafts);
    const signers = signersFor({ keyids, threshold }, options.signers);
    // A role that nothing was published in yet is empty as soon as its keys are here: clients may ask for it.
    const content = wanted ?? before?.file?.signed.targets ?? (before === undefined && signers !== undefined ? {} : undefined);
    const isNew = content !== undefined && (before?.file === undefined || !sameTargets(content, before.file.signed.targets));
    const isAging = before?.file !== undefined && isHalfOver(before.file.signed.expires, options.lives.componentMs, options.now);
    if (content === undefined || (!isNew && (!isAging || signers === undefined))) {
      assertLasting(name, before, options.now);
      continue;
    }
    const signed: TargetsSigned = {
      _type: 'targets',
      spec_version: specVersion,
      version: (before?.version ?? 0) + 1,
      expires: formatInstant(options.now + options.lives.componentMs),
      targets: content,
    };
    sealed.push({ name, file: await options.models.seal(signed, signers ?? noSigners(name, { keyids, threshold })) });
  }
  return sealed;
}

/** The next snapshot, or the one there is where nothing changes and it lasts. */
export async function sealSnapshot(state: RepositoryState, roles: readonly SealedRole[], options: SealOptions): Promise<SealedMetadata<SnapshotSigned>> {
  const { snapshot, root, targets } = state;
  const versions = new Map([...state.roles].map(([name, { version }]) => [name, version]));
  roles.forEach(({ name, file }) => versions.set(name, file.signed.version));
  const named = [['targets', targets.signed.version] as const, ...versions];
  const meta = { ...snapshot?.signed.meta, ...Object.fromEntries(named.map(([name, version]) => [`${name}.json`, { version }])) };
  const isSame = snapshot !== undefined && Object.entries(meta).every(([name, { version }]) => snapshot.signed.meta[name]?.version === version);
  const isLasting = isSame && !isHalfOver(snapshot.signed.expires, options.lives.snapshotMs, options.now);
  if (isLasting && options.models.isVerified(snapshot, 'snapshot', root)) {
    return snapshot;
  }
  const signed: SnapshotSigned = {
    _type: 'snapshot',
    spec_version: specVersion,
    version: (snapshot?.signed.version ?? 0) + 1,
    expires: formatInstant(options.now + options.lives.snapshotMs),
    meta,
  };
  return options.models.seal(signed, requireSigners('snapshot', root.signed.roles.snapshot, options.signers));
}

/** The next timestamp: every publication has one. */
export function sealTimestamp(state: RepositoryState, snapshot: SealedMetadata<SnapshotSigned>, options: SealOptions): Promise<SealedMetadata<TimestampSigned>> {
  const { version } = snapshot.signed;
  const signed: TimestampSigned = {
    _type: 'timestamp',
    spec_version: specVersion,
    version: (state.timestamp?.signed.version ?? 0) + 1,
    expires: formatInstant(options.now + options.lives.timestampMs),
    meta: { 'snapshot.json': { version, length: snapshot.bytes.length, hashes: { sha256: sha256Hex(snapshot.bytes) } } },
  };
  return options.models.seal(signed, requireSigners('timestamp', state.root.signed.roles.timestamp, options.signers));
}

/** Those whose keys count for the role, undefined when they are too few. */
export function signersFor({ keyids, threshold }: TufRole, signers: readonly Signer[]): Signer[] | undefined {
  const byId = new Map(signers.map((signer) => [tufKeyId(signer.publicKey), signer]));
  const able = keyids.flatMap((id) => byId.get(id) ?? []);
  return able.length < threshold ? undefined : able;
}

/** The same, or an error that names the role and its keys. */
export function requireSigners(name: string, role: TufRole, signers: readonly Signer[]): Signer[] {
  return signersFor(role, signers) ?? noSigners(name, role);
}

function noSigners(name: string, { keyids, threshold }: TufRole): never {
  const message = `role ${name} takes ${threshold} of these keys, and fewer were given: ${keyids.map((id) => id.slice(0, 16)).join(', ')}`;
  throw new VedetteError('config-invalid', message, { detail: { role: name, threshold, keyIds: keyids } });
}

function draftedTargets(role: string, drafts: readonly ComponentDraft[]): TargetsSigned['targets'] | undefined {
  const draft = drafts.find(({ kind }) => rolesOfComponent(kind).includes(role));
  if (draft === undefined) {
    return undefined;
  }
  const [newest, past] = roleTargets(draft.kind, draft.targets);
  return role === (draft.kind satisfies ComponentKind) ? newest : past;
}

function sameTargets(one: TargetsSigned['targets'], other: TargetsSigned['targets']): boolean {
  const digests = (targets: TargetsSigned['targets']): string =>
    Object.entries(targets)
      .map(([path, { hashes }]) => `${path} ${hashes.sha256}`)
      .sort()
      .join('\n');
  return digests(one) === digests(other);
}

function isHalfOver(expires: string, lifeMs: number, now: number): boolean {
  return Date.parse(expires) - now < lifeMs / 2;
}

/** A publication that clients would refuse must not happen silently. */
function assertLasting(name: string, before: RoleState | undefined, now: number): void {
  if (before === undefined) {
    return;
  }
  if (before.file === undefined) {
    throw new VedetteError('config-invalid', `the keys of role ${name} have changed: publish its component again, by the new keys`, { detail: { role: name } });
  }
  if (Date.parse(before.file.signed.expires) <= now) {
    throw new VedetteError('config-invalid', `role ${name} has expired: its keys are needed to renew it`, { detail: { role: name } });
  }
}
