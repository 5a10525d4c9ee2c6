/**
 * Marks of files whose sighting the retro log was told of: it keeps sightings by stretches of six hours, so a file that is
 * let through again at the same place within one need not be told of again, and a scan of an unchanged tree need not even
 * open the log. The mark stands in the scan cache, and goes with the state of the file.
 */
import type { CheckResult } from '../../base/check-result.js';
import type { SubjectInfo } from '../../base/subject.js';
import type { EngineCore, Member } from '../family/core.js';
import { retroNote } from '../life/retro/note.js';
import { readBy } from '../story/recall.js';
import type { Story } from '../story/story.js';

/** As in the retro log. */
const stretchMs = 6 * 3_600_000;

/** The mark of a sighting by this engine, now: 32 bits of owner, stretch and place, never 0. */
export function createSightingMarks(owner: string, now: number): (subject: SubjectInfo) => number {
  const seed = extended(0x811c9dc5, `${owner}\0${Math.floor(now / stretchMs)}\0`);
  let directory = { text: '', hash: seed };
  return ({ label = '', locator }) => {
    const ref = locator?.ref ?? '';
    const nameAt = ref.lastIndexOf('/') + 1;
    // The files of a directory come one after the other.
    if (directory.text.length !== nameAt || !ref.startsWith(directory.text)) {
      const text = ref.slice(0, nameAt);
      directory = { text, hash: extended(seed, text) };
    }
    const hash = extended(directory.hash, ref, nameAt);
    return (label === ref ? hash : extended(hash, `\0${label}`)) >>> 0 || 1;
  };
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
  scans.mark(seen.identity, by, createSightingMarks(member.name, clock.now())(story.subject));
}

/** FNV-1a over UTF-16 units. */
function extended(hash: number, text: string, from = 0): number {
  let extending = hash;
  for (let i = from; i < text.length; i++) {
    extending = Math.imul(extending ^ text.charCodeAt(i), 0x01000193);
  }
  return extending;
}
