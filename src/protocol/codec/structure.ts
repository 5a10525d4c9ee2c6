/** What all readers of untrusted messages share: the limits of one message, and the error for one that is none. */
import { VedetteError } from '../../base/errors.js';

/** What one message may measure. */
export interface StructureLimits {
  readonly maxBytes: number;
  /** Arrays within arrays; the outermost is 1. */
  readonly maxDepth: number;
  /** Values in all, arrays included. */
  readonly maxItems: number;
}

/** The error for bytes from the wire that cannot be believed. It never quotes them. */
export function badMessage(what: string): VedetteError {
  return new VedetteError('transport-failed', `message refused: ${what}`, { detail: { cause: 'bad-message', what } });
}
