/**
 * Files that need no story: the engine has read them before, nothing was found in them, no list names them, and the
 * filter says that no server does. Judged where they stand, one after the other, without a promise for any of them;
 * whatever is not as plain as that goes the way of all others. What comes out is the same (test/engine/quick-check.test.ts).
 */
import type { PolicyFacts } from '../../action/policy.js';
import { toHex } from '../../base/bytes.js';
import type { Fingerprint } from '../../base/fingerprint.js';
import type { CheckResult, Pending } from '../../base/check-result.js';
import type { FoundFile } from '../../base/found-files.js';
import type { FileIdentity } from '../../base/subject.js';
import type { Decision } from '../../base/verdict.js';
import type { ReadingPlan, ScanMemory } from '../../cache/scan/scan-memory.js';
import type { HostLists } from '../../lists/host-lists.js';
import type { CheckOptions } from '../checker.js';
import type { EngineCore, Member } from '../family/core.js';
import type { PatternView } from '../family/patterns.js';
import { fileFingerprints } from '../story/examine.js';
import { readBy as readByOf, readingPlan, type Reading } from '../story/recall.js';
import { noteForRetro, retroNote } from '../life/retro/note.js';
import { decideFrom } from './conclude.js';
import { createSightingMarks, placeOf } from './sighting.js';

/** Judges the files of one slice of time. */
export interface QuickCheck {
  /** Fetches what is known about a batch. */
  load(batch: readonly FoundFile[]): void | Promise<void>;
  /** The results of those files from `from` on that need no story, up to the first that does. */
  judge(batch: readonly FoundFile[], from: number): CheckResult[];
}

/** Undefined where it would never apply: without a scan cache, with a trace, or when only servers are to be asked. */
export function createQuickCheck(by: { readonly core: EngineCore; readonly member: Member }, options: CheckOptions): QuickCheck | undefined {
  const { core, member } = by;
  const { scans } = core.rooms;
  if (scans === undefined || options.trace === true || options.layers === 'remote') {
    return undefined;
  }
  const reading = (): Reading => ({
    view: core.patterns.view(core.newestGeneration()),
    layers: options.layers ?? 'all',
    allMatches: options.allMatches === true,
    maxFileBytes: member.limits.maxFileBytes,
  });
  return {
    load: (batch) => scans.load(identitiesOf(batch), readByOf(reading())),
    judge(batch, from) {
      const judged = reading();
      const lists = listsWithFiles([member.lists, judged.view.lists]);
      return lists !== undefined && clearsUnlisted(core, judged.view) ? judgeAll(batch, from, { lists, core, member, options, scans, reading: judged, readBy: readByOf(judged), location: core.location(), localServersOnly: core.servers().localOnly }) : [];
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
  readonly scans: ScanMemory;
  readonly reading: Reading;
  readonly readBy: string;
  /** Those that have rules for files. */
  readonly lists: readonly Pick<HostLists, 'judge'>[];
  readonly location: PolicyFacts['location'];
  readonly localServersOnly: boolean;
}

function judgeAll(batch: readonly FoundFile[], from: number, by: Judging): CheckResult[] {
  const { core, reading } = by;
  const { clock } = core.rooms;
  const plans = createPlans(reading, by.readBy);
  const marks = createSightingMarks(by.member.name, clock.now());
  const results: CheckResult[] = [];
  const isHeard = core.events.isHeard('checked');
  let bytes = 0;
  for (let i = from; i < batch.length; i++) {
    const startedAt = isHeard ? clock.monotonicMs() : 0;
    const found = batch[i]!;
    const examined = recall(found.glance?.identity, plans, by);
    const result = examined !== undefined && isUnlisted(examined, by) ? resultOf(found, examined, by) : undefined;
    if (result === undefined) {
      break;
    }
    bytes += examined?.size ?? 0;
    results.push(result);
    noteSighting(result, { found, examined: examined!, marks }, by);
    if (isHeard) {
      const { id, verdict, decision } = result;
      core.events.emit({ kind: 'checked', id, verdict, decision, tookMs: clock.monotonicMs() - startedAt });
    }
  }
  count(core, { results: results.length, bytes });
  return results;
}

function count({ stats }: EngineCore, { results, bytes }: { readonly results: number; readonly bytes: number }): void {
  for (const name of ['checks', 'clean', 'filterCleared', 'scanCacheHits']) {
    stats.add(name, results);
  }
  stats.add('bytes', bytes);
}

/** The retro log is told of what is let through, once in the stretch of time that it counts by. */
function noteSighting(
  result: CheckResult,
  { found, examined, marks }: { readonly found: FoundFile; readonly examined: Content; readonly marks: (place: number) => number },
  { core, member, scans, readBy }: Judging,
): void {
  const file = found.glance?.identity;
  if (core.rooms.retro === undefined || file === undefined || retroNote(result) !== 'remember') {
    return;
  }
  const mark = marks(found.placeHash ?? placeOf(result.subject));
  if (examined.mark !== mark) {
    noteForRetro(result, { core, member, fingerprints: examined.fingerprints });
    scans.mark(file, readBy, mark);
  }
}

/** A file in which nothing was found when it was read. */
interface Content {
  readonly sha256: Uint8Array;
  readonly size: number;
  readonly fingerprints: readonly Fingerprint[];
  /** Of the sighting that the retro log was told of. */
  readonly mark: number;
}

/** What is known of a file in which nothing was found. */
function recall(file: FileIdentity | undefined, planOf: (size: number) => ReadingPlan, { scans }: Judging): Content | undefined {
  if (file === undefined) {
    return undefined;
  }
  const size = Number(file.size);
  const plan = planOf(size);
  const content = scans.find(file, plan);
  if (content === undefined || content.threats.length > 0 || content.doubt !== undefined) {
    return undefined;
  }
  return { sha256: content.digests.sha256, size, fingerprints: fileFingerprints(content.digests, size), mark: content.mark };
}

/** A part of the host that throws is heard again, and reported, on the way of the story. */
function isUnlisted({ sha256, fingerprints }: Content, { lists, reading }: Judging): boolean {
  const { view } = reading;
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

/** Undefined where policy wants something done about it. */
function resultOf(found: FoundFile, examined: Content, by: Judging): CheckResult | undefined {
  const { core, options, reading } = by;
  const verdict = reading.view.unlisted;
  const subject = found.info();
  const facts = { verdict, pending: notPending, subject, occasion: 'now', location: by.location, localServersOnly: by.localServersOnly } as const;
  const decision: Decision = decideFrom(facts, by);
  if (decision.remedy !== 'none' && options.apply !== false) {
    return undefined;
  }
  return {
    id: core.rooms.newId(),
    subject,
    sha256: toHex(examined.sha256),
    size: examined.size,
    verdict,
    decision,
    occasion: 'now',
    pending: notPending,
    members: nothing,
    trace: nothing,
  };
}

/** Plans by size: without digests that are wanted of some sizes only, it is the same one for all files. */
function createPlans(reading: Reading, by: string): (size: number) => ReadingPlan {
  const { md5, sha1 } = reading.view.wants;
  const isSame = !Array.isArray(md5) && !Array.isArray(sha1);
  const always = isSame ? readingPlan(reading, { by, size: 0 }) : undefined;
  return (size) => always ?? readingPlan(reading, { by, size });
}
