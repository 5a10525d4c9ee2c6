/**
 * Step 1: byte signatures. A session is fed the bytes once, in chunks of any size, and finished with random access to
 * the same bytes; what it finds does not depend on how they were cut, and its memory not on how many they were.
 */
import type { Signal } from '../base/seams.js';
import type { ByteSource } from '../base/subject.js';
import type { Threat } from '../base/verdict.js';

/** One signature that matched. */
export interface Finding {
  readonly threat: Threat;
  /** Offset of the first byte of a match, where one is known. */
  readonly at?: number;
}

/** What a whole session found. */
export interface ScanOutcome {
  /** Without `allMatches` at least one when anything matches; with it, every signature that matches, once each. */
  readonly findings: readonly Finding[];
  /** Set when the work budget or a limit ended the search: finds stand, "nothing found" does not (DESIGN rule 2). */
  readonly incomplete?: 'budget' | 'limit';
}

/** What a matcher is told about the subject before the first byte. */
export interface ScanContext {
  readonly allMatches: boolean;
  /** Bytes in all, when known. */
  readonly size?: number;
}

/** One pass over one content. */
export interface ScanSession {
  /** The next bytes. The chunk is not kept and not written to. */
  update(chunk: Uint8Array): void;
  /** After the last chunk: verifies candidates by random access to the same bytes. Called at most once. */
  finish(source: ByteSource, options: Signal): ScanOutcome | Promise<ScanOutcome>;
}

/** Opens sessions. Stateless between them: sessions may run interleaved. */
export interface Matcher {
  open(context: ScanContext): ScanSession;
}
