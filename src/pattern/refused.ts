/**
 * How every decoder of this room refuses: one error code, a closed set of causes, and the facts in `detail`.
 * A refused pattern is never used in part; whatever was loaded before stays in use.
 */
import { VedetteError } from '../base/errors.js';
import type { Json } from '../base/seams.js';

/**
 * truncated: it ends too early; altered: a digest or signature does not fit; not-a-pattern: no container at all;
 * version: a format version, kind or encoding that this release does not know; limit: larger than allowed;
 * malformed: digests fit, but what stands there breaks the format; kind: another component than the one expected;
 * unsigned, untrusted: nobody, or nobody trusted, has signed it; base: a delta that was made for another file.
 */
export type RefusalCause =
  | 'truncated'
  | 'altered'
  | 'not-a-pattern'
  | 'version'
  | 'limit'
  | 'malformed'
  | 'kind'
  | 'unsigned'
  | 'untrusted'
  | 'base';

/** The error for a pattern that is not used: code `pattern-refused`, detail `{ cause, … }`. */
export function refused(
  cause: RefusalCause,
  message: string,
  detail: { readonly [key: string]: Json } = {},
): VedetteError {
  return new VedetteError('pattern-refused', message, { detail: { cause, ...detail } });
}
