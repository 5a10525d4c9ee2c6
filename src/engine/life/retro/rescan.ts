/**
 * The content of a remembered file, read again by the byte signatures of now. Only the content that was let through
 * counts: what stands in its place today was somebody else's to judge.
 */
import { toHex } from '../../../base/bytes.js';
import { throwIfAborted } from '../../../base/errors.js';
import type { SubjectInfo } from '../../../base/subject.js';
import type { Reason } from '../../../base/verdict.js';
import type { RetroEntry, RetroPlace } from '../../../retro/retro-log.js';
import { askOf } from '../../check/check.js';
import type { EngineCore, Member } from '../../family/core.js';
import { readFailure } from '../../story/examine.js';
import { tellStory } from '../../story/story.js';
import { verdictOf } from '../../story/verdicts.js';
import { inTime } from '../in-time.js';
import { retroWord, type RetroWord } from './judge.js';

/** Opening and reading one file may take this long. */
const readMs = 60_000;

/**
 * The word of the agent pattern on the first place that still has the content; harmless where none has. Open where a
 * place could not be read: what cannot be looked at is not harmless for that.
 */
export async function rescan(entry: RetroEntry, member: Member, by: RescanBy): Promise<RetroWord> {
  let unread: Reason | undefined;
  for (const place of entry.kind === 'file' ? entry.places : []) {
    if (place.owner !== member.name) {
      continue;
    }
    const seen = await readPlace(place, member, by);
    if (seen.kind === 'unread') {
      unread ??= seen.reason;
    } else if (seen.kind === 'read' && seen.sha256 === entry.key) {
      return seen.word;
    }
  }
  return unread === undefined ? { kind: 'harmless' } : { kind: 'open', reason: unread };
}

interface RescanBy {
  readonly core: EngineCore;
  readonly signal: AbortSignal;
}

/** What stands at a place now. */
type Seen =
  | { readonly kind: 'read'; readonly sha256: string; readonly word: RetroWord }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unread'; readonly reason: Reason };

/** Never longer than `readMs`, and never an error but that of the hunt's own end. */
async function readPlace(place: RetroPlace, member: Member, by: RescanBy): Promise<Seen> {
  const own = new AbortController();
  const leave = by.core.fanOut.follow(by.signal, () => own.abort(by.signal.reason));
  try {
    const end = await inTime(read(place.subject, member, { core: by.core, signal: own.signal }), readMs, by.core.rooms.clock);
    return end.kind === 'ended' ? end.value : { kind: 'unread', reason: 'deadline' };
  } catch (error) {
    throwIfAborted(by.signal);
    return unseen(readFailure(error));
  } finally {
    leave();
    own.abort();
  }
}

async function read(subject: SubjectInfo, member: Member, { core, signal }: RescanBy): Promise<Seen> {
  const { locator } = subject;
  const opener = locator === undefined ? undefined : core.rooms.openers[locator.scheme];
  const opened = locator === undefined ? undefined : await opener?.(locator, { signal });
  if (opened === undefined) {
    return { kind: 'gone' };
  }
  const options = { layers: 'local', pending: false, signal } as const;
  const { facts, view } = await tellStory({ core, member, subject: { ...opened, ...subject }, options, ask: askOf(core) });
  const { examined } = facts;
  if (examined?.kind === 'file') {
    const word = retroWord(verdictOf(facts, view.generations));
    return { kind: 'read', sha256: toHex(examined.sha256), word: word.kind === 'malicious' ? word : { kind: 'harmless' } };
  }
  return examined?.kind === 'failed' ? unseen(examined.reason) : { kind: 'gone' };
}

/** A folder where the file was is not its content either. */
function unseen(reason: Reason): Seen {
  return reason === 'gone' || reason === 'unsupported' ? { kind: 'gone' } : { kind: 'unread', reason };
}
