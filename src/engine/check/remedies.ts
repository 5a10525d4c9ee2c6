/**
 * Carries out what was decided about an object: the first remedy, and the second one where the first was unable. Each
 * is an application of its own with its own key; what became of them is an outcome, never silence.
 */
import type { ActionOutcome, CheckResult } from '../../base/check-result.js';
import { describeError, throwIfAborted } from '../../base/errors.js';
import type { Decision, Remedy } from '../../base/verdict.js';
import type { Conclusion } from './conclude.js';

/** One application of a remedy. */
export interface RemedyAttempt {
  readonly key: string;
  readonly remedy: Remedy;
}

/** What whoever has a remedy carried out does around each attempt. */
export interface AroundRemedy {
  /** Before each attempt. An outcome stands in place of the attempt and of those after it. */
  begin?(attempt: RemedyAttempt): Promise<ActionOutcome | undefined>;
  /** The attempt had no effect, and the next one, if there is one, follows. */
  unable?(attempt: RemedyAttempt): void;
  /** After the last try of an attempt that threw. @throws where the remedy is to be tried again later. */
  failed(attempt: RemedyAttempt, error: unknown): Promise<ActionOutcome> | ActionOutcome;
}

/** The key of the second remedy where that of the first is this one. */
export function secondKey(key: string): string {
  return `${key}+2`;
}

/** The attempts of a decision in their order. */
export function remedyAttempts({ remedy, second }: Decision, key: string): readonly RemedyAttempt[] {
  const first = { key, remedy };
  const another = second !== undefined && second !== 'none' && second !== remedy && remedy !== 'none';
  return another ? [first, { key: secondKey(key), remedy: second }] : [first];
}

/** The result with the outcome of its remedies; unchanged where nobody is there to carry out any. */
export async function carryOut(result: CheckResult, key: string, how: Conclusion & { readonly around: AroundRemedy }): Promise<CheckResult> {
  if (how.member.actions === undefined) {
    return result;
  }
  const unable: string[] = [];
  for (const attempt of remedyAttempts(result.decision, key)) {
    const outcome = await attemptRemedy(result, attempt, how);
    if (outcome.kind !== 'unable') {
      return { ...result, outcome: unable.length === 0 ? outcome : afterFirst(outcome, attempt.remedy, unable) };
    }
    how.around.unable?.(attempt);
    unable.push(unable.length === 0 ? outcome.detail : `${attempt.remedy}: ${outcome.detail}`);
  }
  return { ...result, outcome: { kind: 'unable', detail: unable.join('; ') } };
}

async function attemptRemedy(result: CheckResult, attempt: RemedyAttempt, how: Conclusion & { readonly around: AroundRemedy }): Promise<ActionOutcome> {
  const standing = await how.around.begin?.(attempt);
  if (standing !== undefined) {
    return standing;
  }
  const { second: _, ...decision } = result.decision;
  try {
    return await tryRemedy({ ...result, decision: { ...decision, remedy: attempt.remedy } }, attempt.key, how);
  } catch (error) {
    return how.around.failed(attempt, error);
  }
}

function afterFirst(outcome: ActionOutcome, remedy: Remedy, unable: readonly string[]): ActionOutcome {
  const detail = [...(outcome.detail === undefined ? [] : [outcome.detail]), `the first remedy was unable: ${unable.join('; ')}`].join('; ');
  return { ...outcome, detail, remedy };
}

/** Around a remedy of now: one that throws for good is no more than reported, since nobody would try it again. */
export function reportedOnly(how: Conclusion): AroundRemedy {
  return {
    failed(_, error) {
      throwIfAborted(how.core.closing);
      return { kind: 'unable', detail: describeError(error) };
    },
  };
}

/** A throw is taken as "not carried out" and tried twice more, but not after the engine's end. @throws what was thrown last. */
async function tryRemedy(result: CheckResult, key: string, { core, member }: Conclusion): Promise<ActionOutcome> {
  for (let attempt = 1; ; attempt++) {
    try {
      const outcome: unknown = await member.actions?.apply(result, { key, signal: core.closing });
      core.stats.add('remedies');
      return asOutcome(outcome);
    } catch (error) {
      core.events.emit({ kind: 'fault', where: 'actions', error });
      if (attempt === 3 || core.closing.aborted) {
        throw error;
      }
    }
  }
}

/** Something was done, but a handler that does not say what leaves only this to be said. */
function asOutcome(given: unknown): ActionOutcome {
  const kind = typeof given === 'object' && given !== null && 'kind' in given ? given.kind : undefined;
  return kind === 'done' || kind === 'not-needed' || kind === 'unable' || kind === 'uncertain'
    ? (given as ActionOutcome)
    : { kind: 'uncertain', detail: 'the handler did not say what became of the remedy' };
}
