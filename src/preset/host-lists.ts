/** Host lists for hosts that want to fill them before the engine is made, or to share them between engines. */
import { urlPort } from '../fingerprint/url-canonical.js';
import { urlExpression } from '../fingerprint/url-expressions.js';
import { createHostLists as create } from '../lists/create-host-lists.js';
import type { HostLists, ListRule } from '../lists/host-lists.js';
import type { CompileRegex } from '../lists/list-rule.js';
import type { Clock } from '../base/seams.js';
import { createSystemClock } from './system-seams.js';

/** Options of host lists. */
export interface HostListOptions {
  readonly rules?: Iterable<ListRule> | undefined;
  readonly clock?: Clock | undefined;
  /** Default 100,000. An expired rule gives way when room is needed. */
  readonly maxRules?: number | undefined;
  /** Rules with a regular expression, among all; default 100. */
  readonly maxRegexRules?: number | undefined;
  /** Compiles the expressions of rules to tests that take time linear in the text. Without it such rules are refused. */
  readonly compileRegex?: CompileRegex | undefined;
}

/**
 * Host lists in memory.
 * @throws TypeError or VedetteError for the first of `rules` that cannot be used, as `HostLists.add` rejects.
 */
export function createHostLists(options: HostListOptions = {}): HostLists {
  const { clock = createSystemClock(), ...given } = options;
  return create({ ...given, expression: urlExpression, port: urlPort, clock });
}
