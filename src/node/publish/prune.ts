/** Removes what no client needs any more: files that neither the newest snapshots nor the roles in them name. */
import type { RepositoryFiles } from './repository-files.js';
import { temporaryEnding } from './repository-files.js';
import { maxMetadataBytes, type Reading } from './repository-state.js';
import { componentKinds } from '../../pattern/container-format.js';
import { targetFile } from './roles/roles.js';

const metadataName = /^\d+\.(?!root\.)[a-z-]+\.json(\.gz)?$/;
const targetName = /^[0-9a-f]{64}\.(full\.vdt|\d+\.vdd)(\.gz)?$/;

/** What to keep: the newest snapshot, how many of them, and the newest targets (which may be on their way in). */
export interface PruneOptions extends Reading {
  readonly snapshotVersion: number;
  readonly keepSnapshots: number;
  readonly targetsVersion: number;
}

/** Removes files by names that only we give; others are left alone. @returns how many went. */
export async function prune(options: PruneOptions): Promise<number> {
  const kept = await keptFiles(options);
  let removed = 0;
  for (const dir of ['metadata', ...componentKinds.map((kind) => `targets/${kind}`)]) {
    const isOurs = dir === 'metadata' ? metadataName : targetName;
    for (const name of await options.files.list(dir)) {
      const path = `${dir}/${name}`;
      if ((isOurs.test(name) || name.endsWith(temporaryEnding)) && !kept.has(path.replace(/\.json\.gz$/, '.json'))) {
        await options.files.remove(path);
        removed++;
      }
    }
  }
  return removed;
}

async function keptFiles({ files, models, snapshotVersion, keepSnapshots, targetsVersion }: PruneOptions): Promise<Set<string>> {
  const kept = new Set([`metadata/${targetsVersion}.targets.json`]);
  for (let version = snapshotVersion; version > 0 && version > snapshotVersion - keepSnapshots; version--) {
    const path = `metadata/${version}.snapshot.json`;
    const snapshot = await opened(files, path, (bytes) => models.open(bytes, 'snapshot', path).signed);
    kept.add(path);
    for (const [role, meta] of Object.entries(snapshot?.meta ?? {})) {
      await keepRole(`metadata/${meta.version}.${role}`, { files, models, kept });
    }
  }
  return kept;
}

async function keepRole(path: string, { files, models, kept }: Reading & { readonly kept: Set<string> }): Promise<void> {
  const role = await opened(files, path, (bytes) => models.open(bytes, 'targets', path).signed);
  kept.add(path);
  for (const [target, { hashes }] of Object.entries(role?.targets ?? {})) {
    kept.add(targetFile(target, hashes.sha256));
  }
}

/** Undefined for what is not there, or no metadata: nothing is kept for its sake. */
async function opened<T>(files: RepositoryFiles, path: string, open: (bytes: Uint8Array) => T): Promise<T | undefined> {
  const bytes = await files.read(path, maxMetadataBytes);
  try {
    return bytes === undefined ? undefined : open(bytes);
  } catch {
    return undefined;
  }
}
