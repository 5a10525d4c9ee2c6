/** What a vault holds, as its keeper sees it. */
import type { Threat } from '../../base/verdict.js';

/** A file in the vault. */
export interface VaultedFile {
  /** `held`: all of it is in the vault and gone from its place; `moving`: that was begun, and may have been interrupted. */
  readonly state: 'held' | 'moving';
  /** 32 hex digits. */
  readonly id: string;
  /** Key of the remedy. */
  readonly key: string;
  /** Where it was, for people. */
  readonly path: string;
  /** Where it was: the `ref` of its locator, which loses no byte of the path. */
  readonly ref: string;
  /** What the host called it; cut at 4096 characters. */
  readonly label?: string;
  /** Hex. */
  readonly sha256: string;
  /** Bytes of the content. */
  readonly size: number;
  /** Permission bits, owner and group. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Last access and change of the content, epoch ms with fractions. */
  readonly atimeMs: number;
  readonly mtimeMs: number;
  /** Names that the file had; more than one means that others remain. */
  readonly links: number;
  /** Names and types, the first hundred. */
  readonly threats: readonly Pick<Threat, 'name' | 'type'>[];
  /** Epoch ms. */
  readonly quarantinedAt: number;
}

/** Something in the vault that cannot be read. It stays where it is until it is removed. */
export interface DamagedItem {
  readonly state: 'damaged';
  readonly id: string;
  /** `foreign`: sealed with another key; `version`: written by a newer vedette. */
  readonly why: 'damaged' | 'foreign' | 'version';
  readonly detail: string;
  /** Bytes on the disk. */
  readonly size: number;
  /** When its file was last changed, epoch ms. */
  readonly quarantinedAt: number;
}

/** One item of a vault. */
export type VaultItem = VaultedFile | DamagedItem;
