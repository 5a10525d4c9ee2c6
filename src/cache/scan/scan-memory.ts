/** The scan cache as the engine knows it: what a file was when it was read, for as long as it has not changed since. */
import type { Digests } from '../../base/fingerprint.js';
import type { FileGlance, FileIdentity } from '../../base/subject.js';
import type { Reason, Threat } from '../../base/verdict.js';

/** What reading a file brought: facts about its content, never a verdict. */
export interface ReadContent {
  readonly digests: Digests;
  /** What the byte signatures found. */
  readonly threats: readonly Threat[];
  /** Why they did not see everything. */
  readonly doubt?: Reason | undefined;
}

/** What is kept of a content. */
export interface KeptContent extends ReadContent {
  /** What the engine has marked it with, 0 before it has. */
  readonly mark: number;
}

/** By what a content is read. */
export interface ReadingPlan {
  /** What the finds depend on besides the content: the digest of the agent pattern, limits. Contents read by another are none. */
  readonly by: string;
  /** Byte signatures: not run, up to the first find, or all of them. */
  readonly scan: 'none' | 'first' | 'all';
  /** Digests besides SHA-256 that are needed of a file of this size. */
  readonly md5: boolean;
  readonly sha1: boolean;
}

/** Contents by the identity of their files. Never throws and never rejects: a store that fails knows nothing. */
export interface ScanMemory {
  /** Fetches what is known about some files, so that `find` can tell; a promise where the store answers later. */
  load(files: readonly FileIdentity[], by: string): void | Promise<void>;
  /** What was kept of exactly this state of the file, if it answers the plan; a file whose page is not loaded is not known. */
  find(file: FileIdentity, plan: ReadingPlan): KeptContent | undefined;
  /** Keeps what was read, unless the file was changed so shortly before the look that it may have changed again unseen. */
  keep(seen: FileGlance, plan: ReadingPlan, content: ReadContent): void;
  /** Puts a mark (32 bits, not 0) on what is kept of exactly this state of the file; nothing happens where nothing is. */
  mark(file: FileIdentity, by: string, mark: number): void;
  /** Resolves when everything kept was handed to the store. */
  flush(): Promise<void>;
}
