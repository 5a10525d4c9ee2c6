/** The vault as its keeper uses it. */
import type { Readable } from 'node:stream';
import type { ActionHandler } from '../../action/action-handler.js';
import type { VaultItem } from './item.js';
import type { PurgeLimits } from './list.js';

/**
 * A private directory of sealed files, and the remedies for files that fill it. Every call rejects with VedetteError
 * `store-damaged` when the disk fails (`detail.errno`, `ENOSPC` for a full one) or the vault's key cannot be read.
 */
export interface Vault extends ActionHandler {
  /** Everything that is held, in the order of ids, then what an interruption left on its way. A missing directory is empty. */
  list(): AsyncIterable<VaultItem>;
  /**
   * The content, each piece authentic before it is given out; the stream fails with `store-damaged` where it is not, and
   * then nothing of it was the file. It has to be read to its end or destroyed.
   * @throws VedetteError `unsupported` with `detail.why` `unknown`; `store-damaged` with `detail.why` `damaged`,
   * `foreign` (sealed with another key) or `version`.
   */
  open(id: string): Promise<Readable>;
  /**
   * Puts a file back to where it was, or to `to`, with its mode, owner and times (to the microsecond), over nothing.
   * With `approve` its digest is approved in the vault's `lists` first, so that it is not caught again. Gives the path.
   * @throws VedetteError `unsupported` with `detail.why`: `unknown` (no such id), `taken` (a file has the place), `gone`
   * (its directory is), `moved` (another directory has the name: say `to`), `link` (a symbolic link is on the way),
   * `owner` (this process may not give the file to its owner: say `to`), `lists` (the vault was given none);
   * `store-damaged` when the content is not what was put away. The file then stays in the vault.
   */
  restore(id: string, options?: { readonly to?: string | undefined; readonly approve?: boolean | undefined }): Promise<string>;
  /** Takes one out for good; false when there is none of this id. */
  remove(id: string): Promise<boolean>;
  /** Takes out for good: what is older, then the oldest until the rest is small enough; without limits everything. Gives the number. */
  purge(limits?: PurgeLimits): Promise<number>;
}
