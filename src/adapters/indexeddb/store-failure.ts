/** From what a browser throws to the errors of vedette: a closed set of codes, with the browser's own word in `detail`. */
import { VedetteError } from '../../base/errors.js';

/** True for an origin that may not store more: the disk is full, or its share of it. */
export function isQuotaExceeded(error: unknown): boolean {
  return nameOf(VedetteError.is(error) ? error.cause : error) === 'QuotaExceededError';
}

/**
 * `unsupported` for a database of a later version, else `store-damaged` with the name of the browser's error. Errors
 * of vedette and mistakes of the caller stay what they are.
 */
export function storeFailure(operation: string, name: string, cause: unknown): unknown {
  if (VedetteError.is(cause) || cause instanceof RangeError || cause instanceof TypeError) {
    return cause;
  }
  const error = nameOf(cause) ?? null;
  const detail = { operation, database: name, error };
  if (error === 'VersionError') {
    return new VedetteError('unsupported', `the database ${name} was written by a later version and is left untouched`, { detail, cause });
  }
  return new VedetteError('store-damaged', `${operation} of the database ${name} failed${error === null ? '' : `: ${error}`}`, { detail, cause });
}

/** Name of an error of the browser: these are no instances of one class everywhere. */
export function nameOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'name' in error && typeof error.name === 'string' ? error.name : undefined;
}
