/** Files of a repository as they were downloaded, for a relay to pass on: kept for as long as the newest metadata name them. */
import { join } from 'node:path';
import { keptTargetDigest, keptTargetName } from '../kept-names.js';
import { namedDigests } from '../relay/relay-catalogue.js';
import type { KeptMetadata } from './metadata-text.js';
import { sortParts, type PartPlace } from './part-file.js';

/** What decides over what is kept. */
export interface KeepTargetsOptions {
  readonly metadata: KeptMetadata;
  /** Digests of the files that have come whole. */
  readonly downloaded: ReadonlySet<string>;
  /** Digests of containers that are kept anyway. */
  readonly held: ReadonlySet<string>;
}

/** What came of files that nobody offers any more goes: it would pile up where no download ever ends. */
export async function dropParts(place: PartPlace, metadata: KeptMetadata): Promise<void> {
  const named = namedDigests(metadata);
  await sortParts(place, (sha256) => ({ kind: named.has(sha256) ? 'waits' : 'goes' }));
}

/** Parts become files or go; files that nobody names any more go. */
export async function keepTargets(place: PartPlace, options: KeepTargetsOptions): Promise<void> {
  const { dir, files, repository } = place;
  const { downloaded, held } = options;
  const named = namedDigests(options.metadata);
  const isOfUse = (sha256: string): boolean => named.has(sha256) && !held.has(sha256);
  await sortParts(place, (sha256) =>
    downloaded.has(sha256) && isOfUse(sha256) ? { kind: 'stays', as: keptTargetName(repository, sha256) } : { kind: 'goes' },
  );
  for (const name of await files.list(dir)) {
    const sha256 = keptTargetDigest(repository, name);
    if (sha256 !== undefined && !isOfUse(sha256)) {
      await files.remove(join(dir, name));
    }
  }
}
