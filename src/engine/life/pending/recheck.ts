/**
 * One flagged entry, checked anew from step 0 (DESIGN rule 3): every item that comes to an end is settled at once,
 * with intent before and outcome after its remedy, whatever becomes of the other items.
 */
import type { CheckResult } from '../../../base/check-result.js';
import { describeError, throwIfAborted, VedetteError } from '../../../base/errors.js';
import type { Json } from '../../../base/seams.js';
import type { Reason } from '../../../base/verdict.js';
import type { PendingEntry, PendingItem } from '../../../pending/pending-queue.js';
import { carryOut, secondKey, type AroundRemedy, type RemedyAttempt } from '../../check/remedies.js';
import { recordEnd } from '../on-record.js';
import { noteForRetro } from '../retro/note.js';
import { conclusionOf, judgeItem, type RecheckInput } from './judge-item.js';
import { treatAlone, underWay } from './under-way.js';

/** What became of an entry: its results, and why it stays if it does. `further`: at a place that was flagged meanwhile. */
export type Rechecked =
  | { readonly kind: 'settled' | 'further'; readonly results: readonly CheckResult[] }
  | { readonly kind: 'stays'; readonly reason: Reason | 'failed'; readonly results: readonly CheckResult[] }
  /** A remedy takes long: the entry stays claimed, and what becomes of it is heard of later. */
  | { readonly kind: 'goes-on'; readonly results: readonly CheckResult[] };

/** Checks every open item of the entry. Items that come to an end are settled at once, whatever becomes of the rest. */
export async function recheck(entry: PendingEntry, input: RecheckInput): Promise<Rechecked> {
  const results: CheckResult[] = [];
  const reasons: (Reason | 'failed')[] = [];
  const to = { input, results, isSettled: true };
  for (const item of entry.items) {
    if (item.outcome === undefined) {
      const reason = await recheckGuarded(entry, item, to);
      reasons.push(...(reason === undefined ? [] : [reason]));
    }
  }
  // What waits for a server must not be set aside because of what fails by itself.
  const stays = reasons.find((reason) => reason !== 'failed') ?? reasons[0];
  return stays === undefined ? { kind: to.isSettled ? 'settled' : 'further', results } : { kind: 'stays', reason: stays, results };
}

/** Where results go. */
interface Reckoning {
  readonly input: RecheckInput;
  readonly results: CheckResult[];
  /** False when the entry still had an open item after the last outcome. */
  isSettled: boolean;
}

/** A check that fails in an unforeseen way costs the entry an attempt, never its place in the queue, nor other items theirs. */
async function recheckGuarded(
  entry: PendingEntry,
  item: PendingItem,
  to: Reckoning,
): Promise<Reason | 'failed' | undefined> {
  const { core, options } = to.input;
  try {
    return await recheckItem(entry, item, to);
  } catch (error) {
    if (options.signal?.aborted === true || core.closing.aborted) {
      return 'unreachable';
    }
    if (VedetteError.is(error) && error.code === 'claim-lost') {
      return elsewhere;
    }
    core.events.emit({ kind: 'fault', where: `recheck of ${entry.id}: ${describeError(error)}`, error });
    return 'failed';
  }
}

/** Somebody else has the entry, or treats the item: no fault of its own. */
const elsewhere = 'overloaded';

/** @returns why the item stays open, if it does. */
async function recheckItem(
  entry: PendingEntry,
  item: PendingItem,
  to: Reckoning,
): Promise<Reason | undefined> {
  const { input } = to;
  if (underWay(input.queue, [item]) !== undefined) {
    return elsewhere;
  }
  const judged = await judgeItem(entry, item, input);
  if (judged.kind === 'open') {
    return judged.reason;
  }
  // Called off or out of time, it was given back: by now it may be in other hands, and settled.
  throwIfAborted(input.options.signal);
  return (await treatAlone(input.queue, item.id, () => treatItem(entry, item, { judged: judged.results, to }))) ? undefined : elsewhere;
}

/** Carries out what was decided about an item, and settles it. */
async function treatItem(
  entry: PendingEntry,
  item: PendingItem,
  { judged, to }: { readonly judged: readonly CheckResult[]; readonly to: Reckoning },
): Promise<void> {
  const { input, results } = to;
  const begun = begunBefore(item.intent);
  const treated: CheckResult[] = [];
  for (const result of judged) {
    treated.push(await treat({ entry, item, result, begun }, input));
  }
  results.push(...treated);
  to.isSettled = await settleItem(entry, item, { results: treated, input });
}

