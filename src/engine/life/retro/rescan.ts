/**
 * The content of a remembered file, read again by the byte signatures of now. Only the content that was let through
 * counts: what stands in its place today was somebody else's to judge.
 */
import type { RetroEntry } from '../../../retro/retro-log.js';
import type { EngineCore, Member } from '../../family/core.js';
import { askOf } from '../../check/check.js';
import { tellStory } from '../../story/story.js';
import { verdictOf } from '../../story/verdicts.js';
import { toHex } from '../../../base/bytes.js';
import { retroWord, type RetroWord } from './judge.js';

/** The word of the agent pattern on the first place that still has the content; harmless where none has. */
export async function rescan(
  entry: RetroEntry,
  member: Member,
  { core, signal }: { readonly core: EngineCore; readonly signal: AbortSignal },
): Promise<RetroWord> {
  for (const { owner, subject } of entry.kind === 'file' ? entry.places : []) {
    const { locator } = subject;
    const opener = locator === undefined ? undefined : core.rooms.openers[locator.scheme];
    if (owner !== member.name || locator === undefined || opener === undefined) {
      continue;
    }
    const opened = await opener(locator, { signal }).catch(() => undefined);
    if (opened === undefined) {
      continue;
    }
    const options = { layers: 'local', pending: false, signal } as const;
    const { facts, view } = await tellStory({ core, member, subject: { ...opened, ...subject }, options, ask: askOf(core) });
    const { examined } = facts;
    if (examined !== undefined && examined.kind === 'file' && toHex(examined.sha256) === entry.key) {
      const word = retroWord(verdictOf(facts, view.generations));
      return word.kind === 'malicious' ? word : { kind: 'harmless' };
    }
  }
  return { kind: 'harmless' };
}
