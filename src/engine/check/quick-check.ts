/**
 * Files that need no story: nothing is found in them, no list names them, and the filter says that no server does. Those
 * that the engine has read before are not opened; small ones are read on the spot. Judged where they stand, one after the
 * other, without a promise for any of them; whatever is not as plain as that goes the way of all others, with what was
 * read of it. What comes out is the same (test/engine/quick-check.test.ts).
 */
import type { PolicyFacts } from '../../action/policy.js';
import { toHex } from '../../base/bytes.js';
import type { CheckResult, Pending } from '../../base/check-result.js';
import type { FoundFile } from '../../base/found-files.js';
import type { FileIdentity } from '../../base/subject.js';
import type { Decision } from '../../base/verdict.js';
import type { HostLists } from '../../lists/host-lists.js';
import type { CheckOptions } from '../checker.js';
import type { EngineCore, Member } from '../family/core.js';
import type { PatternView } from '../family/patterns.js';
import { readBy as readByOf, type Reading } from '../story/recall.js';
import type { Received } from '../story/story.js';
import { noteForRetro, retroNote } from '../life/retro/note.js';
import { decideFrom } from './conclude.js';
import { createQuickLook, type Content, type QuickLook, type Seen } from './quick-look.js';
import { createSightingMarks, placeOf } from './sighting.js';

/** Judges the files of one slice of time. */
export interface QuickCheck {
  /** Whether looks at files are of any use. */
  readonly glances: boolean;
  /** Fetches what is known about a batch. */
  load(batch: readonly FoundFile[]): void | Promise<void>;
  /** Those files from `from` on that need no story, up to the first that does. */
  judge(batch: readonly FoundFile[], from: number): Judged;
}

/** Files that were judged. */
export interface Judged {
  readonly results: readonly CheckResult[];
  /** What was read of the file after them, if it was. */
  readonly received?: Received | undefined;
}

/** Undefined where it would never apply: with a trace, or when only servers are to be asked. */
export function createQuickCheck(by: { readonly core: EngineCore; readonly member: Member }, options: CheckOptions): QuickCheck | undefined {
  const { core, member } = by;
  const { scans } = core.rooms;
  if (options.trace === true || options.layers === 'remote') {
    return undefined;
  }
  const reading = (): Reading => ({
    view: core.patterns.view(core.newestGeneration()),
    layers: options.layers ?? 'all',
    allMatches: options.allMatches === true,
    maxFileBytes: member.limits.maxFileBytes,
  });
  return {
    glances: scans !== undefined,
    load: (batch) => scans?.load(identitiesOf(batch), readByOf(reading())),
    judge(batch, from) {
      const judged = reading();
      return judgeAll(batch, from, { core, member, options, reading: judged, look: createQuickLook(judged, { scans, options }), ...clearingBy(judged.view, { core, member }) });
    },
  };
}

function identitiesOf(batch: readonly FoundFile[]): FileIdentity[] {
  const identities: FileIdentity[] = [];
  for (const { glance } of batch) {
    if (glance !== undefined) {
      identities.push(glance.identity);
    }
  }
  return identities;
}

/** By what files are cleared; nothing where none can be. */
function clearingBy(view: PatternView, { core, member }: { readonly core: EngineCore; readonly member: Member }): Pick<Judging, 'clearing'> {
  const lists = listsWithFiles([member.lists, view.lists]);
  if (lists === undefined || !clearsUnlisted(core, view)) {
    return {};
  }
  return { clearing: { lists, location: core.location(), localServersOnly: core.servers().localOnly } };
}

/** Asked once for a batch which of the lists have rules for files at all. Undefined where one fails: it is heard again elsewhere. */
function listsWithFiles(lists: readonly (Pick<HostLists, 'judge' | 'hasFileRules'> | undefined)[]): Pick<HostLists, 'judge'>[] | undefined {
  try {
    return lists.filter((one) => one !== undefined).filter((one) => one.hasFileRules?.() !== false);
  } catch {
    return undefined;
  }
}

/** Whether by these patterns a file in which nothing was found, and which the filter does not know, is clean. */
function clearsUnlisted(core: EngineCore, view: PatternView): boolean {
  const { local, localState, filter, filterState = 'fresh' } = view;
  if (local === undefined || localState === 'expired' || filter === undefined) {
    return false;
  }
  const facts = { filter: { covers: filter.covers, state: filterState }, newestGeneration: core.newestGeneration(), judgement: 'not-listed' as const };
  return core.rooms.rules.filterRuling(facts) === 'clean';
}

interface Judging {
  readonly core: EngineCore;
  readonly member: Member;
  readonly options: CheckOptions;
  readonly reading: Reading;
  readonly look: QuickLook;
  readonly clearing?: Clearing;
}

