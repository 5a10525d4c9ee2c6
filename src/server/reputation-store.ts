/** Where a reputation server looks things up: full hashes by prefix, all of one generation. */
import type { AnswerRecord, FingerprintKind, HashAlgorithm } from '../base/fingerprint.js';

/** What the handler needs of a store. */
export interface ReputationStore {
  /**
   * Generation of what `lookup` answers from. Read before each lookup: a store that switches to a newer pattern
   * meanwhile gives answers that are better than they say, never worse.
   */
  readonly generation: number;
  /** Hashes listed, where the store knows. */
  readonly entries?: number | undefined;
  /**
   * All records under each prefix (4 bytes), in the order of the prefixes: one list each, empty for "not listed".
   * A rejection leaves the whole request unanswered.
   */
  lookup(
    kind: FingerprintKind,
    algorithm: HashAlgorithm,
    prefixes: readonly Uint8Array[],
  ): readonly (readonly AnswerRecord[])[] | Promise<readonly (readonly AnswerRecord[])[]>;
}