/** Known to whoever waits before it is durable, announced after. @returns whether the entry is settled by it. */
async function settleItem(
  entry: PendingEntry,
  item: PendingItem,
  by: { readonly results: readonly CheckResult[]; readonly input: RecheckInput },
): Promise<boolean> {
  const { core, queue } = by.input;
  const last = by.results.at(-1);
  by.results.forEach((result) => core.settlements.record(entry.id, result));
  // On record before it is settled: a process that dies in between says so again.
  await recordEnd(entry.id, item.subject, { core, result: by.results.find((result) => result.sha256 === entry.key) ?? last });
  const isSettled = await queue.settle(entry.id, item.id, last === undefined ? null : outcomeRecord(last), entry.claim);
  by.results.forEach((result) => noteForRetro(result, { core, member: by.input.member, fingerprints: entry.fingerprints }));
  core.settlements.announce(entry.id);
  core.stats.add('pendingSettled');
  core.events.emit({ kind: 'pending', change: 'settled', id: entry.id });
  return isSettled;
}

/** The remedies of one result of one item. */
interface Treatment {
  readonly entry: PendingEntry;
  readonly item: PendingItem;
  readonly result: CheckResult;
  /** Keys of remedies that were begun and may have been carried out. Grows with each one that is begun. */
  readonly begun: Set<string>;
}

/** The result with what became of its remedies. Nothing is begun unless it has one, or the host has to hear of a find. */
async function treat(treatment: Treatment, input: RecheckInput): Promise<CheckResult> {
  const { item, result } = treatment;
  const bad = result.verdict.disposition === 'malicious' || result.verdict.disposition === 'suspicious';
  if (input.options.apply === false || (result.decision.remedy === 'none' && !bad)) {
    return result;
  }
  // The key names this content at this place: two results of one item (old and new bytes) are two applications.
  const key = `${item.id}:${result.sha256 ?? ''}`;
  return carryOut(result, key, { ...conclusionOf(input), around: journalled(treatment, input) });
}

/** Intent before, outcome after: an interrupted remedy is applied again only where that is harmless. */
function journalled({ entry, item, begun }: Treatment, input: RecheckInput): AroundRemedy {
  const { queue, core } = input;
  const intentOf = ({ key, remedy }: RemedyAttempt): { readonly [name: string]: Json } => {
    const others = [...begun].filter((one) => one !== key);
    return { key, remedy, ...(others.length === 0 ? {} : { others }) };
  };
  return {
    async begin(attempt) {
      throwIfAborted(input.options.signal);
      const wasBegun = begun.has(attempt.key) || begun.has(secondKey(attempt.key));
      if (wasBegun && input.member.actions?.idempotent !== true) {
        return { kind: 'uncertain', detail: 'the remedy was begun before a restart and its outcome is not known' };
      }
      await queue.intend(entry.id, item.id, intentOf(attempt), entry.claim);
      begun.add(attempt.key);
      return undefined;
    },
    unable: (attempt) => void begun.delete(attempt.key),
    async failed(attempt, error) {
      begun.delete(attempt.key);
      if (!core.closing.aborted) {
        // It was not carried out, so the next attempt may: nothing may then look as if it had been.
        await queue.intend(entry.id, item.id, { ...intentOf(attempt), failed: true }, entry.claim);
      }
      throw error;
    },
  };
}

function begunBefore(intent: Json | undefined): Set<string> {
  if (typeof intent !== 'object' || intent === null) {
    return new Set();
  }
  const key: unknown = 'key' in intent && !('failed' in intent) ? intent['key'] : undefined;
  const others: unknown = 'others' in intent ? intent['others'] : undefined;
  return new Set([key, ...(Array.isArray(others) ? (others as unknown[]) : [])].filter((one) => typeof one === 'string'));
}

/** Names that a record carries at most, and characters of each: what cannot be journalled could never be settled. */
const maxNames = 32;
const maxNameChars = 256;

function outcomeRecord(result: CheckResult): Json {
  return {
    disposition: result.verdict.disposition,
    threats: result.verdict.threats.slice(0, maxNames).map((threat) => threat.name.slice(0, maxNameChars)),
    ...(result.verdict.reason === undefined ? {} : { reason: result.verdict.reason }),
    remedy: result.decision.remedy,
    ...(result.outcome === undefined ? {} : { outcome: result.outcome.kind }),
    ...(result.outcome?.remedy === undefined ? {} : { applied: result.outcome.remedy }),
  };
}
