/**
 * What to do next with a subject, from what is known about it. Pure: the whole order of the story stands here.
 */
import { foundEnough, type Facts, type StepName } from './facts.js';

/** The next step, or the end of the story. */
export type NextStep = StepName | 'conclude';

/** The next step of the story in `engine.ts`. */
export function nextStep(facts: Facts): NextStep {
  const done = (step: StepName): boolean => facts.did.includes(step);

  if (!done('examine')) {
    return 'examine';
  }
  if (facts.examined === undefined || facts.examined.kind === 'failed') {
    return 'conclude';
  }
  // 0: the host's own word comes before everything, in every choice of layers.
  if (!done('lists')) {
    return 'lists';
  }
  if (facts.listed !== undefined) {
    return 'conclude';
  }
  if (facts.layers !== 'remote') {
    // 1: the agent pattern.
    if (!done('scan')) {
      return 'scan';
    }
    if (facts.approvedBy !== undefined || foundEnough(facts)) {
      return 'conclude';
    }
    // 2: the filter leaves open what the server might know.
    if (!done('filter')) {
      return 'filter';
    }
  }
  if (facts.layers === 'local' || facts.open.length + facts.unrated.length === 0) {
    return 'conclude';
  }
  // 3: answers that are still fresh.
  if (!done('cache')) {
    return 'cache';
  }
  if (foundEnough(facts)) {
    return 'conclude';
  }
  // 4: the servers. What they leave open is in the doubts, and 5 (pending) follows from those.
  return done('query') ? 'conclude' : 'query';
}
