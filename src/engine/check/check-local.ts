/** A URL judged at once, by lists, local pattern and filter alone: for hosts that filter streams. */
import type { UrlSubject } from '../../base/subject.js';
import type { Verdict } from '../../base/verdict.js';
import type { CheckBy } from './check.js';
import { examineUrl } from '../story/examine.js';
import { afterStep, initialFacts, type Facts } from '../story/facts.js';
import { filterStep, listsStep, scanStep } from '../story/local-steps.js';
import { afterFault } from '../story/faults.js';
import { nextStep, type NextStep } from '../story/next-step.js';
import type { StepContext } from '../story/step-context.js';
import { createTrace } from '../story/trace.js';
import { verdictOf } from '../story/verdicts.js';

/** Synchronous: the same steps as a check with `layers: 'local'`, without its waits. */
export function checkLocally(by: CheckBy, subject: UrlSubject): Verdict {
  const { core, member } = by;
  const view = core.patterns.view(core.newestGeneration());
  const trace = createTrace(false, core.rooms.clock);
  const ask = (): Promise<never> => Promise.reject(new TypeError('a local check does not ask'));
  const context = { core, member, view, subject, trace, reading: core.closing, asking: core.closing, ask, fallbacks: new Map() };
  const examined = examineUrl(subject.url, view.extractor);
  let facts: Facts = afterStep(initialFacts({ kind: 'url', layers: 'local', allMatches: false }), 'examine', {
    examined,
    open: examined.kind === 'failed' ? [] : examined.fingerprints,
  });
  for (let step = nextStep(facts); step !== 'conclude'; step = nextStep(facts)) {
    facts = takeLocalStep(step, facts, context);
  }
  return verdictOf(facts, view.generations);
}

function takeLocalStep(step: NextStep, facts: Facts, context: StepContext): Facts {
  try {
    return step === 'lists' ? listsStep(facts, context) : step === 'scan' ? scanStep(facts, context) : filterStep(facts, context);
  } catch (error) {
    return afterFault(step === 'lists' || step === 'scan' ? step : 'filter', error, { facts, context });
  }
}
