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

/** What a fingerprint is asked about for: whether it is listed, or only how it is rated. */
type Purpose = 'listing' | 'rating';

/** 3: by prefix; a positive that is no longer fresh is kept in case nobody answers. */
export async function cacheStep(facts: Facts, context: StepContext): Promise<Facts> {
  const { core } = context;
  const end = context.trace.begin('cache');
  const left: Record<Purpose, Fingerprint[]> = { listing: [], rating: [] };
  let next: Facts = facts;
  let oldestMs = 0;
  for (const { fingerprint, answer, purpose } of await lookUp(facts, context)) {
    if (answer.kind === 'hit') {
      oldestMs = Math.max(oldestMs, answer.ageMs);
      const { from: by, expiresAt } = answer;
      next = withAnswer(next, fingerprint, answer.answer, { source: 'cache', by, expiresAt, purpose });
      continue;
    }
    if (answer.kind === 'stale') {
      oldestMs = Math.max(oldestMs, answer.ageMs);
      context.fallbacks.set(fingerprint, { answer: answer.answer, from: answer.from });
    }
    left[purpose].push(fingerprint);
  }
  const asked = facts.open.length + facts.unrated.length;
  const hits = asked - left.listing.length - left.rating.length;
  core.stats.add('cacheHits', hits > 0 ? 1 : 0);
  end(hits === 0 ? 'miss' : `${hits} of ${asked} answered`, { stale: context.fallbacks.size, oldestMs });
  return afterStep(next, 'cache', { open: left.listing, unrated: left.rating, ...(hits > 0 ? { settledBy: 'cache' as const } : {}) });
}

interface LookedUp {
  readonly fingerprint: Fingerprint;
  readonly answer: CacheAnswer;
  readonly purpose: Purpose;
}

async function lookUp(facts: Facts, context: StepContext): Promise<LookedUp[]> {
  const { core } = context;
  const { raters } = core.servers();
  const listing = await core.rooms.cache.lookup(facts.open, minGeneration(context));
  // How a URL is rated has nothing to do with what the filter covers, and only those who rate can tell.
  const rating = facts.unrated.length === 0 ? [] : await core.rooms.cache.lookup(facts.unrated, {});
  const miss: CacheAnswer = { kind: 'miss' };
  return [
    ...facts.open.map((fingerprint, index) => ({ fingerprint, answer: listing[index] ?? miss, purpose: 'listing' as const })),
    ...facts.unrated.map((fingerprint, index) => {
      const answer = rating[index] ?? miss;
      return { fingerprint, answer: answer.kind !== 'miss' && raters.has(answer.from) ? answer : miss, purpose: 'rating' as const };
    }),
  ];
}

/** 4: asks for what is still open. Who stays unanswered leaves a doubt. */
export async function queryStep(facts: Facts, context: StepContext): Promise<Facts> {
  const { core } = context;
  const end = context.trace.begin('query');
  const kind = facts.kind === 'url' ? 'url' : 'file';
  if (!core.rooms.rules.mayAsk({ kind, location: core.location() }, core.settings().mayAsk)) {
    end('not asked', { location: core.location() });
    return afterStep(facts, 'query', { doubts: [...facts.doubts, 'not-asked'] });
  }
  throwIfAborted(context.asking);
  const told = await askAll(facts, context);
  let next: Facts = { ...facts, settledBy: 'query' };
  const doubts: Facts['doubts'][number][] = [];
  for (const { fingerprint, outcome, purpose } of told) {
    if (outcome.kind === 'answered') {
      next = withAnswer(next, fingerprint, outcome.answer, { source: 'query', by: outcome.from, purpose });
      continue;
    }
    doubts.push(outcome.reason);
    const fallback = outcome.fallback ?? context.fallbacks.get(fingerprint);
    if (fallback !== undefined) {
      next = withAnswer(next, fingerprint, fallback.answer, { source: 'cache', by: fallback.from, purpose });
    }
  }
  const outcomes = told.map((one) => one.outcome);
  const servers = [...new Set(outcomes.flatMap((one) => (one.kind === 'answered' ? [one.from] : [])))];
  end(doubts.length === 0 ? 'answered' : `unanswered: ${doubts[0]}`, {
    asked: told.length,
    servers,
    attempts: Math.max(1, ...outcomes.map((one) => (one.kind === 'answered' ? 1 : one.attempts))),
  });
  return afterStep(next, 'query', { open: [], unrated: [], doubts: [...next.doubts, ...doubts] });
}

interface Told {
  readonly fingerprint: Fingerprint;
  readonly outcome: AskOutcome;
  readonly purpose: Purpose;
}

/** Both questions at the same time, each only where there is something to ask. */
async function askAll(facts: Facts, context: StepContext): Promise<Told[]> {
  const common = { signal: context.asking, holdMs: context.core.settings().query.holdMs };
  const ask = async (fingerprints: readonly Fingerprint[], purpose: Purpose): Promise<Told[]> => {
    if (fingerprints.length === 0) {
      return [];
    }
    const what = purpose === 'rating' ? { rating: true } : minGeneration(context);
    const outcomes = await context.ask(fingerprints, { ...common, ...what });
    return fingerprints.map((fingerprint, index) => ({ fingerprint, outcome: believable(outcomes[index]), purpose }));
  };
  return (await Promise.all([ask(facts.open, 'listing'), ask(facts.unrated, 'rating')])).flat();
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
  origin: { readonly source: 'cache' | 'query'; readonly by: string; readonly expiresAt?: number; readonly purpose: Purpose },
): Facts {
  const all = facts.examined === undefined || facts.examined.kind === 'failed' ? [] : facts.examined.fingerprints;
  const { purpose, ...from } = origin;
  const finds = findsFrom(matchingRecords(answer, fingerprint), { ...from, rank: rankOf(fingerprint, all) });
  const { generation } = answer;
  const isFind = finds.some((find) => find.disposition === 'malicious' || find.disposition === 'suspicious');
  return {
    ...facts,
    finds: [...facts.finds, ...finds],
    ...(isFind || purpose === 'rating' ? {} : { clearedBy: olderOf(facts.clearedBy, generation ?? 0) }),
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