interface Clearing {
  /** Those that have rules for files. */
  readonly lists: readonly Pick<HostLists, 'judge'>[];
  readonly location: PolicyFacts['location'];
  readonly localServersOnly: boolean;
}

function judgeAll(batch: readonly FoundFile[], from: number, by: Judging): Judged {
  const { core, look } = by;
  const { clock } = core.rooms;
  const marks = createSightingMarks(by.member.name, clock.now());
  const isHeard = core.events.isHeard('checked');
  const results: CheckResult[] = [];
  const sums = { bytes: 0, recalled: 0 };
  let received: Received | undefined;
  for (let i = from; i < batch.length; i++) {
    const startedAt = isHeard ? clock.monotonicMs() : 0;
    const found = batch[i]!;
    const seen = look.at(found);
    const result = resultOf(found, seen, by);
    if (seen === undefined || seen.kind === 'later' || result === undefined) {
      received = seen === undefined ? undefined : look.receivedOf(seen);
      break;
    }
    results.push(result);
    sums.bytes += seen.size;
    sums.recalled += seen.kind === 'recalled' ? 1 : 0;
    noteSighting(result, { found, content: seen, marks }, by);
    if (isHeard) {
      const { id, verdict, decision } = result;
      core.events.emit({ kind: 'checked', id, verdict, decision, tookMs: clock.monotonicMs() - startedAt });
    }
  }
  count(core, { results: results.length, ...sums });
  return { results, received };
}

function count({ stats }: EngineCore, { results, recalled, bytes }: { readonly results: number; readonly recalled: number; readonly bytes: number }): void {
  for (const name of ['checks', 'clean', 'filterCleared']) {
    stats.add(name, results);
  }
  stats.add('scanCacheHits', recalled);
  stats.add('bytes', bytes);
}

/** The retro log is told of what is let through, once in the stretch of time that it counts by. */
function noteSighting(
  result: CheckResult,
  { found, content, marks }: { readonly found: FoundFile; readonly content: Content; readonly marks: (place: number) => number },
  { core, member, look }: Judging,
): void {
  if (core.rooms.retro === undefined || retroNote(result) !== 'remember') {
    return;
  }
  const mark = marks(found.placeHash ?? placeOf(result.subject));
  if (content.mark !== mark) {
    noteForRetro(result, { core, member, fingerprints: content.fingerprints });
    look.mark(found, mark);
  }
}

/** A part of the host that throws is heard again, and reported, on the way of the story. */
function isUnlisted({ sha256, fingerprints }: Content, view: PatternView, { lists }: Clearing): boolean {
  try {
    if (lists.some((one) => one.judge({ sha256 }) !== undefined) || view.local?.judge(fingerprints).kind !== 'none') {
      return false;
    }
    const { filter } = view;
    if (filter?.judgeAll === undefined) {
      return fingerprints.every((one) => filter?.judge(one) === 'not-listed');
    }
    const judgements = filter.judgeAll(fingerprints);
    return judgements.length === fingerprints.length && judgements.every((one) => one === 'not-listed');
  } catch {
    return false;
  }
}

const notPending: Pending = { kind: 'none' };
const nothing: readonly never[] = [];

/**
 * What results are copied from. An object literal would be made where the garbage collector keeps what lives long, once
 * the results of a first scan had waited for the retro log: a sixth of the time of all scans after it in the process.
 */
const clearedResult: CheckResult = {
  id: '',
  subject: { kind: 'file' },
  sha256: '',
  size: 0,
  verdict: { disposition: 'clean', threats: [], source: 'filter', generations: {} },
  decision: { access: 'allow', remedy: 'none' },
  occasion: 'now',
  pending: notPending,
  members: nothing,
  trace: nothing,
};

/** Undefined where there is more to say than that it is clean, and where policy wants something done about it. */
function resultOf(found: FoundFile, seen: Seen | undefined, by: Judging): CheckResult | undefined {
  const { core, options, reading, clearing } = by;
  if (clearing === undefined || seen === undefined || seen.kind === 'later' || seen.isSuspect || !isUnlisted(seen, reading.view, clearing)) {
    return undefined;
  }
  const verdict = reading.view.unlisted;
  const subject = found.info();
  const { location, localServersOnly } = clearing;
  const decision: Decision = decideFrom({ verdict, pending: notPending, subject, occasion: 'now', location, localServersOnly }, by);
  if (decision.remedy !== 'none' && options.apply !== false) {
    return undefined;
  }
  return { ...clearedResult, id: core.rooms.newId(), subject, sha256: toHex(seen.sha256), size: seen.size, verdict, decision };
}
