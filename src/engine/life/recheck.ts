/**
 * One flagged entry, checked anew from step 0 (DESIGN rule 3): every item that comes to an end is settled at once,
 * with intent before and outcome after its remedy, whatever becomes of the other items.
 */
import type { ActionOutcome, CheckResult } from '../../base/check-result.js';
import type { Json } from '../../base/seams.js';
import type { Reason } from '../../base/verdict.js';
import type { PendingEntry, PendingItem } from '../../pending/pending-queue.js';
import { applyRemedy } from '../check/conclude.js';
import { conclusionOf, judgeItem, type RecheckInput } from './judge-item.js';

/** What became of an entry: its results, and why it stays if it does. */
export type Rechecked =
  | { readonly kind: 'settled'; readonly results: readonly CheckResult[] }
  | { readonly kind: 'stays'; readonly reason: Reason | 'failed'; readonly results: readonly CheckResult[] };

/** Checks every open item of the entry. Items that come to an end are settled at once, whatever becomes of the rest. */
export async function recheck(entry: PendingEntry, input: RecheckInput): Promise<Rechecked> {
  const results: CheckResult[] = [];
  let stays: Reason | undefined;
  for (const item of entry.items) {
    if (item.outcome !== undefined) {
      continue;
    }
    const judged = await judgeItem(entry, item, input);
    if (judged.kind === 'open') {
      stays ??= judged.reason;
      continue;
    }
    for (const result of judged.results) {
      results.push(await settleItem(entry, item, { result, last: result === judged.results.at(-1) }, input));
    }
  }
  return stays === undefined ? { kind: 'settled', results } : { kind: 'stays', reason: stays, results };
}

/** Intent before, outcome after: an interrupted remedy is applied again only where that is harmless. */
async function settleItem(
  entry: PendingEntry,
  item: PendingItem,
  judgement: { readonly result: CheckResult; readonly last: boolean },
  input: RecheckInput,
): Promise<CheckResult> {
  const { queue } = input;
  const { result } = judgement;
  const outcome = await treat(entry, item, result, input);
  const final: CheckResult = outcome === undefined ? result : { ...result, outcome };
  if (judgement.last) {
    input.core.settlements.record(entry.id, final);
    await queue.settle(entry.id, item.id, outcomeRecord(final));
    input.core.settlements.announce(entry.id);
    input.core.stats.add('pendingSettled');
    input.core.events.emit({ kind: 'pending', change: 'settled', id: entry.id });
  }
  return final;
}

async function treat(
  entry: PendingEntry,
  item: PendingItem,
  result: CheckResult,
  input: RecheckInput,
): Promise<ActionOutcome | undefined> {
  const { actions } = input.member;
  const bad = result.verdict.disposition === 'malicious' || result.verdict.disposition === 'suspicious';
  if (actions === undefined || input.options.apply === false || (result.decision.remedy === 'none' && !bad)) {
    return undefined;
  }
  // The key names this content at this place: two results of one item (old and new bytes) are two applications.
  const key = `${item.id}:${result.sha256 ?? ''}`;
  if (item.intent !== undefined && !actions.idempotent && intentKey(item.intent) === key) {
    return { kind: 'uncertain', detail: 'the remedy was begun before a restart and its outcome is not known' };
  }
  await input.queue.intend(entry.id, item.id, { key, remedy: result.decision.remedy });
  return applyRemedy(result, key, conclusionOf(input));
}

function intentKey(intent: Json): unknown {
  return typeof intent === 'object' && intent !== null && 'key' in intent ? intent['key'] : undefined;
}

function outcomeRecord(result: CheckResult): Json {
  return {
    disposition: result.verdict.disposition,
    threats: result.verdict.threats.map((threat) => threat.name),
    ...(result.verdict.reason === undefined ? {} : { reason: result.verdict.reason }),
    remedy: result.decision.remedy,
    ...(result.outcome === undefined ? {} : { outcome: result.outcome.kind }),
  };
}
