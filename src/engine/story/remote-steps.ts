/** Steps 3 and 4: answers that are still fresh, and the servers. Only what the filter left open comes here. */
import { throwIfAborted } from '../../base/errors.js';
import { matchingRecords, type Answer, type Fingerprint } from '../../base/fingerprint.js';
import type { CacheAnswer } from '../../cache/answer-cache.js';
import type { AskOutcome } from '../../query/query-client.js';
import { isPendingReason } from '../../base/verdict.js';
import { afterStep, olderOf, type Facts } from './facts.js';
import type { StepContext } from './step-context.js';
import { findsFrom } from './ratings.js';
import { rankOf } from './verdicts.js';

/** 3: by prefix; a positive that is no longer fresh is kept in case nobody answers. */
export async function cacheStep(facts: Facts, context: StepContext): Promise<Facts> {
  const { core } = context;
  const end = context.trace.begin('cache');
  const answers = await core.rooms.cache.lookup(facts.open, minGeneration(context));
  let next: Facts = facts;
  const stillOpen: Fingerprint[] = [];
  facts.open.forEach((fingerprint, index) => {
    const answer: CacheAnswer = answers[index] ?? { kind: 'miss' };
    if (answer.kind === 'hit') {
      next = withAnswer(next, fingerprint, answer.answer, { source: 'cache', by: answer.from, expiresAt: answer.expiresAt });
      return;
    }
    if (answer.kind === 'stale') {
      context.fallbacks.set(fingerprint, { answer: answer.answer, from: answer.from });
    }
    stillOpen.push(fingerprint);
  });
  const hits = facts.open.length - stillOpen.length;
  core.stats.add('cacheHits', hits > 0 ? 1 : 0);
  end(hits === 0 ? 'miss' : `${hits} of ${facts.open.length} answered`, {
    stale: context.fallbacks.size,
    oldestMs: Math.max(0, ...answers.map((answer) => (answer.kind === 'miss' ? 0 : answer.ageMs))),
  });
  return afterStep(next, 'cache', { open: stillOpen, ...(hits > 0 ? { settledBy: 'cache' as const } : {}) });
}

/** 4: asks for what is still open. Who stays unanswered leaves a doubt. */
export async function queryStep(facts: Facts, context: StepContext): Promise<Facts> {
  const { core } = context;
  const end = context.trace.begin('query');
  const kind = facts.kind === 'url' ? 'url' : 'file';
  if (!core.rooms.rules.mayAsk({ kind, location: core.location() })) {
    end('not asked', { location: core.location() });
    return afterStep(facts, 'query', { doubts: [...facts.doubts, 'not-asked'] });
  }
  throwIfAborted(context.asking);
  const outcomes = await context.ask(facts.open, {
    signal: context.asking,
    holdMs: core.settings().query.holdMs,
    ...minGeneration(context),
  });
  let next: Facts = { ...facts, settledBy: 'query' };
  const doubts: Facts['doubts'][number][] = [];
  facts.open.forEach((fingerprint, index) => {
    const outcome = believable(outcomes[index]);
    if (outcome.kind === 'answered') {
      next = withAnswer(next, fingerprint, outcome.answer, { source: 'query', by: outcome.from });
      return;
    }
    doubts.push(outcome.reason);
    const fallback = outcome.fallback ?? context.fallbacks.get(fingerprint);
    if (fallback !== undefined) {
      next = withAnswer(next, fingerprint, fallback.answer, { source: 'cache', by: fallback.from });
    }
  });
  const told = outcomes.map(believable);
  const servers = [...new Set(told.flatMap((one) => (one.kind === 'answered' ? [one.from] : [])))];
  end(doubts.length === 0 ? 'answered' : `unanswered: ${doubts[0]}`, {
    asked: facts.open.length,
    servers,
    attempts: Math.max(1, ...told.map((one) => (one.kind === 'answered' ? 1 : one.attempts))),
  });
  return afterStep(next, 'query', { open: [], doubts: [...next.doubts, ...doubts] });
}

/** A client of the host's own may hand over anything: what is no outcome is no answer. */
function believable(outcome: AskOutcome | undefined): AskOutcome {
  const isAnswer = outcome?.kind === 'answered' && Array.isArray(outcome.answer?.records);
  const isReason = outcome?.kind === 'unanswered' && isPendingReason(outcome.reason);
  return outcome !== undefined && (isAnswer || isReason) ? outcome : { kind: 'unanswered', reason: 'bad-answer', attempts: 0 };
}

function withAnswer(
  facts: Facts,
  fingerprint: Fingerprint,
  answer: Answer,
  origin: { readonly source: 'cache' | 'query'; readonly by: string; readonly expiresAt?: number },
): Facts {
  const all = facts.examined === undefined || facts.examined.kind === 'failed' ? [] : facts.examined.fingerprints;
  const finds = findsFrom(matchingRecords(answer, fingerprint), { ...origin, rank: rankOf(fingerprint, all) });
  const { generation } = answer;
  const isFind = finds.some((find) => find.disposition === 'malicious' || find.disposition === 'suspicious');
  return {
    ...facts,
    finds: [...facts.finds, ...finds],
    ...(isFind ? {} : { clearedBy: olderOf(facts.clearedBy, generation ?? 0) }),
    ...(generation === undefined ? {} : { serverGeneration: Math.min(generation, facts.serverGeneration ?? generation) }),
    ...(origin.expiresAt === undefined ? {} : { expiresAt: Math.min(origin.expiresAt, facts.expiresAt ?? origin.expiresAt) }),
  };
}

/** DESIGN §1 (c) and (d): neither older than the filter's server pattern nor than the newest one seen. */
function minGeneration(context: StepContext): { readonly minGeneration?: number } {
  // 0 is nobody's generation: the lists of a foreign service have none, and its answers neither.
  const known = [context.view.filter?.covers, context.core.newestGeneration()].filter((one): one is number => (one ?? 0) > 0);
  return known.length === 0 ? {} : { minGeneration: Math.max(...known) };
}
