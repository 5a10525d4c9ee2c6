/**
 * Marks of files whose sighting the retro log was told of: it keeps sightings by stretches of six hours, so a file that is
 * let through again at the same place within one need not be told of again, and a scan of an unchanged tree need not even
 * open the log. The mark stands in the scan cache, and goes with the state of the file.
 */
import type { CheckResult } from '../../base/check-result.js';
import { extendTextHash, placeHash, textHashSeed } from '../../base/found-files.js';
import type { SubjectInfo } from '../../base/subject.js';
import type { EngineCore, Member } from '../family/core.js';
import { retroNote } from '../life/retro/note.js';
import { readBy } from '../story/recall.js';
import type { Story } from '../story/story.js';

/** As in the retro log. */
const stretchMs = 6 * 3_600_000;

/** The mark of a sighting by this engine, now: 32 bits of owner, stretch and place, never 0. */
export function createSightingMarks(owner: string, now: number): (place: number) => number {
  const seed = extendTextHash(textHashSeed, `${owner}\0${Math.floor(now / stretchMs)}`);
  return (place) => (Math.imul(seed ^ place, 0x01000193) ^ seed) >>> 0 || 1;
}

/** The place of a subject in one number. */
export function placeOf({ label = '', locator }: SubjectInfo): number {
  return placeHash(extendTextHash(textHashSeed, locator?.ref ?? ''), extendTextHash(textHashSeed, label));
}

/** After a check in full: the retro log was told of what was let through. */
export function markSighting(story: Story, result: CheckResult, { core, member }: { readonly core: EngineCore; readonly member: Member }): void {
  const { scans, retro, clock } = core.rooms;
  const { examined } = story.facts;
  const seen = examined?.kind === 'file' ? examined.seen : undefined;
  if (scans === undefined || retro === undefined || seen === undefined || retroNote(result) !== 'remember') {
    return;
  }
  const by = readBy({ view: story.view, maxFileBytes: member.limits.maxFileBytes });
  scans.mark(seen.identity, by, createSightingMarks(member.name, clock.now())(placeOf(story.subject)));
}
