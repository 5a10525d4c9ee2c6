/**
 * What one item of a flagged entry turns out to be. The object may still be what it was, may have changed (then the
 * new content is a subject of its own and the old fingerprint is asked as well), or may be gone (then it is still
 * asked, and a threat is raised with the last places where it was seen): DESIGN rule 3.
 */
import { toHex } from '../../../base/bytes.js';
import type { CheckResult } from '../../../base/check-result.js';
import { describeError, throwIfAborted } from '../../../base/errors.js';
import { isWanted } from '../../../base/fingerprint.js';
import { digestSubject, urlSubject, type Subject } from '../../../base/subject.js';
import { isPendingReason, type Reason, type Verdict } from '../../../base/verdict.js';
import type { PendingEntry, PendingItem, PendingQueue } from '../../../pending/pending-queue.js';
import { askOf } from '../../check/check.js';
import { decideOn, pendingFrom, type Conclusion } from '../../check/conclude.js';
import { foundEnough, initialFacts, type Facts } from '../../story/facts.js';
import { listsStep, scanStep } from '../../story/local-steps.js';
import { isOutdated } from '../../story/outdated.js';
import { cacheStep, queryStep } from '../../story/remote-steps.js';
import type { StepContext } from '../../story/step-context.js';
import { tellStory, type Story } from '../../story/story.js';
import { createTrace } from '../../story/trace.js';
import { unknown, verdictOf } from '../../story/verdicts.js';
import type { CheckOptions } from '../../checker.js';
import type { EngineCore, Member } from '../../family/core.js';

/** What a recheck works with. */
export interface RecheckInput {
  readonly core: EngineCore;
  readonly member: Member;
  readonly queue: PendingQueue;
  readonly options: CheckOptions;
}

/** What an item amounts to: still open, or one result for each content that was judged. */
export type ItemJudgement =
  | { readonly kind: 'open'; readonly reason: Reason }
  | { readonly kind: 'judged'; readonly results: readonly CheckResult[] };

/** Opens the object again, if it can be, and judges what is there and what was there. */
export async function judgeItem(entry: PendingEntry, item: PendingItem, input: RecheckInput): Promise<ItemJudgement> {
  const reopened = await reopen(entry, item, input);
  if (reopened.kind === 'lost') {
    return judgeOld(entry, item, lost(reopened.reason), input);
  }
  const { core, member, options } = input;
  const { subject } = reopened;
  const story = await tellStory({ core, member, subject, options: { ...options, layers: 'all', allMatches: false }, ask: askOf(core) });
  const verdict = verdictOf(story.facts, story.view.generations);
  const { examined } = story.facts;
  if (examined?.kind === 'failed' && subject.kind === 'file') {
    // Out of time or of room is no fact about the object; everything else means that its bytes cannot be had any more.
    const passing = examined.reason === 'deadline' || examined.reason === 'overloaded';
    return passing ? { kind: 'open', reason: examined.reason } : judgeOld(entry, item, lost(examined.reason), input);
  }
  if (!isSameContent(entry, story)) {
    return judgeChanged(entry, item, { story, verdict }, input);
  }
  return isStillOpen(verdict)
    ? { kind: 'open', reason: verdict.reason ?? 'internal' }
    : judged([lateResult(story, verdict, input)]);
}

/** How remedies of late results are decided and carried out. */
export function conclusionOf(input: RecheckInput): Conclusion {
  return { core: input.core, member: input.member, options: input.options, occasion: 'late' };
}

/** The object holds other bytes now: they are judged for themselves, and the flag on the old ones stays in force. */
async function judgeChanged(
  entry: PendingEntry,
  item: PendingItem,
  fresh: { readonly story: Story; readonly verdict: Verdict },
  input: RecheckInput,
): Promise<ItemJudgement> {
  const old = await judgeOld(entry, item, { reason: 'changed', mayCome: false }, input);
  if (old.kind === 'open') {
    return old;
  }
  if (!isStillOpen(fresh.verdict)) {
    return judged([...old.results, lateResult(fresh.story, fresh.verdict, input)]);
  }
  const flagged = pendingFrom(fresh.story, fresh.verdict.reason ?? 'internal', input.member.name);
  const [pending] = flagged === undefined ? [] : await input.queue.enqueue([flagged]);
  // A full queue must not lose the new content: the old entry stays until there is room for it.
  return pending?.kind === 'refused' ? { kind: 'open', reason: 'pending-full' } : old;
}

/** Why the bytes that were flagged cannot be had. */
interface Lost {
  readonly reason: Reason;
  /** They may be had the next time: somebody else had the file open, or was writing to it. */
  readonly mayCome: boolean;
}

function lost(reason: Reason): Lost {
  return { reason, mayCome: reason === 'unreadable' || reason === 'changed' };
}

