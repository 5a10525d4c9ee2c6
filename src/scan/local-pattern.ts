/** What a loaded agent pattern promises to the engine: byte signatures, allow list and local hashes of one generation. */
import type { Fingerprint, Wants } from '../base/fingerprint.js';
import type { Threat } from '../base/verdict.js';
import type { Matcher } from './matcher.js';

/** What the pattern's own hashes say about a subject. */
export type LocalHashJudgement =
  | { readonly kind: 'approved'; readonly by: string }
  | { readonly kind: 'found'; readonly threats: readonly Threat[] }
  | { readonly kind: 'none' };

/** An agent pattern, ready for use. Immutable: a new generation is a new object. */
export interface LocalPattern {
  readonly generation: number;
  /** Digests that the allow list and the local hashes need. */
  readonly wants: Wants;
  /** Number of signatures that need the bytes (of any kind): with none, a digest alone can be judged completely. */
  readonly byteSignatures: number;
  readonly matcher: Matcher;
  /** False: neither list has an entry of a URL. Absent: it may have some. */
  readonly judgesUrls?: boolean;
  /** Allow list first (MD5 and SHA-1 only with the size), then local hashes. All fingerprints are of one subject. */
  judge(fingerprints: readonly Fingerprint[]): LocalHashJudgement;
}
