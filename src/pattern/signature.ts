/**
 * Byte signatures as a tree: what the readers produce, the agent pattern carries and the matcher understands.
 * The meaning follows ClamAV's public documentation of its extended signature format.
 */
import type { Threat } from '../base/verdict.js';

/** One run of a body, matched at one place and then left behind. */
export type SignatureNode =
  /** `value[i]` must equal the byte under `mask[i]`: ff for a byte, f0 and 0f for a nibble, 00 for any byte. */
  | { readonly kind: 'bytes'; readonly value: Uint8Array; readonly mask: Uint8Array }
  /** Between `min` and `max` bytes of anything; without `max` any number. `*` is `min: 0`. */
  | { readonly kind: 'gap'; readonly min: number; readonly max?: number }
  /** One of the options, or none of them when negated (then all options have one length, which is passed over). */
  | {
      readonly kind: 'alternatives';
      readonly negated: boolean;
      readonly options: readonly { readonly value: Uint8Array; readonly mask: Uint8Array }[];
    };

/** Where a body may begin. `shift` bytes further are allowed as well (`n,m` in the text form). */
export type SignatureOffset =
  | { readonly kind: 'any' }
  | { readonly kind: 'start'; readonly at: number; readonly shift: number }
  | { readonly kind: 'end'; readonly before: number; readonly shift: number };

/** A named body. */
export interface ByteSignature {
  readonly threat: Threat;
  /** ClamAV target type; 0 is any file. */
  readonly target: number;
  readonly offset: SignatureOffset;
  /** Begins and ends with a node that is no gap. */
  readonly nodes: readonly SignatureNode[];
}
