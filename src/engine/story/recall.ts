/**
 * What a file was when it was last read, where the engine has a scan cache: the digests and what the byte signatures
 * found, judged anew by today's lists, filter and answers. The file is looked at, not opened.
 */
import { isWanted } from '../../base/fingerprint.js';
import type { FileGlance, FileSubject } from '../../base/subject.js';
import type { ReadContent, ReadingPlan, ScanMemory } from '../../cache/scan/scan-memory.js';
import type { PatternView } from '../family/patterns.js';
import { contentFacts } from './examine.js';
import type { Examined, Facts } from './facts.js';

/** How a check would read a file. */
export interface Reading {
  readonly view: PatternView;
  readonly layers: Facts['layers'];
  readonly allMatches: boolean;
  readonly maxFileBytes: number;
}

/** A file that was looked at before it is opened. */
export interface Looked {
  readonly glance: FileGlance;
  /** What is known of it; undefined when it has to be read. */
  readonly examined: Examined | undefined;
  /** Keeps what reading it brought. */
  keep(content: ReadContent): void;
}

/** Undefined where nothing can be kept of the subject: no scan cache, no look without opening, a size beyond all numbers. */
export async function lookAt(
  subject: FileSubject,
  reading: Reading,
  by: { readonly scans: ScanMemory | undefined; readonly signal: AbortSignal },
): Promise<Looked | undefined> {
  const { scans, signal } = by;
  const glance = scans === undefined ? undefined : await glanceAt(subject, signal);
  if (scans === undefined || glance === undefined) {
    return undefined;
  }
  const size = Number(glance.identity.size);
  const plan = readingPlan(reading, { by: readBy(reading), size });
  await scans.load([glance.identity], plan.by);
  const known = scans.find(glance.identity, plan);
  return {
    glance,
    examined: known === undefined ? undefined : { ...recalledFacts(known, size, plan.scan), seen: glance },
    keep: (content) => scans.keep(glance, plan, content),
  };
}

/** A look that fails says nothing: the opening will. */
async function glanceAt(subject: FileSubject, signal: AbortSignal): Promise<FileGlance | undefined> {
  try {
    return await subject.glance?.({ signal });
  } catch {
    return undefined;
  }
}

/** What finds depend on besides the content. */
export function readBy({ view, maxFileBytes }: Pick<Reading, 'view' | 'maxFileBytes'>): string {
  return `${view.agentDigest ?? 'none'}.${maxFileBytes}`;
}

/** How a file of this size is read. */
export function readingPlan({ view, layers, allMatches }: Reading, file: { readonly by: string; readonly size: number }): ReadingPlan {
  return {
    by: file.by,
    scan: view.local === undefined || layers === 'remote' ? 'none' : allMatches ? 'all' : 'first',
    md5: isWanted(view.wants.md5, file.size),
    sha1: isWanted(view.wants.sha1, file.size),
  };
}

/** The same facts as after reading it. */
export function recalledFacts(content: ReadContent, size: number, scan: ReadingPlan['scan']): Extract<Examined, { kind: 'file' | 'digest' }> {
  const { digests, threats, doubt } = content;
  return contentFacts('file', { digests, size, ...(scan === 'none' ? {} : { scan: { findings: threats.map((threat) => ({ threat })), incomplete: doubt } }) });
}
