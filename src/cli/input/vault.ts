/** The vault of a data directory, and the lists in which it approves. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createFileLists } from '../../node/files/file-lists.js';
import { createVault } from '../../node/vault/create-vault.js';
import type { Vault } from '../../node/vault/vault.js';
import { compileLinearRegex } from '../../preset/linear-regex.js';
import { createSystemClock } from '../../preset/system-seams.js';
import { fileError } from './read-file.js';

/** `DIR/vault`, which takes over what earlier builds left in `DIR/quarantine`. Opens nothing until it is used. */
export function vaultOf(data: string): Vault {
  const lists = createFileLists({ dir: join(data, 'state'), clock: createSystemClock(), compileRegex: compileLinearRegex });
  return createVault({ dir: join(data, 'vault'), adopt: join(data, 'quarantine'), lists });
}

/** A directory that is not there is a slip of the pen, not an empty vault. */
export async function assertDataDirectory(dir: string): Promise<void> {
  await stat(dir).catch((error: unknown) => {
    throw fileError(dir, error);
  });
}
