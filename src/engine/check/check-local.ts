/** A URL judged at once, by lists, local pattern and filter alone: for hosts that filter streams. */
import { urlSubject } from '../../base/subject.js';
import type { Verdict } from '../../base/verdict.js';
import type { Fingerprint } from '../../base/fingerprint.js';
import type { Filter } from '../../filter/filter.js';
import type { FingerprintExtractor } from '../../fingerprint/extractor.js';
import type { HostLists } from '../../lists/host-lists.js';
import type { PatternView } from '../family/patterns.js';
import type { CheckBy } from './check.js';
import { examineUrl } from '../story/examine.js';
import { afterStep, initialFacts, type Facts } from '../story/facts.js';
import { filterStep, listsStep, scanStep } from '../story/local-steps.js';
import { afterFault } from '../story/faults.js';
import { nextStep, type NextStep } from '../story/next-step.js';
import type { StepContext } from '../story/step-context.js';
import { createTrace } from '../story/trace.js';
import { verdictOf } from '../story/verdicts.js';

/**
 * Calls in a row that share one look at the clock and the patterns. Neither can change what counts between two calls
 * without a pause, but for the time that they take; the look itself is a quarter of the time of a call.
 */
const callsPerLook = 64;

/**
 * Synchronous: what a check with `layers: 'local'` says, without its waits. Most URLs are on no list, and where nothing
 * but the filter can have a word on any URL, these are cleared without the story: by their hosts where the filter knows
 * the listed ones (neither canonical form nor expressions nor digests are worked out then), else by their hashes.
 */
export function createLocalCheck(by: CheckBy): (url: string) => Verdict {
  const { core } = by;
  let held: PatternView | undefined;
  let left = 0;
  const forget = (): void => {
    held = undefined;
  };

  function look(): PatternView {
    if (held === undefined) {
      // At the end of this run of calls.
      queueMicrotask(forget);
    }
    left = callsPerLook;
    held = core.patterns.view(core.newestGeneration());
    return held;
  }

  return (url) => {
    const view = held === undefined || left === 0 ? look() : held;
    left--;
    if (view.filter !== undefined && filterAloneDecides(by, view) && isSurelyUnlisted(url, view.filter, view.extractor)) {
      core.stats.add('filterCleared');
      return view.unlisted;
    }
    return tellInFull(by, view, url);
  };
}

/** Whether a URL that the filter does not know is clean: the steps before it have nothing to say about any URL. */
function filterAloneDecides({ core, member }: CheckBy, view: PatternView): boolean {
  return (
    view.filterClears &&
    core.servers().raters.size === 0 &&
    (view.local === undefined || view.local.judgesUrls === false) &&
    isSilent(member.lists) &&
    (view.lists === undefined || isSilent(view.lists))
  );
}

function isSilent(lists: Pick<HostLists, 'hasUrlRules'>): boolean {
  return lists.hasUrlRules?.() === false;
}

function isSurelyUnlisted(url: string, filter: Filter, extractor: FingerprintExtractor): boolean {
  try {
    return filter.hosts === undefined || extractor.mayHit === undefined
      ? hasNoListedHash(url, filter, extractor)
      : !extractor.mayHit(url, filter.hosts);
  } catch {
    // A part of the host that throws is heard again, and reported, on the way in full.
    return false;
  }
}

function hasNoListedHash(url: string, filter: Filter, extractor: FingerprintExtractor): boolean {
  const taken = extractor.url(url);
  if (taken.kind === 'not-a-url') {
    return false;
  }
  const { expressions } = taken;
  const fingerprints = taken.hashes.map((hash, i): Fingerprint => ({ kind: 'url', algorithm: 'sha256', hash, expression: expressions[i]! }));
  const judgements = filter.judgeAll?.(fingerprints) ?? fingerprints.map((one) => filter.judge(one));
  return judgements.length === fingerprints.length && judgements.every((one) => one === 'not-listed');
}

function tellInFull(by: CheckBy, view: PatternView, url: string): Verdict {
  const { core, member } = by;
  const subject = urlSubject(url);
  const trace = createTrace(false, core.rooms.clock);
  const ask = (): Promise<never> => Promise.reject(new TypeError('a local check does not ask'));
  const context = { core, member, view, subject, trace, reading: core.closing, asking: core.closing, ask, fallbacks: new Map() };
  const examined = examineUrl(url, view.extractor);
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
