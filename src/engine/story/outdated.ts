/** Whether a story still holds at its end: DESIGN §1, "Generations" (b) and (d), over the time that a check takes. */
import { foundEnough, type Facts } from './facts.js';
import type { StepContext } from './step-context.js';

/**
 * True when a newer server generation became known since the patterns were looked at, and the story rests on an older
 * one: on a filter or an answer that did not know it, or on digests that nobody wanted before.
 */
export function isOutdated(facts: Facts, context: Pick<StepContext, 'core' | 'view'>): boolean {
  const { core, view } = context;
  const newest = core.newestGeneration();
  if (newest === undefined || newest <= Math.max(view.filter?.covers ?? 0, view.newestGeneration ?? 0)) {
    return false;
  }
  const { examined } = facts;
  if (examined === undefined || examined.kind === 'failed' || facts.listed !== undefined || facts.approvedBy !== undefined || foundEnough(facts)) {
    return false;
  }
  const lacksDigests = examined.kind === 'file' && view.knowsAll;
  return lacksDigests || (facts.clearedBy !== undefined && facts.clearedBy < newest);
}
