/** How a transfer fails: by a name that says what the source did, so that the next source can be asked. */
import { VedetteError } from '../../../base/errors.js';

/** What went wrong with a transfer. */
export type TransferCause = 'unreachable' | 'http-status' | 'redirect' | 'endless-data' | 'too-short' | 'slow-retrieval' | 'substituted-file';

/** `transport-failed` with `detail.cause`, and `detail.status` and `detail.waitMs` where the source told them. */
export function transferError(
  cause: TransferCause,
  message: string,
  told: { readonly status?: number; readonly waitMs?: number | undefined; readonly error?: unknown } = {},
): VedetteError {
  const { status, waitMs, error } = told;
  const detail = { cause, ...(status === undefined ? {} : { status }), ...(waitMs === undefined ? {} : { waitMs }) };
  return new VedetteError('transport-failed', message, { detail, cause: error });
}

/** A field of an error's detail. */
export function detailOf(error: unknown, name: string): unknown {
  const detail = VedetteError.is(error) ? error.detail : null;
  return typeof detail === 'object' && detail !== null && Object.hasOwn(detail, name) ? Reflect.get(detail, name) : undefined;
}
