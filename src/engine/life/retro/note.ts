/**
 * What the retro log is told of each result: remembered where the subject was let through, left to the queue where the
 * queue holds it, and reported for all other places where it turned out to be malicious.
 */
import { toHex } from '../../../base/bytes.js';
import type { CheckResult } from '../../../base/check-result.js';
import { bareFingerprint, type Fingerprint } from '../../../base/fingerprint.js';
import { subjectInfo } from '../../../base/subject.js';
import type { RetroLog, RetroPlace } from '../../../retro/retro-log.js';
import type { EngineCore, Member } from '../../family/core.js';
import type { Story } from '../../story/story.js';

/** What follows from a result. Pure. */
export function retroNote(result: Pick<CheckResult, 'verdict' | 'decision' | 'pending' | 'sha256'>): 'remember' | 'leave' | 'catch' | 'nothing' {
  if (result.sha256 === undefined) {
    return 'nothing';
  }
  if (result.verdict.disposition === 'malicious') {
    return 'catch';
  }
  if (result.pending.kind === 'queued') {
    return 'leave';
  }
  const { access } = result.decision;
  return access === 'allow' || access === 'warn' ? 'remember' : 'nothing';
}

/** Whose result it is, and what is known of the content besides. */
export interface NotedBy {
  readonly core: EngineCore;
  readonly member: Member;
  /** Of a result of now. */
  readonly story?: Story;
  /** Of a late one: what the entry was asked about by. */
  readonly fingerprints?: readonly Fingerprint[];
}

/** Tells the log of a result of now, or of a late one. Nobody waits for it. */
export function noteForRetro(result: CheckResult, by: NotedBy): void {
  const { core, member, story } = by;
  const known = story === undefined ? by.fingerprints ?? [] : fingerprintsOf(story);
  const { retro } = core.rooms;
  const key = result.sha256;
  if (retro === undefined || key === undefined) {
    return;
  }
  const place: RetroPlace = { owner: member.name, subject: subjectInfo(result.subject) };
  const note = retroNote(result);
  if (note === 'catch') {
    core.hunt?.caught(result, place);
    return;
  }
  if (note !== 'nothing') {
    const work = note === 'leave' ? retro.forget(key, place) : remember(retro, { result, key, place, known });
    core.rooms.background(
      work.catch((error: unknown) => core.hunt?.failed(error)),
    );
  }
  // Judged by patterns that were replaced meanwhile: the newer ones have not seen it, and their hunt may have passed by.
  if (note === 'remember' && story !== undefined && story.view !== core.patterns.view(core.newestGeneration())) {
    core.hunt?.suspect(key);
  }
}

async function remember(
  log: RetroLog,
  what: { readonly result: CheckResult; readonly key: string; readonly place: RetroPlace; readonly known: readonly Fingerprint[] },
): Promise<void> {
  const { result, key, place, known } = what;
  const { kind, url } = result.subject;
  // Those of another content at the same place are not its own.
  const isOwn = known.some((one) => one.algorithm === 'sha256' && toHex(one.hash) === key);
  const fingerprints = kind === 'url' || !isOwn ? [] : known;
  await log.remember({ ...place, kind, key, ...(url === undefined ? {} : { url }), fingerprints });
}

/** All digests that were made of a content. */
function fingerprintsOf({ facts }: Story): readonly Fingerprint[] {
  const { examined } = facts;
  return examined !== undefined && (examined.kind === 'file' || examined.kind === 'digest') ? examined.fingerprints.map(bareFingerprint) : [];
}
