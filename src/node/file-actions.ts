/** The hands of an engine that wants no more than remedies: those of a vault, or without one. */
import type { ActionHandler } from '../action/action-handler.js';
import { createRemedies } from './remedy/remedies.js';
import { nodeRemedyFiles } from './remedy/remedy-files.js';
import { createVault } from './vault/create-vault.js';

/** Options of `createFileActions`. */
export interface FileActionsOptions {
  /** The directory of a vault. Without it, quarantine is refused as `unable`. */
  readonly quarantineDir?: string | undefined;
  /** Epoch ms, for what the vault knows of a file. */
  readonly now?: (() => number) | undefined;
}

/**
 * Remedies for files: rename (`.vir`), delete, and quarantine into the vault of `quarantineDir`. Errors of the system
 * that may pass (no room, too many open files) reject, so that the remedy is tried again; those that will not are
 * `unable` with the error's name.
 */
export function createFileActions(options: FileActionsOptions = {}): ActionHandler {
  const { quarantineDir, now } = options;
  return quarantineDir === undefined ? createRemedies({ files: nodeRemedyFiles }) : createVault({ dir: quarantineDir, now });
}
