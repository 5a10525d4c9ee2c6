/**
 * From a finding to what follows: policy decides for the occasion `retro`, the handler is told with a key that is never
 * used again, intent before and outcome after (DESIGN rule 3). What was begun before a restart is begun again only
 * where that is harmless.
 */
import type { CheckResult } from '../../../base/check-result.js';
import type { Json } from '../../../base/seams.js';
import type { RetroFinding, RetroLog } from '../../../retro/retro-log.js';
import { decideBy, type Conclusion } from '../../check/conclude.js';
import { carryOut, secondKey, type AroundRemedy, type RemedyAttempt } from '../../check/remedies.js';
import type { EngineCore, Member } from '../../family/core.js';

/** Who treats a finding. */
export interface TreatedBy {
  readonly core: EngineCore;
  readonly log: RetroLog;
  readonly member: Member;
}

/**
 * Carries out what policy says, and settles the finding. The result is the late one of the host.
 * @throws what the handler threw last: the finding then stays open, to be treated again.
 */
export async function treatFinding(finding: RetroFinding, by: TreatedBy): Promise<CheckResult> {
  const { core, log, member } = by;
  const how: Conclusion = { core, member, options: {}, occasion: 'retro' };
  const found = resultOf(finding, how);
  const result = await carryOut(found, finding.id, { ...how, around: journalled(finding, by) });
  await log.settle(finding.id, outcomeOf(result));
  return result;
}

function resultOf(finding: RetroFinding, how: Conclusion): CheckResult {
  const { kind, url, key, size, verdict } = finding;
  const subject = { ...finding.subject, kind, ...(url === undefined ? {} : { url }) };
  const pending = { kind: 'none' } as const;
  return {
    id: how.core.rooms.newId(),
    subject,
    sha256: key,
    ...(size === undefined ? {} : { size }),
    verdict,
    decision: decideBy({ verdict, subject, occasion: how.occasion, pending }, how),
    occasion: how.occasion,
    pending,
    members: [],
    trace: [],
  };
}

function journalled(finding: RetroFinding, { core, log, member }: TreatedBy): AroundRemedy {
  const begun = begunBefore(finding.intent);
  const intentOf = ({ key, remedy }: RemedyAttempt): { readonly [name: string]: Json } => ({ key, remedy });
  return {
    async begin(attempt) {
      const wasBegun = begun === attempt.key || begun === secondKey(attempt.key);
      if (wasBegun && member.actions?.idempotent !== true) {
        return { kind: 'uncertain', detail: 'the remedy was begun before a restart and its outcome is not known' };
      }
      await log.intend(finding.id, intentOf(attempt));
      return undefined;
    },
    async failed(attempt, error) {
      if (!core.closing.aborted) {
        // It was not carried out, so the next attempt may: nothing may then look as if it had been.
        await log.intend(finding.id, { ...intentOf(attempt), failed: true });
      }
      throw error;
    },
  };
}

/** The key of the remedy that was begun last and may have been carried out. */
function begunBefore(intent: Json | undefined): string | undefined {
  if (typeof intent !== 'object' || intent === null || Array.isArray(intent) || 'failed' in intent || !('key' in intent)) {
    return undefined;
  }
  return typeof intent.key === 'string' ? intent.key : undefined;
}

function outcomeOf({ verdict, decision, outcome }: CheckResult): Json {
  return {
    disposition: verdict.disposition,
    access: decision.access,
    remedy: outcome?.remedy ?? decision.remedy,
    ...(outcome === undefined ? {} : { outcome: outcome.kind, ...(outcome.detail === undefined ? {} : { detail: outcome.detail.slice(0, 1000) }) }),
  };
}
