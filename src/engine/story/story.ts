/**
 * Walks one subject through the story: takes the step that `nextStep` names until there is nothing left to do, the
 * deadline has come, or the caller has aborted.
 */
import { abortedError, throwIfAborted } from '../../base/errors.js';
import { subjectInfo, type Subject } from '../../base/subject.js';
import type { CheckOptions } from '../checker.js';
import type { EngineCore, Member } from '../family/core.js';
import type { PatternView } from '../family/patterns.js';
import { initialFacts, type Examined, type Facts, type StepName } from './facts.js';
import { afterFault } from './faults.js';
import { isOutdated } from './outdated.js';
import { cacheStep, queryStep } from './remote-steps.js';
import { examineStep, filterStep, listsStep, scanStep } from './local-steps.js';
import { nextStep } from './next-step.js';
import type { StepContext } from './step-context.js';
import { createTrace, type Trace } from './trace.js';

/** One subject to be judged. */
export interface StoryInput {
  readonly core: EngineCore;
  readonly member: Member;
  readonly subject: Subject;
  readonly options: CheckOptions;
  readonly ask: StepContext['ask'];
  readonly received?: Received | undefined;
}

/** Bytes that were judged while they arrived: by which patterns, and what they turned out to be. */
export interface Received {
  readonly view: PatternView;
  readonly examine: (signal: AbortSignal) => Promise<Examined>;
}

/** How far the story came. */
export interface Story {
  readonly subject: Subject;
  readonly facts: Facts;
  readonly view: PatternView;
  readonly trace: Trace;
}

/** @throws VedetteError `aborted`, `closed`. Everything else that happens is in the facts. */
export async function tellStory(input: StoryInput): Promise<Story> {
  const { core, options } = input;
  throwIfAborted(core.closing);
  throwIfAborted(input.member.closing);
  throwIfAborted(options.signal);
  const reading = new AbortController();
  const asking = new AbortController();
  const trace = createTrace(options.trace === true, core.rooms.clock);
  const telling: Telling = { input, parts: { reading: reading.signal, asking: asking.signal, trace }, so: undefined, over: false };

  const told = tell(telling);
  const limits = new AbortController();
  try {
    const ended = await Promise.race([told.then(() => 'told' as const), endOfPatience(input, limits.signal)]);
    telling.over = true;
    const { facts, view } = telling.so ?? beginning(telling);
    if (ended === 'deadline') {
      reading.abort();
    }
    return { subject: input.subject, facts: ended === 'deadline' ? atDeadline(facts) : facts, view, trace };
  } catch (error) {
    telling.over = true;
    reading.abort(options.signal?.reason);
    asking.abort(options.signal?.reason);
    throw error;
  } finally {
    limits.abort();
    // A question that goes on after a deadline may still fail; nobody waits for it any more.
    core.rooms.background(told.catch(() => undefined));
  }
}

/** One story while it is told. */
interface Telling {
  readonly input: StoryInput;
  readonly parts: Pick<StepContext, 'reading' | 'asking' | 'trace'>;
  /** How far it came, and by which patterns. Once the result is given, what comes later must not change it. */
  so: Pick<Story, 'facts' | 'view'> | undefined;
  over: boolean;
}

/** How often a story is begun anew at most because a newer server generation became known in the middle of it. */
const mostRetellings = 2;

/**
 * From the first step to the last. Where a newer server generation became known on the way, what was taken for "not
 * listed" by an older one is no longer worth anything (DESIGN §1 b, d): the story is told once more from its beginning.
 */
async function tell(telling: Telling): Promise<void> {
  await telling.input.core.settledReady();
  let { facts, context } = await walk(telling, 'first');
  for (let again = 0; !telling.over && isOutdated(facts, context); again++) {
    // Until the next telling has come to its end, this is all that is known.
    telling.so = { facts: { ...facts, doubts: [...facts.doubts, 'server-behind'] }, view: context.view };
    if (again === mostRetellings) {
      return;
    }
    ({ facts, context } = await walk(telling, 'again'));
    if (!telling.over) {
      telling.so = { facts, view: context.view };
    }
  }
}

/** Takes step after step by one view of the patterns. */
async function walk(telling: Telling, which: 'first' | 'again'): Promise<{ readonly facts: Facts; readonly context: StepContext }> {
  const { input, parts } = telling;
  // Bytes that were judged as they came were judged by older patterns: this time they are read.
  const context = contextFor(which === 'first' ? input : { ...input, received: undefined }, parts);
  let facts = firstFacts(input);
  for (let step = nextStep(facts); step !== 'conclude' && !telling.over; step = nextStep(facts)) {
    facts = await takeStepGuarded(step, facts, context);
    if (which === 'first' && !telling.over) {
      telling.so = { facts, view: context.view };
    }
  }
  return { facts, context };
}

function beginning({ input, parts }: Telling): Pick<Story, 'facts' | 'view'> {
  return { facts: firstFacts(input), view: contextFor(input, parts).view };
}

function firstFacts({ subject, options }: StoryInput): Facts {
  return initialFacts({ kind: subject.kind, layers: options.layers ?? 'all', allMatches: options.allMatches === true });
}

function contextFor(
  input: StoryInput,
  parts: Pick<StepContext, 'reading' | 'asking' | 'trace'>,
): StepContext {
  const { core, member, subject, ask, received } = input;
  const view = received?.view ?? core.patterns.view(core.newestGeneration());
  const base = { core, member, view, subject, ask, fallbacks: new Map(), ...parts };
  return received === undefined ? base : { ...base, received: received.examine };
}

/** A part of the host that throws costs the check its certainty, never its end. */
async function takeStepGuarded(step: StepName, facts: Facts, context: StepContext): Promise<Facts> {
  try {
    return await takeStep(step, facts, context);
  } catch (error) {
    return afterFault(step, error, { facts, context });
  }
}

function takeStep(step: StepName, facts: Facts, context: StepContext): Facts | Promise<Facts> {
  switch (step) {
    case 'examine':
      return examineStep(facts, context);
    case 'lists':
      return listsStep(facts, context);
    case 'scan':
      return scanStep(facts, context);
    case 'filter':
      return filterStep(facts, context);
    case 'cache':
      return cacheStep(facts, context);
    case 'query':
      return queryStep(facts, context);
  }
}

/** Resolves at the deadline, rejects on the caller's abort and on close. */
function endOfPatience(input: StoryInput, over: AbortSignal): Promise<'deadline'> {
  const { core, options } = input;
  return new Promise((resolve, reject) => {
    const { signal, deadlineMs } = options;
    for (const ending of [signal, core.closing, input.member.closing]) {
      over.addEventListener('abort', core.fanOut.follow(ending, () => reject(abortedError(ending))), { once: true });
    }
    if (deadlineMs !== undefined) {
      core.rooms.clock.sleep(deadlineMs, over).then(
        () => resolve('deadline'),
        () => undefined,
      );
    }
  });
}

/** What is known at the deadline stands; the rest is unknown because of it. */
function atDeadline(facts: Facts): Facts {
  if (facts.examined === undefined) {
    const examined: Examined = { kind: 'failed', reason: 'deadline', detail: 'the deadline came before the bytes were read' };
    return { ...facts, examined };
  }
  return { ...facts, doubts: [...facts.doubts, 'deadline'] };
}

/** The part of a subject that goes into results and records. */
export function resultSubject(subject: Subject): ReturnType<typeof subjectInfo> & {
  readonly kind: Subject['kind'];
  readonly url?: string;
} {
  return { ...subjectInfo(subject), kind: subject.kind, ...(subject.kind === 'url' ? { url: subject.url } : {}) };
}
