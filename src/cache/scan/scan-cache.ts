/**
 * Where it is kept what files were when they were last read: pages of digests and finds by inode, so that an unchanged
 * file is not opened again. A `ScanCache` is a plain bounded store of bytes; what a page says, and whether it still
 * holds, is decided in `create-scan-memory.ts`, the same for every store. Never a verdict: that is made anew each time.
 */
import type { SteadyClock } from '../steady-clock.js';

/** A bounded store of pages (some KiB each) by key. Losing a page is allowed at any time; giving back other bytes than were put is not. */
export interface ScanCache {
  /** One element per key, in order. A page is not written to by either side. */
  get(keys: readonly string[]): readonly (Uint8Array | undefined)[] | Promise<readonly (Uint8Array | undefined)[]>;
  put(pages: readonly (readonly [key: string, page: Uint8Array])[]): void | Promise<void>;
  forget(what: 'all' | readonly string[]): void | Promise<void>;
  close?(): Promise<void>;
  /** Whether a change of a file on this device always shows in its ctime: elsewhere nothing is kept. Absent: it does. */
  tracks?(dev: bigint): boolean;
  /** The clock by which its pages age, where they outlive the process. */
  readonly steady?: SteadyClock | undefined;
}
