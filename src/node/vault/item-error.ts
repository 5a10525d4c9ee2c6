/** The typed errors of a vault. */
import { VedetteError } from '../../base/errors.js';
import { errnoOf } from '../files/durable-files.js';
import { storeError } from '../store-error.js';
import type { DamagedItem } from './item.js';

/** `store-damaged`: an item that cannot be believed; `detail` has its id and `why`. */
export function itemError(id: string, why: DamagedItem['why'], message: string): VedetteError {
  return new VedetteError('store-damaged', `vault item ${id}: ${message}`, { detail: { id, why } });
}

/** Why an item that was not opened cannot be believed, by the error of opening it. */
export function whyDamaged(error: unknown): DamagedItem['why'] {
  const detail = VedetteError.is(error) ? error.detail : null;
  const why = typeof detail === 'object' && detail !== null && 'why' in detail ? detail['why'] : undefined;
  return why === 'foreign' || why === 'version' ? why : 'damaged';
}

/** Why the vault would not do it. */
export type Refusal = 'unknown' | 'taken' | 'moved' | 'gone' | 'link' | 'owner' | 'lists';

/** `unsupported` with `detail.why`. */
export function refusal(why: Refusal, message: string): VedetteError {
  return new VedetteError('unsupported', message, { detail: { why } });
}

/** `store-damaged` for an error of the system; what is none (the host's own lists failed) stays as it is. */
export function diskError(operation: string, path: string, cause: unknown): unknown {
  return errnoOf(cause) === undefined || VedetteError.is(cause) ? cause : storeError(operation, path, cause);
}
