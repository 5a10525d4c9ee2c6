/**
 * Attacks on updates by name: each takes a host that has generation 1 and a repository that is about to have
 * generation 2, and does one thing that must not succeed. `cause` is what the refusal has to be called.
 */
import type { UpdaterOptions } from '../../../src/node/update/updater.js';
import { fileAttacks } from './attacks-on-files.js';
import { metadataAttacks } from './attacks-on-metadata.js';
import { signatureAttacks } from './attacks-on-signatures.js';
import { transferAttacks } from './attacks-on-transfers.js';
import { versionAttacks } from './attacks-on-versions.js';
import type { Scene } from './scene.js';

export interface Attack {
  readonly name: string;
  /** Names that the refusal may have. */
  readonly cause: readonly string[];
  /** The generation that the host has before and after; 1 unless the attack begins later. */
  readonly stays?: number;
  /** What is different about the host. */
  readonly host?: Partial<UpdaterOptions>;
  /** The attack works by what it sends, not by what it says: nothing is there for a client that checks nothing. */
  readonly isSilent?: boolean;
  prepare(scene: Scene): void | Promise<void>;
}

export const attacks: readonly Attack[] = [...versionAttacks, ...signatureAttacks, ...metadataAttacks, ...fileAttacks, ...transferAttacks];

