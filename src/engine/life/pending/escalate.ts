/**
 * What has been waiting for longer than the host allows: it is told of once, by an event, and where policy now decides
 * otherwise by the `ActionHandler` as well. The entry stays flagged: nobody has verified it (DESIGN rule 3).
 */
import type { CheckResult } from '../../../base/check-result.js';
import { describeError } from '../../../base/errors.js';
import { urlSubject, type Subject } from '../../../base/subject.js';
import type { PendingEntry, PendingItem, PendingQueue } from '../../../pending/pending-queue.js';
import { decideOn, type Conclusion } from '../../check/conclude.js';
import { carryOut, type AroundRemedy } from '../../check/remedies.js';
import type { EngineCore, Member } from '../../family/core.js';
import { initialFacts } from '../../story/facts.js';
import { createTrace } from '../../story/trace.js';
import { unknown } from '../../story/verdicts.js';
import { inTime } from '../in-time.js';
import { keepClaimed } from './under-way.js';

const claimAtOnce = 64;
/** In one run of the background work, of one member. */
const mostAtOnce = 1024;
const leaseMs = 600_000;
const slowMs = 20_000;

/** Escalates what is overdue by now, the oldest first. True when there may be more. */
export async function escalateOverdue(core: EngineCore, member: Member, signal: AbortSignal): Promise<boolean> {
  const queue = await core.queue();
  const overdueBefore = core.rooms.clock.now() - core.settings().pending.deadlineMs;
  for (let count = 0; count < mostAtOnce && !signal.aborted; ) {
    const overdue = await queue.claim(member.name, { limit: claimAtOnce, leaseMs, include: 'dead', overdueBefore });
    if (overdue.length === 0) {
      return false;
    }
    count += overdue.length;
    const work = Promise.all(overdue.map((entry) => escalate(entry, { queue, core, member })));
    if ((await inTime(work, slowMs, core.rooms.clock)).kind === 'late') {
      // A handler that does not come back keeps nobody from the rest of the queue: it goes on by itself, once.
      core.rooms.background(keepClaimed(overdue, work, { core, queue, leaseMs }));
      return false;
    }
  }
  return true;
}

interface Escalation {
  readonly queue: PendingQueue;
  readonly core: EngineCore;
  readonly member: Member;
}

/** On record before or after the host is told, as its handler bears it: at most once, or at least once. */
async function escalate(entry: PendingEntry, { queue, core, member }: Escalation): Promise<void> {
  const { notBeforeAt, dead } = entry;
  const back = { notBeforeAt, dead, ...(entry.claim === undefined ? {} : { claim: entry.claim }) };
  let told = member.actions?.idempotent !== true;
  try {
    if (told) {
      await queue.release(entry.id, { ...back, escalated: true });
    }
    await tellHandler(entry, { queue, core, member });
    told = true;
  } catch (error) {
    core.events.emit({ kind: 'fault', where: `escalation of ${entry.id}: ${describeError(error)}`, error });
  }
  if (member.actions?.idempotent === true) {
    await queue.release(entry.id, { ...back, escalated: told });
  }
  if (told) {
    core.stats.add('pendingEscalated');
    core.events.emit({ kind: 'pending', change: 'escalated', id: entry.id });
  }
}

/** Only where it makes a difference: a handler that is told of everything that waits would not know what to do about it. */
async function tellHandler(entry: PendingEntry, by: Escalation): Promise<void> {
  for (const item of entry.items) {
    const now = overdueResult(entry, item, { ...by, overdue: true });
    const before = overdueResult(entry, item, { ...by, overdue: false });
    if (item.outcome === undefined && now.decision.access !== before.decision.access) {
      await carryOut(now, `${item.id}:overdue`, { ...conclusionOf(by, true), around: orAgain });
    }
  }
}

const orAgain: AroundRemedy = {
  failed(_, error) {
    throw error;
  },
};

function overdueResult(entry: PendingEntry, item: PendingItem, by: Escalation & { readonly overdue: boolean }): CheckResult {
  const { core, queue } = by;
  const view = core.patterns.view(core.newestGeneration());
  const subject = subjectOf(entry, item);
  const facts = initialFacts({ kind: entry.kind, layers: 'all', allMatches: false });
  const story = { subject, facts, view, trace: createTrace(false, core.rooms.clock) };
  const pending = { kind: 'queued', id: entry.id, durability: queue.durability } as const;
  return decideOn(story, { verdict: unknown(entry.reason, view.generations), pending }, conclusionOf(by, by.overdue));
}

function subjectOf(entry: PendingEntry, item: PendingItem): Subject {
  return entry.kind === 'url'
    ? urlSubject(entry.url ?? '', item.subject)
    : { ...item.subject, kind: 'file', open: () => Promise.reject(new Error('what is overdue is not opened')) };
}

function conclusionOf({ core, member }: Escalation, overdue: boolean): Conclusion {
  return { core, member, options: {}, occasion: 'late', overdue };
}
