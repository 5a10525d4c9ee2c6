/**
 * The audit of temporary allows: on record before the answer of a check is given, and again when its entry is settled.
 * A log that fails is a `fault` event; where the host requires a record, what could not be put on it is not let through
 * as if it were.
 */
import type { CheckResult } from '../../base/check-result.js';
import { subjectInfo } from '../../base/subject.js';
import type { SubjectInfo } from '../../base/subject.js';
import type { AuditResolution } from '../../audit/audit-log.js';
import type { EngineCore, Member } from '../family/core.js';

/** Names of threats on a record at most, and characters of each. */
const maxNames = 32;
const maxNameChars = 256;

/** Puts a temporary allow on record. False only where a record is required and could not be made. */
export async function recordAllow(result: CheckResult, { core, member }: { readonly core: EngineCore; readonly member: Member }): Promise<boolean> {
  const { audit, clock } = core.rooms;
  const { pending, decision, verdict, subject } = result;
  const { access } = decision;
  if (audit === undefined || pending.kind !== 'queued' || (access !== 'allow' && access !== 'warn')) {
    return true;
  }
  try {
    await audit.allowed({
      pendingId: pending.id,
      at: clock.now(),
      owner: member.name,
      kind: subject.kind,
      subject: subjectInfo(subject),
      ...(subject.url === undefined ? {} : { url: subject.url }),
      ...(result.sha256 === undefined ? {} : { sha256: result.sha256 }),
      reason: verdict.reason ?? 'internal',
      access,
      policy: member.policyName(),
    });
    await endIfSettled(pending.id, subject, core);
    return true;
  } catch (error) {
    core.events.emit({ kind: 'fault', where: 'audit', error });
    return !core.settings().auditRequired;
  }
}

/**
 * Puts the end of an item of the queue on record. Called before the item is settled: a process that dies in between
 * settles it, and says so, once more.
 */
export async function recordEnd(
  pendingId: string,
  subject: SubjectInfo,
  by: { readonly core: EngineCore; readonly result: CheckResult | undefined },
): Promise<void> {
  const { audit, clock } = by.core.rooms;
  try {
    await audit?.resolved(resolutionOf({ pendingId, subject, at: clock.now() }, by.result));
  } catch (error) {
    by.core.events.emit({ kind: 'fault', where: 'audit', error });
  }
}

/**
 * Ends the records of entries that are no longer there: of a queue that was lost or emptied by other hands, nobody
 * will say how they ended.
 */
export async function endLostRecords(core: EngineCore, signal: AbortSignal): Promise<void> {
  const { audit } = core.rooms;
  if (audit === undefined) {
    return;
  }
  const queue = await core.queue();
  const lost: { readonly pendingId: string; readonly subject: SubjectInfo }[] = [];
  for await (const { pendingId, subject } of audit.read({ open: true })) {
    if (signal.aborted) {
      return;
    }
    if ((await queue.find(pendingId)) === undefined) {
      lost.push({ pendingId, subject });
    }
  }
  for (const { pendingId, subject } of lost) {
    await recordEnd(pendingId, subject, { core, result: core.settlements.get(pendingId) });
  }
}

/** A drain may have been quicker than the record. */
async function endIfSettled(pendingId: string, subject: SubjectInfo, core: EngineCore): Promise<void> {
  const result = core.settlements.get(pendingId);
  if (result !== undefined && (await (await core.queue()).find(pendingId)) === undefined) {
    await recordEnd(pendingId, subject, { core, result });
  }
}

function resolutionOf(of: Pick<AuditResolution, 'pendingId' | 'subject' | 'at'>, result: CheckResult | undefined): AuditResolution {
  const base = { ...of, subject: subjectInfo(of.subject) };
  if (result === undefined) {
    return { ...base, disposition: 'unknown', reason: 'internal', threats: [], access: 'allow', remedy: 'none' };
  }
  const { verdict, decision, outcome } = result;
  return {
    ...base,
    disposition: verdict.disposition,
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    threats: verdict.threats.slice(0, maxNames).map((threat) => threat.name.slice(0, maxNameChars)),
    access: decision.access,
    remedy: outcome?.remedy ?? decision.remedy,
    ...(outcome === undefined ? {} : { outcome: outcome.kind }),
  };
}
