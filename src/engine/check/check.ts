/** The checks of one engine: one subject, or many at once with one batch of questions. A stream of them: `check-all.ts`. */
import type { CheckResult } from '../../base/check-result.js';
import type { Subject } from '../../base/subject.js';
import type { CheckOptions } from '../checker.js';
import type { EngineCore, Member } from '../family/core.js';
import type { Breathe } from './breath.js';
import { conclude } from './conclude.js';
import { createRendezvous } from './rendezvous.js';
import { markSighting } from './sighting.js';
import type { StepContext } from '../story/step-context.js';
import { tellStory, type Received } from '../story/story.js';

/** Who checks. */
export interface CheckBy {
  readonly core: EngineCore;
  readonly member: Member;
  /** Lets the event loop turn now and then. */
  readonly breathe?: Breathe | undefined;
}

/** One subject from its opening to the decision. */
export async function checkOne(
  by: CheckBy,
  subject: Subject,
  how: { readonly options: CheckOptions; readonly ask?: StepContext['ask']; readonly received?: Received | undefined },
): Promise<CheckResult> {
  const { core, member } = by;
  const { options } = how;
  const turn = by.breathe?.();
  if (turn !== undefined) {
    await turn;
  }
  const startedAt = core.rooms.clock.monotonicMs();
  const ask = how.ask ?? askOf(core);
  const story = await tellStory({ core, member, subject, options, ask, received: how.received });
  const result = await conclude(story, { core, member, options, occasion: 'now' });
  markSighting(story, result, by);
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
