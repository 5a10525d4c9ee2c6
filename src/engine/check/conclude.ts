/** Steps 5 and 6: what cannot be verified is flagged, policy decides, and the remedy is carried out. */
import type { CheckResult, Occasion, Pending } from '../../base/check-result.js';
import { throwIfAborted } from '../../base/errors.js';
import { bareFingerprint } from '../../base/fingerprint.js';
import type { Fingerprint } from '../../base/fingerprint.js';
import { toHex } from '../../base/bytes.js';
import { isPendingReason, type Decision, type Verdict } from '../../base/verdict.js';
import { subjectInfo } from '../../base/subject.js';
import type { PolicyFacts } from '../../action/policy.js';
import type { NewPending } from '../../pending/pending-queue.js';
import type { CheckOptions } from '../checker.js';
import type { EngineCore, Member } from '../family/core.js';
import { resultSubject, type Story } from '../story/story.js';
import { verdictOf } from '../story/verdicts.js';
import { isOverdue } from './overdue.js';
import { recordAllow } from '../life/on-record.js';
import { noteForRetro } from '../life/retro/note.js';
import { carryOut, reportedOnly } from './remedies.js';

/** Who concludes, and how. */
export interface Conclusion {
  readonly core: EngineCore;
  readonly member: Member;
  readonly options: CheckOptions;
  readonly occasion: Occasion;
  /** It waits to be verified for longer than the host allows. */
  readonly overdue?: boolean | undefined;
}

/** From the end of the story to the result of a check of now. */
export async function conclude(story: Story, how: Conclusion): Promise<CheckResult> {
  const verdict = verdictOf(story.facts, story.view.generations);
  const pending = await flag(story, verdict, how);
  const final: Verdict = pending.kind === 'refused' ? { ...verdict, reason: 'pending-full' } : verdict;
  const overdue = await isOverdue(pending, how.core);
  const result = await onRecord(story, { verdict: final, pending }, { ...how, overdue });
  noteForRetro(result, { ...how, story });
  if (result.decision.remedy === 'none' || how.options.apply === false) {
    return result;
  }
  return carryOut(result, result.id, { ...how, around: reportedOnly(how) });
}

/** What cannot be put on record although it must is no longer known to be in order: policy decides on `internal`. */
async function onRecord(
  story: Story,
  found: { readonly verdict: Verdict; readonly pending: Pending },
  how: Conclusion,
): Promise<CheckResult> {
  const result = decideOn(story, found, how);
  return (await recordAllow(result, how)) ? result : decideOn(story, { ...found, verdict: { ...found.verdict, reason: 'internal' } }, how);
}

/** The result without any remedy carried out. */
export function decideOn(
  story: Story,
  found: { readonly verdict: Verdict; readonly pending: Pending },
  how: Conclusion,
): CheckResult {
  const { core } = how;
  const { examined } = story.facts;
  const subject = resultSubject(story.subject);
  const decision = decideBy({ ...found, subject, occasion: how.occasion }, how);
  return {
    id: core.rooms.newId(),
    subject,
    ...(examined === undefined || examined.kind === 'failed' ? {} : identityOf(examined)),
    verdict: found.verdict,
    decision,
    occasion: how.occasion,
    pending: found.pending,
    members: [],
    trace: story.trace.steps,
  };
}

function identityOf(
  examined: Exclude<NonNullable<Story['facts']['examined']>, { kind: 'failed' }>,
): Pick<CheckResult, 'sha256' | 'size' | 'canonical'> {
  if (examined.kind === 'url') {
    const exact = examined.fingerprints[0];
    return { canonical: examined.canonical, ...(exact === undefined ? {} : { sha256: toHex(exact.hash) }) };
  }
  return { sha256: toHex(examined.sha256), ...(examined.size === undefined ? {} : { size: examined.size }) };
}

/** The decision of policy on a result, by the state of the engine. */
export function decideBy(facts: Pick<CheckResult, 'verdict' | 'subject' | 'occasion' | 'pending'>, how: Conclusion): Decision {
  const { core } = how;
  const overdue = how.overdue === true ? { overdue: true } : {};
  return decideFrom({ ...facts, location: core.location(), localServersOnly: core.servers().localOnly, ...overdue }, how);
}

/** A policy of the host that throws must not open the door. */
export function decideFrom(facts: PolicyFacts, { core, member }: Pick<Conclusion, 'core' | 'member'>): Decision {
  try {
    return asDecision(member.policy(facts));
  } catch (error) {
    core.events.emit({ kind: 'fault', where: 'policy', error });
    return { access: 'block', remedy: 'none' };
  }
}

const accesses: readonly unknown[] = ['allow', 'warn', 'hold', 'block'];
const remedies: readonly unknown[] = ['none', 'quarantine', 'delete', 'rename'];

/** @throws TypeError for what a policy of the host hands over instead of a decision (a promise of one, say). */
function asDecision(given: Decision | undefined): Decision {
  if (!accesses.includes(given?.access) || !remedies.includes(given?.remedy) || !remedies.includes(given?.second ?? 'none')) {
    throw new TypeError('policy: expected a decision with an access and a remedy');
  }
  return given as Decision;
}

/** Flags durably what a server may settle later. A queue that fails refuses: nothing is let through as if flagged. */
async function flag(story: Story, verdict: Verdict, how: Conclusion): Promise<Pending> {
  const { core, options } = how;
  const wanted = options.pending !== false && (options.layers ?? 'all') !== 'local';
  if (!wanted || verdict.disposition !== 'unknown' || verdict.reason === undefined || !isPendingReason(verdict.reason)) {
    return { kind: 'none' };
  }
  const entry = pendingFrom(story, verdict.reason, how.member.name);
  if (entry === undefined) {
    return { kind: 'none' };
  }
  throwIfAborted(options.signal);
  try {
    const queue = await core.queue();
    const [pending] = await queue.enqueue([entry]);
    const kind = pending?.kind ?? 'refused';
    core.stats.add(kind === 'queued' ? 'pendingQueued' : 'pendingRefused');
    core.events.emit({ kind: 'pending', change: kind, ...(pending?.kind === 'queued' ? { id: pending.id } : {}) });
    core.wake();
    return pending ?? { kind: 'refused', code: 'pending-full' };
  } catch (error) {
    core.events.emit({ kind: 'fault', where: 'queue', error });
    core.stats.add('pendingRefused');
    return { kind: 'refused', code: 'pending-full' };
  }
}

/** Undefined when there is neither a fingerprint to ask about nor a place to look at again. */
export function pendingFrom(story: Story, reason: NewPending['reason'], owner: string): NewPending | undefined {
  const { subject, facts, view } = story;
  const { examined } = facts;
  const fingerprints: readonly Fingerprint[] =
    examined === undefined || examined.kind === 'failed' ? [] : examined.fingerprints.map(bareFingerprint);
  const first = fingerprints[0];
  if (first === undefined && subject.locator === undefined) {
    return undefined;
  }
  const scannedBy = facts.did.includes('scan') && facts.doubts.every(isPendingReason) ? view.local?.generation : undefined;
  return {
    owner,
    kind: subject.kind,
    key: first === undefined ? `${subject.locator?.scheme ?? ''}:${subject.locator?.ref ?? ''}` : toHex(first.hash),
    ...(subject.kind === 'url' ? { url: subject.url } : {}),
    fingerprints,
    reason,
    subject: subjectInfo(subject),
    ...(scannedBy === undefined || view.localState === 'expired' ? {} : { scannedBy }),
  };
}
