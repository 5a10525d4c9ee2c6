/** Host lists for hosts that want to fill them before the engine is made, or to share them between engines. */
import { urlExpression } from '../fingerprint/url-expressions.js';
import { createHostLists as create } from '../lists/create-host-lists.js';
import type { HostLists, ListRule } from '../lists/host-lists.js';
import type { Clock } from '../base/seams.js';
import { createSystemClock } from './system-seams.js';

/**
 * Host lists in memory.
 * @throws TypeError or VedetteError `url-invalid` for the first of `rules` that cannot be used.
 */
export function createHostLists(options: { readonly rules?: Iterable<ListRule> | undefined; readonly clock?: Clock | undefined } = {}): HostLists {
  const { rules, clock = createSystemClock() } = options;
  return create({ expression: urlExpression, clock, ...(rules === undefined ? {} : { rules }) });
}
