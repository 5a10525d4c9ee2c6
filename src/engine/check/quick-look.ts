/**
 * What can be said of the content of a found file without waiting for anything: what it was when it was read before, or
 * what reading it on the spot brings. Whatever else it needs, a story is told of it, which is given what was read.
 */
import type { Fingerprint } from '../../base/fingerprint.js';
import type { FoundFile } from '../../base/found-files.js';
import type { FileGlance } from '../../base/subject.js';
import type { ReadContent, ReadingPlan, ScanMemory } from '../../cache/scan/scan-memory.js';
import type { CheckOptions } from '../checker.js';
import { fileFingerprints, unreadFile } from '../story/examine.js';
import { examineWhole } from '../story/examine-whole.js';
import type { Examined } from '../story/facts.js';
import { readBy, readingPlan, recalledFacts, type Reading } from '../story/recall.js';
import type { Received } from '../story/story.js';

/** A content that is known. */
export interface Content {
  readonly kind: 'recalled' | 'read';
  readonly sha256: Uint8Array;
  readonly size: number;
  readonly fingerprints: readonly Fingerprint[];
  /** Something was found in it, or not everything could be searched. */
  readonly isSuspect: boolean;
  /** Of the sighting that the retro log was told of, 0 without one. */
  readonly mark: number;
  /** What was read just now. */
  readonly facts: (() => Examined) | undefined;
}

/** What was seen of a file. `later`: it was read, and its search has not come to an end. */
export type Seen = Content | { readonly kind: 'later'; readonly facts: Promise<Examined> };

/** Looks at the files of one batch. */
export interface QuickLook {
  /** Undefined where nothing is known of it and it cannot be read on the spot. */
  at(found: FoundFile): Seen | undefined;
  /** For the story of the file, undefined where that finds out by itself. */
  receivedOf(seen: Seen): Received | undefined;
  /** Marks what is kept of the file. */
  mark(found: FoundFile, mark: number): void;
}

/** One look after the other, by one view of the patterns. */
export function createQuickLook(reading: Reading, how: { readonly scans: ScanMemory | undefined; readonly options: CheckOptions }): QuickLook {
  const { scans, options } = how;
  const by = readBy(reading);
  const planOf = createPlans(reading, by);
  // A deadline counts from the beginning of a check: it is for a story to keep it.
  const mayRead = options.deadlineMs === undefined;

  function recall({ glance }: FoundFile): Content | undefined {
    if (scans === undefined || glance === undefined) {
      return undefined;
    }
    const size = Number(glance.identity.size);
    const content = scans.find(glance.identity, planOf(size));
    return content === undefined ? undefined : contentOf('recalled', content, { size, mark: content.mark, facts: undefined });
  }

  function readNow(found: FoundFile): Seen | undefined {
    const bytes = mayRead ? found.content?.() : undefined;
    if (bytes === undefined || bytes.length > reading.maxFileBytes) {
      return undefined;
    }
    const { view, allMatches } = reading;
    const { length: size } = bytes;
    const facts = (content: ReadContent): Examined => keptFacts(found.glance, content, size);
    const read = examineWhole(bytes, { extractor: view.extractor, wants: view.wants, matcher: view.local?.matcher, allMatches, signal: options.signal });
    if (read instanceof Promise) {
      return { kind: 'later', facts: read.then(facts).catch(unreadFile) };
    }
    const examined = facts(read);
    return contentOf('read', read, { size, mark: 0, facts: () => examined });
  }

  function keptFacts(glance: FileGlance | undefined, content: ReadContent, size: number): Examined {
    const plan = planOf(size);
    const facts = recalledFacts(content, size, plan.scan);
    if (scans === undefined || glance === undefined) {
      return facts;
    }
    scans.keep(glance, plan, content);
    return { ...facts, seen: glance };
  }

  return {
    at(found) {
      const known = recall(found);
      if (known !== undefined) {
        return known;
      }
      try {
        return readNow(found);
      } catch {
        // A part of the host that throws is heard again, and reported, on the way of the story.
        return undefined;
      }
    },
    receivedOf(seen) {
      if (seen.kind === 'later') {
        return { view: reading.view, examine: () => seen.facts };
      }
      const { facts } = seen;
      return facts === undefined ? undefined : { view: reading.view, examine: () => Promise.resolve(facts()) };
    },
    mark({ glance }, mark) {
      if (glance !== undefined) {
        scans?.mark(glance.identity, by, mark);
      }
    },
  };
}

function contentOf(kind: Content['kind'], { digests, threats, doubt }: ReadContent, more: Pick<Content, 'size' | 'mark' | 'facts'>): Content {
  return {
    kind,
    sha256: digests.sha256,
    size: more.size,
    fingerprints: fileFingerprints(digests, more.size),
    isSuspect: threats.length > 0 || doubt !== undefined,
    mark: more.mark,
    facts: more.facts,
  };
}

/** Plans by size: without digests that are wanted of some sizes only, it is the same one for all files. */
function createPlans(reading: Reading, by: string): (size: number) => ReadingPlan {
  const { md5, sha1 } = reading.view.wants;
  const isSame = !Array.isArray(md5) && !Array.isArray(sha1);
  const always = isSame ? readingPlan(reading, { by, size: 0 }) : undefined;
  return (size) => always ?? readingPlan(reading, { by, size });
}
