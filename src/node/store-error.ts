/** The error of a disk that did not do as it was told. */
import { VedetteError } from '../base/errors.js';
import { errnoOf } from './files/durable-files.js';

/** `store-damaged` with operation and errno; a VedetteError stays what it is. */
export function storeError(operation: string, path: string, cause: unknown): VedetteError {
  if (VedetteError.is(cause)) {
    return cause;
  }
  const errno = errnoOf(cause) ?? null;
  return new VedetteError('store-damaged', `${operation} of ${path} failed${errno === null ? '' : `: ${errno}`}`, {
    detail: { operation, errno },
    cause,
  });
}
