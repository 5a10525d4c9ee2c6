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
  readonly received?: Examined | undefined;
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
  await core.settledReady();
  throwIfAborted(options.signal);
  const reading = new AbortController();
  const asking = new AbortController();
  const trace = createTrace(options.trace === true, core.rooms.clock);
  const context = contextFor(input, { reading: reading.signal, asking: asking.signal, trace });
  const kind = input.subject.kind;
  let facts = initialFacts({ kind, layers: options.layers ?? 'all', allMatches: options.allMatches === true });
  let over = false;

  const told = (async (): Promise<void> => {
    for (let step = nextStep(facts); step !== 'conclude' && !over; step = nextStep(facts)) {
      const after = await takeStep(step, facts, context);
      // Once the result is given, what comes later must not change it; the answers are in the cache by now.
      facts = over ? facts : after;
    }
  })();
  const limits = new AbortController();
  try {
    const ended = await Promise.race([told.then(() => 'told' as const), endOfPatience(input, limits.signal)]);
    over = true;
    if (ended === 'deadline') {
      reading.abort();
      facts = atDeadline(facts);
    }
    return { subject: input.subject, facts, view: context.view, trace };
  } catch (error) {
    over = true;
    reading.abort(options.signal?.reason);
    asking.abort(options.signal?.reason);
    throw error;
  } finally {
    limits.abort();
    // A question that goes on after a deadline may still fail; nobody waits for it any more.
    core.rooms.background(told.catch(() => undefined));
  }
}

function contextFor(
  input: StoryInput,
  parts: Pick<StepContext, 'reading' | 'asking' | 'trace'>,
): StepContext {
  const { core, member, subject, ask, received } = input;
  const view = core.patterns.view(core.newestGeneration());
  const base = { core, member, view, subject, ask, fallbacks: new Map(), ...parts };
  return received === undefined ? base : { ...base, received };
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
    signal?.addEventListener('abort', () => reject(abortedError(signal)), { once: true, signal: over });
    core.closing.addEventListener('abort', () => reject(core.closing.reason as Error), { once: true, signal: over });
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
