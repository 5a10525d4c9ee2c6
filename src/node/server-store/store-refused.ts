/** A pattern or a delta that a server store does not take, for reasons of its own. */
import { VedetteError } from '../../base/errors.js';

/** `older`: it would put the store back; `base`: the changes were made for another generation; `raw`: only a whole file will do. */
export type StoreRefusal = 'older' | 'base' | 'raw';

/** The error for it: `pattern-refused` with `detail.cause`. */
export function storeRefused(cause: StoreRefusal, message: string): VedetteError {
  return new VedetteError('pattern-refused', message, { detail: { cause } });
}
