/** Carries out remedies, now and late: the only way on which late results are sure to reach the host. */
import type { ActionOutcome, CheckResult } from '../base/check-result.js';

/** The host's hands. */
export interface ActionHandler {
  /** True when applying the same key twice has the effect of once: an interrupted remedy is then applied again. */
  readonly idempotent: boolean;
  /**
   * Called for every result whose decision has a remedy, and for every late or retro result that is malicious or
   * suspicious. `key` names this one application. A throw is taken as "not carried out" and retried.
   */
  apply(result: CheckResult, options: { readonly key: string; readonly signal: AbortSignal }): Promise<ActionOutcome>;
}
