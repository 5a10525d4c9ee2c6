/** The checks of one engine: one subject, many at once with one batch of questions, or a stream of them. */
import type { CheckResult } from '../../base/check-result.js';
import { assertInteger } from '../../base/assert.js';
import { abortedError, describeError, throwIfAborted } from '../../base/errors.js';
import type { Subject } from '../../base/subject.js';
import type { CheckOptions } from '../checker.js';
import type { EngineCore, Member } from '../family/core.js';
import { conclude } from './conclude.js';
import { createLine } from './line.js';
import { createRendezvous } from './rendezvous.js';
import type { StepContext } from '../story/step-context.js';
import { tellStory, type Received } from '../story/story.js';

/** Who checks. */
export interface CheckBy {
  readonly core: EngineCore;
  readonly member: Member;
}

/** One subject from its opening to the decision. */
export async function checkOne(
  by: CheckBy,
  subject: Subject,
  how: { readonly options: CheckOptions; readonly ask?: StepContext['ask']; readonly received?: Received },
): Promise<CheckResult> {
  const { core, member } = by;
  const { options } = how;
  const startedAt = core.rooms.clock.monotonicMs();
  const ask = how.ask ?? askOf(core);
  const story = await tellStory({ core, member, subject, options, ask, received: how.received });
  const result = await conclude(story, { core, member, options, occasion: 'now' });
  report(core, result, core.rooms.clock.monotonicMs() - startedAt);
  return result;
}

/** All subjects, in order, with one batch of questions. */
export async function checkMany(by: CheckBy, subjects: readonly Subject[], options: CheckOptions): Promise<CheckResult[]> {
  const meeting = createRendezvous(subjects.length, askOf(by.core));
  return Promise.all(
    subjects.map(async (subject) => {
      const member = Symbol('member');
      try {
        return await checkOne(by, subject, { options, ask: meeting.seat(member) });
      } finally {
        meeting.leave(member);
      }
    }),
  );
}

/**
 * A stream of subjects, `concurrency` of them at a time. What is done is yielded while the source still makes up its
 * mind; when the consumer goes away, what is still being checked for him is given up.
 */
export async function* checkAll(
  by: CheckBy,
  subjects: Iterable<Subject> | AsyncIterable<Subject>,
  options: CheckOptions & { readonly concurrency?: number | undefined; readonly ordered?: boolean | undefined },
): AsyncGenerator<CheckResult> {
  const most = options.concurrency ?? 16;
  assertInteger('concurrency', most, { min: 1 });
  const ask = askOf(by.core);
  const source = Symbol.asyncIterator in subjects ? subjects[Symbol.asyncIterator]() : subjects[Symbol.iterator]();
  const over = new AbortController();
  const leaving = [options.signal, by.core.closing].map((ending) => by.core.fanOut.follow(ending, () => over.abort(abortedError(ending))));
  const line = createLine(options.ordered === true);
  by.core.fanOut.follow(over.signal, () => line.ring());
  const from: { state: 'idle' | 'pulling' | 'ended' } = { state: 'idle' };

  const begin = (subject: Subject): void => line.add(checkOne(by, subject, { options: { ...options, signal: over.signal }, ask }));
  const pull = async (): Promise<void> => {
    from.state = 'pulling';
    try {
      const next = await source.next();
      from.state = next.done === true ? 'ended' : 'idle';
      if (next.done !== true && !over.signal.aborted) {
        begin(next.value);
      }
    } catch (error) {
      from.state = 'ended';
      line.add(Promise.reject(error instanceof Error ? error : new Error(describeError(error))));
    }
    line.ring();
  };
  try {
    for (;;) {
      throwIfAborted(over.signal);
      for (let done = line.take(); done !== undefined; done = line.take()) {
        yield await done;
        throwIfAborted(over.signal);
      }
      if (from.state === 'ended' && line.size() === 0) {
        return;
      }
      if (from.state === 'idle' && line.size() < most) {
        void pull();
      }
      await line.rung();
    }
  } finally {
    leaving.forEach((leave) => leave());
    over.abort();
    // A source that is still busy with its next subject is not waited for.
    const returned = Promise.resolve(from.state === 'ended' ? undefined : source.return?.()).catch(() => undefined);
    await (from.state === 'pulling' ? undefined : returned);
  }
}

/** The client's `ask`; with `coalesce: 'call'` no question is shared with another call. */
export function askOf(core: EngineCore): StepContext['ask'] {
  const group = core.settings().query.coalesce === 'call' ? { group: Symbol('call') } : {};
  return async (fingerprints, options) => {
    core.stats.add('questions');
    return core.query().ask(fingerprints, { ...options, ...group });
  };
}

function report(core: EngineCore, result: CheckResult, tookMs: number): void {
  const { id, verdict, decision } = result;
  core.stats.add('checks');
  core.stats.add(verdict.disposition);
  core.events.emit({ kind: 'checked', id, verdict, decision, tookMs });
}
