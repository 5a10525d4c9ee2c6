/**
 * Roots and delegations: made where the repository is, signed where the keys are, installed when enough have signed. Private
 * keys of root and targets never have to be on the machine that publishes (docs/updates.md, "Keys").
 */
import { mkdir } from 'node:fs/promises';
import { VedetteError } from '../../../base/errors.js';
import type { Signer } from '../../../base/seams.js';
import { componentKinds, type ComponentKind } from '../../../pattern/container-format.js';
import { lockedRepository, metadataFiles, publish } from '../publish.js';
import type { CreateRepositoryOptions, PublishReport, RepositoryLives, RepositoryRoles, RoleKeys } from '../publishing.js';
import { createRepositoryFiles, type RepositoryFiles } from '../repository-files.js';
import { maxMetadataBytes, newestTargetsVersion, readRoots, type Reading } from '../repository-state.js';
import { livesOf, rootSigned, targetsSigned } from './roles.js';
import { requireSigners } from './seal-roles.js';
import type { RootSigned, TargetsSigned, TopRole, TufRole } from './tuf-json.js';
import { loadTufModels, type SealedMetadata } from './tuf-models.js';

/** Where, when, and for how long. */
export interface CeremonyOptions {
  readonly dir: string;
  /** Epoch ms. */
  readonly now: number;
  readonly lives?: RepositoryLives | undefined;
  readonly files?: RepositoryFiles | undefined;
}

/** The next root, not signed yet: the first one where there is none. Roles that are not given stay as they are. */
export async function prepareRoot(options: CeremonyOptions & { readonly roles: Partial<Pick<RepositoryRoles, TopRole>> }): Promise<Uint8Array> {
  const reading = await readingOf(options);
  const before = (await readRoots(reading)).at(-1);
  const roles = { ...(before === undefined ? {} : rolesIn(before.signed)), ...definedRoles(options.roles) };
  const { root, targets, snapshot, timestamp } = roles;
  if (root === undefined || targets === undefined || snapshot === undefined || timestamp === undefined) {
    throw new VedetteError('config-invalid', 'the first root needs the keys of root, targets, snapshot and timestamp');
  }
  const signed = rootSigned({ root, targets, snapshot, timestamp }, {
    version: (before?.signed.version ?? 0) + 1,
    expiresAt: options.now + livesOf(options.lives).rootMs,
  });
  return (await reading.models.seal(signed, [])).bytes;
}

/**
 * The next delegations, not signed yet. Components that are not given stay as they are; those of `without` are not spoken for any
 * more.
 */
export async function prepareTargets(
  options: CeremonyOptions & { readonly components: RepositoryRoles['components']; readonly without?: readonly ComponentKind[] | undefined },
): Promise<Uint8Array> {
  const reading = await readingOf(options);
  const version = await newestTargetsVersion(reading.files);
  const before = version === 0 ? {} : delegationsIn(reading.models.open(await targetsBytes(reading, version), 'targets', 'the targets').signed);
  const left = Object.entries({ ...before, ...options.components }).filter(([kind]) => options.without?.includes(kind as ComponentKind) !== true);
  const signed = targetsSigned(Object.fromEntries(left), { version: version + 1, expiresAt: options.now + livesOf(options.lives).targetsMs });
  return (await reading.models.seal(signed, [])).bytes;
}

/**
 * The same metadata with the signatures of these keys added. Needs no repository. Signatures of keys that do not count do no
 * harm; `installRoot` leaves them out.
 * @throws VedetteError `config-invalid` for what is neither a root nor targets.
 */
export async function signMetadata(bytes: Uint8Array, signers: readonly Signer[]): Promise<Uint8Array> {
  const models = await loadTufModels();
  const file = ceremonial(bytes, (type) => models.open(bytes, type, 'the file'));
  return (await models.addSignatures(file, signers)).bytes;
}

/**
 * Puts a root into the repository: version one more than the newest one, signed by enough keys of that and by enough of its own.
 * @throws VedetteError `config-invalid` saying what is missing.
 */
export async function installRoot(options: CeremonyOptions & { readonly root: Uint8Array }): Promise<number> {
  return changing(options, async ({ files, models }) => {
    const before = (await readRoots({ files, models })).at(-1);
    const root = models.open(options.root, 'root', 'the root');
    assertNext('root', root.signed, { version: before?.signed.version ?? 0, now: options.now });
    assertSigned('its own root keys', models.signedBy(root, 'root', root).length, root.signed.roles.root.threshold);
    if (before !== undefined) {
      assertSigned('the root keys before', models.signedBy(root, 'root', before).length, before.signed.roles.root.threshold);
    }
    await writeMetadata(files, `${root.signed.version}.root.json`, root.bytes);
    return root.signed.version;
  });
}

/**
 * Puts delegations into the repository; clients see them with the next publication.
 * @throws VedetteError `config-invalid` saying what is missing.
 */
