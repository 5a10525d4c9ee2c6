/**
 * What a remembered content is held to be by the patterns of now: the story of a check from its lists on, without the
 * bytes. Where nothing local speaks and the filter does not know it, nobody is asked.
 */
import { fromHex } from '../../../base/bytes.js';
import { digestSubject, urlSubject, type DigestSubject, type UrlSubject } from '../../../base/subject.js';
import { isPendingReason, type Reason, type Verdict } from '../../../base/verdict.js';
import type { RetroEntry } from '../../../retro/retro-log.js';
import type { EngineCore, Member } from '../../family/core.js';
import type { PatternView } from '../../family/patterns.js';
import { examineUrl } from '../../story/examine.js';
import { foundEnough, initialFacts, type Examined, type Facts } from '../../story/facts.js';
import { listsStep, scanStep } from '../../story/local-steps.js';
import { cacheStep, queryStep } from '../../story/remote-steps.js';
import type { StepContext } from '../../story/step-context.js';
import { createTrace } from '../../story/trace.js';
import { verdictOf } from '../../story/verdicts.js';

/** Who judges what, by which patterns. */
export interface RetroCase {
  readonly core: EngineCore;
  /** Its host lists and its name count. */
  readonly member: Member;
  readonly view: PatternView;
  readonly entry: RetroEntry;
  readonly signal: AbortSignal;
}

/** What local layers alone can say: decided, or what has to be asked about. */
export type LocalWord =
  | { readonly kind: 'told'; readonly verdict: Verdict }
  | { readonly kind: 'ask'; readonly facts: Facts; readonly context: StepContext };

/** What an entry amounts to: a find, nothing, or nobody could tell. */
export type RetroWord =
  | { readonly kind: 'malicious'; readonly verdict: Verdict }
  | { readonly kind: 'harmless' }
  | { readonly kind: 'open'; readonly reason: Reason };

/** Steps 0 to 2. A question is left to whoever calls, so that many entries are one batch. */
export function judgeLocally(given: RetroCase): LocalWord {
  const { core, member, view, entry, signal } = given;
  const subject = subjectOf(entry);
  const ask = (): never => {
    throw new TypeError('no question is put before the local layers have spoken');
  };
  const trace = createTrace(false, core.rooms.clock);
  const context: StepContext = { core, member, view, subject, trace, reading: signal, asking: signal, ask, fallbacks: new Map() };
  const listed = listsStep(startOf(entry, view), context);
  // Its doubts are about bytes, and those are not here to be judged.
  const facts: Facts = { ...scanStep(listed, context), doubts: listed.doubts };
  const open = facts.listed !== undefined || facts.approvedBy !== undefined || foundEnough(facts) ? [] : mayBeListed(facts, view);
  return open.length === 0 ? { kind: 'told', verdict: verdictOf(facts, view.generations) } : { kind: 'ask', facts: { ...facts, open }, context };
}

/** Steps 3 and 4. */
export async function judgeByAnswers({ facts, context }: LocalWord & { readonly kind: 'ask' }, ask: StepContext['ask']): Promise<Verdict> {
  const asking = { ...context, ask };
  const cached = await cacheStep(facts, asking);
  const told = foundEnough(cached) || cached.open.length === 0 ? cached : await queryStep(cached, asking);
  return verdictOf(told, context.view.generations);
}

/** What follows for the hunt. Pure. */
export function retroWord(verdict: Verdict): RetroWord {
  if (verdict.disposition === 'malicious') {
    return { kind: 'malicious', verdict };
  }
  const { reason } = verdict;
  // What may not be asked about here may be elsewhere.
  const isOpen = reason !== undefined && (isPendingReason(reason) || reason === 'not-asked');
  return verdict.disposition === 'unknown' && isOpen ? { kind: 'open', reason } : { kind: 'harmless' };
}

/** The subject of an entry, as far as it is known without its content. */
export function subjectOf(entry: RetroEntry): DigestSubject | UrlSubject {
  if (entry.kind === 'url') {
    return urlSubject(entry.url ?? '');
  }
  const size = entry.fingerprints[0]?.size;
  return digestSubject(entry.key, size === undefined ? {} : { size });
}

function startOf(entry: RetroEntry, view: PatternView): Facts {
  const examined = examinedOf(entry, view);
  const facts = initialFacts({ kind: entry.kind === 'url' ? 'url' : 'digest', layers: 'all', allMatches: false });
  return { ...facts, examined, open: examined.kind === 'failed' ? [] : examined.fingerprints };
}

function examinedOf(entry: RetroEntry, view: PatternView): Examined {
  if (entry.kind === 'url') {
    return examineUrl(entry.url ?? '', view.extractor);
  }
  const { fingerprints } = entry;
  const size = fingerprints[0]?.size;
  return { kind: 'digest', sha256: fromHex(entry.key) ?? new Uint8Array(32), ...(size === undefined ? {} : { size }), fingerprints, threats: [] };
}

/** A server that is newer than the filter is no reason to ask about everything: the hunt follows when the filter does. */
function mayBeListed({ open }: Facts, { filter }: PatternView): Facts['open'] {
  if (filter === undefined) {
    return open;
  }
  const words = filter.judgeAll?.(open) ?? open.map((one) => filter.judge(one));
  return open.filter((_, index) => words[index] !== 'not-listed');
}