/** Asks about the old fingerprints alone. What only the bytes could tell ends as the reason of the loss, never as clean. */
async function judgeOld(
  entry: PendingEntry,
  item: PendingItem,
  { reason: why, mayCome }: Lost,
  input: RecheckInput,
): Promise<ItemJudgement> {
  const { core, options } = input;
  const sha256 = entry.fingerprints.find((one) => one.algorithm === 'sha256');
  if (sha256 === undefined) {
    // Flagged before its bytes were read, and now they cannot be had: there is nothing left to ask about.
    return mayCome ? { kind: 'open', reason: why } : judged([unreadResult(item, why, input)]);
  }
  const subject = digestSubject(sha256.hash, { ...item.subject, ...(sha256.size === undefined ? {} : { size: sha256.size }) });
  const view = core.patterns.view(core.newestGeneration());
  const trace = createTrace(options.trace === true, core.rooms.clock);
  const facts = await withOwnSignal(input, (signal) => {
    const asking = { view, subject, trace, reading: signal, asking: signal, ask: askOf(core), fallbacks: new Map() };
    return askAbout(entry, subject, { core, member: input.member, ...asking });
  });
  if (isOutdated(facts, { core, view })) {
    return { kind: 'open', reason: 'server-behind' };
  }
  const verdict = verdictOf(facts, view.generations);
  if (isStillOpen(verdict)) {
    return { kind: 'open', reason: verdict.reason ?? 'internal' };
  }
  const story: Story = { subject, facts, view, trace };
  const approved = facts.listed !== undefined || facts.approvedBy !== undefined;
  if ((verdict.disposition === 'clean' || verdict.disposition === 'unknown') && !approved && mayCome) {
    // What is locked for a moment may hold other bytes by now: it is looked at again, and set aside at last.
    return { kind: 'open', reason: why };
  }
  const known = verdict.disposition !== 'clean' || approved || (why === 'no-content' && wasScannedBy(entry, story));
  return judged([lateResult(story, known ? verdict : unknown(why, verdict.generations), input)]);
}

/** Many entries are asked about at a time: each by a signal of its own that follows the common one. */
async function withOwnSignal<T>(input: RecheckInput, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const common = input.options.signal ?? input.core.closing;
  const own = new AbortController();
  const leave = input.core.fanOut.follow(common, () => own.abort(common.reason));
  try {
    return await work(own.signal);
  } finally {
    leave();
  }
}

/** From step 0 on, as far as fingerprints go: what the host has decided since then comes before every answer. */
async function askAbout(entry: PendingEntry, subject: { readonly sha256: Uint8Array }, context: StepContext): Promise<Facts> {
  const start: Facts = {
    ...initialFacts({ kind: 'digest', layers: 'remote', allMatches: false }),
    examined: { kind: 'digest', sha256: subject.sha256, fingerprints: entry.fingerprints, threats: [] },
    open: entry.fingerprints,
  };
  const listed = listsStep(start, context);
  // Its doubts are about bytes, and those are not here to be judged.
  const facts: Facts = { ...scanStep(listed, context), doubts: listed.doubts };
  if (facts.listed !== undefined || facts.approvedBy !== undefined || foundEnough(facts)) {
    return facts;
  }
  const cached = await cacheStep(facts, context);
  return cached.open.length === 0 ? cached : queryStep(cached, context);
}

/**
 * The byte signatures in use now were run over these bytes then, and found nothing: a negative answer is the rest, if
 * it is about every digest that entries of today are made of.
 */
function wasScannedBy(entry: PendingEntry, story: Story): boolean {
  const { local, localState, wants } = story.view;
  const size = entry.fingerprints[0]?.size;
  const knows = (algorithm: 'md5' | 'sha1'): boolean =>
    !isWanted(wants[algorithm], size) || entry.fingerprints.some((one) => one.algorithm === algorithm);
  const scanned = entry.scannedBy !== undefined && entry.scannedBy === local?.generation && localState !== 'expired';
  return scanned && knows('md5') && knows('sha1');
}

type Reopened =
  | { readonly kind: 'subject'; readonly subject: Subject }
  | { readonly kind: 'lost'; readonly reason: Reason };

async function reopen(entry: PendingEntry, item: PendingItem, input: RecheckInput): Promise<Reopened> {
  if (entry.kind === 'url') {
    return { kind: 'subject', subject: urlSubject(entry.url ?? '', item.subject) };
  }
  const { locator } = item.subject;
  const opener = locator === undefined ? undefined : input.core.rooms.openers[locator.scheme];
  if (locator === undefined || opener === undefined || entry.kind === 'digest') {
    return { kind: 'lost', reason: 'no-content' };
  }
  try {
    const subject = await opener(locator, { signal: input.options.signal });
    return subject === undefined
      ? { kind: 'lost', reason: 'gone' }
      : { kind: 'subject', subject: { ...subject, ...item.subject } };
  } catch (error) {
    throwIfAborted(input.options.signal);
    input.core.events.emit({ kind: 'fault', where: `opener ${locator.scheme}: ${describeError(error)}`, error });
    return { kind: 'lost', reason: 'unreadable' };
  }
}

function unreadResult(item: PendingItem, why: Reason, input: RecheckInput): CheckResult {
  const { core, options } = input;
  const view = core.patterns.view(core.newestGeneration());
  const subject: Subject = { ...item.subject, kind: 'file', open: () => Promise.reject(new Error(why)) };
  const trace = createTrace(options.trace === true, core.rooms.clock);
  const facts = initialFacts({ kind: 'file', layers: 'all', allMatches: false });
  return lateResult({ subject, facts, view, trace }, unknown(why, view.generations), input);
}

function lateResult(story: Story, verdict: Verdict, input: RecheckInput): CheckResult {
  return decideOn(story, { verdict, pending: { kind: 'none' } }, conclusionOf(input));
}

function judged(results: readonly CheckResult[]): ItemJudgement {
  return { kind: 'judged', results };
}

/** What may not be asked about here may be elsewhere: a host that moves settles nothing by it. */
function isStillOpen(verdict: Verdict): boolean {
  const { reason } = verdict;
  return verdict.disposition === 'unknown' && reason !== undefined && (isPendingReason(reason) || reason === 'not-asked');
}

/** An entry that was flagged before its bytes were read has no fingerprint to compare with: any content is its own. */
function isSameContent(entry: PendingEntry, story: Story): boolean {
  const { examined } = story.facts;
  if (entry.kind === 'url' || entry.fingerprints.length === 0 || examined === undefined || examined.kind === 'failed') {
    return true;
  }
  const first = examined.fingerprints[0];
  return first !== undefined && toHex(first.hash) === entry.key;
}