export async function installTargets(options: CeremonyOptions & { readonly targets: Uint8Array }): Promise<number> {
  return changing(options, async ({ files, models }) => {
    const root = await newestRoot({ files, models });
    const targets = models.open(options.targets, 'targets', 'the targets');
    assertNext('targets', targets.signed, { version: await newestTargetsVersion(files), now: options.now });
    assertSigned('the targets keys', models.signedBy(targets, 'targets', root).length, root.signed.roles.targets.threshold);
    await writeMetadata(files, `${targets.signed.version}.targets.json`, targets.bytes);
    return targets.signed.version;
  });
}

/**
 * A new repository in one go: root and delegations signed by the signers given, and a first, empty publication. For sites whose
 * keys are all in one place; the steps above are for those where they are not.
 * @throws VedetteError `config-invalid` when there is a repository already, or keys are missing.
 */
export async function createRepository(options: CreateRepositoryOptions): Promise<PublishReport> {
  await mkdir(options.dir, { recursive: true, mode: 0o755 });
  const reading = await readingOf(options);
  if ((await readRoots(reading)).length > 0) {
    throw new VedetteError('config-invalid', `${options.dir} is a repository already`);
  }
  const { dir, now, lives, files, roles, signers } = options;
  const at = { dir, now, lives, files };
  const draft = reading.models.open(await prepareRoot({ ...at, roles }), 'root', 'the root');
  const rootSigners = requireSigners('root', draft.signed.roles.root, signers);
  const targetsSigners = requireSigners('targets', draft.signed.roles.targets, signers);
  await installRoot({ ...at, root: await signMetadata(draft.bytes, rootSigners) });
  await installTargets({ ...at, targets: await signMetadata(await prepareTargets({ ...at, components: roles.components }), targetsSigners) });
  return publish({ ...at, components: [], signers });
}

async function readingOf(options: Pick<CeremonyOptions, 'dir' | 'files'>): Promise<Reading> {
  return { files: options.files ?? createRepositoryFiles(options.dir), models: await loadTufModels() };
}

async function changing<T>(options: CeremonyOptions, work: (reading: Reading) => Promise<T>): Promise<T> {
  await mkdir(options.dir, { recursive: true, mode: 0o755 });
  const reading = await readingOf(options);
  return lockedRepository(options.dir, () => work(reading));
}

async function newestRoot(reading: Reading): Promise<SealedMetadata<RootSigned>> {
  const root = (await readRoots(reading)).at(-1);
  if (root === undefined) {
    throw new VedetteError('config-invalid', 'there is no root in this repository yet');
  }
  return root;
}

async function writeMetadata(files: RepositoryFiles, name: string, bytes: Uint8Array): Promise<void> {
  for (const file of metadataFiles(name, bytes)) {
    await files.replace(file.path, file.bytes);
  }
}

function rolesIn({ keys, roles }: RootSigned): Pick<RepositoryRoles, TopRole> {
  const { root, targets, snapshot, timestamp } = roles;
  return { root: roleKeys(keys, root), targets: roleKeys(keys, targets), snapshot: roleKeys(keys, snapshot), timestamp: roleKeys(keys, timestamp) };
}

/** What was there, to be signed again: it is what the targets keys say now that counts. */
function delegationsIn({ delegations }: TargetsSigned): RepositoryRoles['components'] {
  const own = delegations?.roles.filter(({ name }) => componentKinds.some((kind) => kind === name)) ?? [];
  return Object.fromEntries(own.map((role) => [role.name, roleKeys(delegations?.keys ?? {}, role)]));
}

function roleKeys(keys: RootSigned['keys'], { keyids, threshold }: TufRole): RoleKeys {
  const known = keyids.flatMap((id) => (keys[id] === undefined ? [] : [new Uint8Array(Buffer.from(keys[id].keyval.public, 'hex'))]));
  return { keys: known, threshold };
}

async function targetsBytes({ files }: Reading, version: number): Promise<Uint8Array> {
  return (await files.read(`metadata/${version}.targets.json`, maxMetadataBytes)) ?? new Uint8Array(0);
}

function definedRoles(roles: Partial<Pick<RepositoryRoles, TopRole>>): Partial<Pick<RepositoryRoles, TopRole>> {
  return Object.fromEntries(Object.entries(roles).filter(([, keys]) => keys !== undefined));
}

function ceremonial(bytes: Uint8Array, open: (type: 'root' | 'targets') => SealedMetadata): SealedMetadata {
  try {
    return open('root');
  } catch {
    return open('targets');
  }
}

function assertNext(what: string, signed: { readonly version: number; readonly expires: string }, of: { readonly version: number; readonly now: number }): void {
  if (signed.version !== of.version + 1) {
    throw new VedetteError('config-invalid', `the ${what} is version ${signed.version}, the next one here is ${of.version + 1}`);
  }
  if (!(Date.parse(signed.expires) > of.now)) {
    throw new VedetteError('config-invalid', `the ${what} has expired: ${signed.expires}`);
  }
}

function assertSigned(by: string, found: number, threshold: number): void {
  if (found < threshold) {
    throw new VedetteError('config-invalid', `${found} of ${by} have signed, it takes ${threshold}`, { detail: { found, threshold } });
  }
}
