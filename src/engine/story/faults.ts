/** What becomes of a check when a part that the host brought throws: less is known, nothing is clean, the check goes on. */
import { describeError } from '../../base/errors.js';
import { afterStep, type Facts, type StepName } from './facts.js';
import type { StepContext } from './step-context.js';

/**
 * The facts after a step that threw. A question that failed may be answered later, so its subject is flagged.
 * @throws the error itself when the check was ended from outside: then nobody wants facts any more.
 */
export function afterFault(
  step: StepName,
  error: unknown,
  at: { readonly facts: Facts; readonly context: Pick<StepContext, 'core' | 'reading' | 'asking'> },
): Facts {
  const { facts, context } = at;
  const { core, reading, asking } = context;
  if (reading.aborted || asking.aborted || core.closing.aborted) {
    throw error;
  }
  core.events.emit({ kind: 'fault', where: step, error });
  if (step === 'examine') {
    return afterStep(facts, step, { examined: { kind: 'failed', reason: 'internal', detail: describeError(error) } });
  }
  const doubt = step === 'query' ? 'unreachable' : 'internal';
  return afterStep(facts, step, { doubts: [...facts.doubts, doubt], ...(step === 'query' ? { open: [] } : {}) });
}
