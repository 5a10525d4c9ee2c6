/** Files of a repository as they were downloaded, for a relay to pass on: kept for as long as the newest metadata name them. */
import { join } from 'node:path';
import type { DurableFiles } from '../../files/durable-files.js';
import { keptTargetDigest, keptTargetName } from '../kept-names.js';
import { namedDigests } from '../relay/relay-catalogue.js';
import type { KeptMetadata } from './metadata-text.js';
import { removeParts } from './part-file.js';

/** What decides over what is kept. */
export interface KeepTargetsOptions {
  readonly repository: string;
  readonly metadata: KeptMetadata;
  /** Digests of the files that have come whole. */
  readonly downloaded: ReadonlySet<string>;
  /** Digests of containers that are kept anyway. */
  readonly held: ReadonlySet<string>;
}

/** Parts become files or go; files that nobody names any more go. */
export async function keepTargets(place: { readonly dir: string; readonly files: DurableFiles }, options: KeepTargetsOptions): Promise<void> {
  const { dir, files } = place;
  const { repository, downloaded, held } = options;
  const named = namedDigests(options.metadata);
  const isOfUse = (sha256: string): boolean => named.has(sha256) && !held.has(sha256);
  await removeParts(dir, files, (sha256) => (downloaded.has(sha256) && isOfUse(sha256) ? keptTargetName(repository, sha256) : undefined));
  for (const name of await files.list(dir)) {
    const sha256 = keptTargetDigest(repository, name);
    if (sha256 !== undefined && !isOfUse(sha256)) {
      await files.remove(join(dir, name));
    }
  }
}
