/**
 * One publication, in the order in which a client may read: component files and deltas first, then the roles that name them, then
 * the snapshot, and the timestamp last. Until that moment clients see the publication before, whole; a publication that is
 * killed leaves files that nobody names, and the next one removes them.
 */
import { randomBytes } from 'node:crypto';
import { VedetteError } from '../../base/errors.js';
import { createSystemClock } from '../../preset/system-seams.js';
import { openContainer } from '../../pattern/container.js';
import { nodeFiles } from '../files/durable-files.js';
import { nodeProcesses } from '../journal/lock-holder.js';
import { acquireLock } from '../journal/lock.js';
import { createNodeCrypto } from '../node-crypto.js';
import { storeError } from '../store-error.js';
import type { ComponentDraft, FileToWrite } from './draft-component.js';
import { draftComponent, generationOf } from './draft-component.js';
import { gzipped } from './gzip.js';
import { prune } from './prune.js';
import type { PublishedComponent, PublishOptions, PublishReport } from './publishing.js';
import { createRepositoryFiles, type RepositoryFiles } from './repository-files.js';
import { readRepository, type RepositoryState } from './repository-state.js';
import { livesOf } from './roles/roles.js';
import { sealComponentRoles, sealSnapshot, sealTimestamp, type SealOptions } from './roles/seal-roles.js';
import { loadTufModels } from './roles/tuf-models.js';

const defaultMaxDeltas = 14;
const defaultKeepSnapshots = 2;

/**
 * Publishes components, and renews the metadata that need it. The same repository, components, keys and time give the same
 * bytes. One publication at a time: another one gets `store-busy`.
 * @throws VedetteError `config-invalid` (no repository, too few keys), `pattern-refused` (a component that is damaged, unsigned,
 * expired or not newer), `store-damaged` (metadata that nobody entitled has signed, a disk that fails), `store-busy`, `peer-missing`.
 */
export async function publish(options: PublishOptions): Promise<PublishReport> {
  assertOneOfAKind(options);
  const models = await loadTufModels();
  const files = options.files ?? createRepositoryFiles(options.dir);
  return lockedRepository(options.dir, async () => {
    const state = await readRepository({ files, models });
    assertInForce(state, options.now);
    const drafts = await draftAll(state, files, options);
    const sealing: SealOptions = { models, signers: options.signers, now: options.now, lives: livesOf(options.lives) };
    const roles = await sealComponentRoles(state, drafts, sealing);
    const snapshot = await sealSnapshot(state, roles, sealing);
    const timestamp = await sealTimestamp(state, snapshot, sealing);
    await writeAll(files, [
      ...drafts.flatMap((draft) => draft.files),
      ...roles.flatMap(({ name, file }) => metadataFiles(`${file.signed.version}.${name}.json`, file.bytes)),
      ...metadataFiles(`${snapshot.signed.version}.snapshot.json`, snapshot.bytes),
      ...metadataFiles('timestamp.json', timestamp.bytes),
    ]);
    const pruned = await prune({
      files,
      models,
      snapshotVersion: snapshot.signed.version,
      keepSnapshots: options.keepSnapshots ?? defaultKeepSnapshots,
      targetsVersion: state.targets.signed.version,
    });
    return { version: timestamp.signed.version, components: drafts.map(reportOf), pruned };
  });
}

/** A metadata file and its compressed form, that one first: whoever sees the new file has the new form too. */
export function metadataFiles(name: string, bytes: Uint8Array): readonly FileToWrite[] {
  return [
    { path: `metadata/${name}.gz`, bytes: gzipped(bytes) },
    { path: `metadata/${name}`, bytes },
  ];
}

/** Runs while no other process publishes into the directory. */
export async function lockedRepository<T>(dir: string, work: () => Promise<T>): Promise<T> {
  const lock = await acquireLock({
    files: nodeFiles,
    dir,
    name: 'publish.lock',
    guards: 'metadata',
    clock: createSystemClock(),
    waitMs: 0,
    processes: nodeProcesses,
    token: () => randomBytes(8).toString('hex'),
  }).catch((error: unknown) => {
    throw storeError('locking', dir, error);
  });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

async function draftAll(state: RepositoryState, files: RepositoryFiles, options: PublishOptions): Promise<ComponentDraft[]> {
  const drafting = { state, files, crypto: createNodeCrypto(), now: options.now, maxDeltas: options.maxDeltas ?? defaultMaxDeltas };
  const spoken = new Set(state.targets.signed.delegations?.roles.map(({ name }) => name));
  const drafts: ComponentDraft[] = [];
  for (const bytes of options.components) {
    const { kind } = openContainer(bytes, { crypto: drafting.crypto });
    if (!spoken.has(kind)) {
      throw new VedetteError('config-invalid', `nobody speaks for ${kind} in this repository: its targets have no such role`, { detail: { role: kind } });
    }
    const draft = await draftComponent(bytes, drafting);
    drafts.push(...(draft === undefined ? [] : [draft]));
  }
  return drafts;
}

/** Names of targets tell their content: what lies there already, whole, is not written again. */
async function writeAll(files: RepositoryFiles, all: readonly FileToWrite[]): Promise<void> {
  for (const { path, bytes } of all) {
    const isThere = path.startsWith('targets/') && (await files.size(path)) === bytes.length;
    if (!isThere) {
      await files.replace(path, bytes);
    }
  }
}

/** Clients refuse whatever stands on these; they are renewed by other keys than those of a publication. */
function assertInForce({ root, targets }: RepositoryState, now: number): void {
  for (const { signed } of [root, targets]) {
    if (!(Date.parse(signed.expires) > now)) {
      throw new VedetteError('config-invalid', `the ${signed._type} role expired at ${signed.expires}: make, sign and install the next one`, { detail: { role: signed._type } });
    }
  }
}

function assertOneOfAKind({ components }: PublishOptions): void {
  const crypto = createNodeCrypto();
  const kinds = components.map((bytes) => openContainer(bytes, { crypto }).kind);
  if (new Set(kinds).size !== kinds.length) {
    throw new VedetteError('config-invalid', 'a publication has at most one component of a kind', { detail: { kinds } });
  }
}

function reportOf({ kind, targets }: ComponentDraft): PublishedComponent {
  const [step] = targets.steps;
  return {
    kind,
    generation: generationOf(targets),
    fullBytes: targets.full.target.length,
    ...(step === undefined ? {} : { deltaBytes: step.target.length }),
    deltas: targets.steps.length,
  };
}
