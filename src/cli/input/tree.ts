/**
 * The files that the user names and those below them, as subjects. What cannot be looked into (a directory without
 * permission, a named device) is a subject as well, one that ends as unknown: nothing is left out in silence.
 */
import { comesInBatches, inBatches, type BatchOptions, type FoundFile } from '../../base/found-files.js';
import type { FileSubject } from '../../base/subject.js';
import { VedetteError } from '../../base/errors.js';
import { walk, type SkipReason } from '../../node/walk/walk.js';

/** What was met in a tree and is no file. */
export type Skipped = ReadonlyMap<SkipReason, number>;

/** A tree that is about to be walked. */
export interface Tree {
  readonly subjects: AsyncIterable<FileSubject>;
  /** Met so far: what is no file, by kind. */
  skipped(): Skipped;
}

/** The files of the paths, in the order of the paths. */
export function createTree(paths: readonly string[]): Tree {
  const skipped = new Map<SkipReason, number>();
  const named = new Set(paths);
  const failed: FileSubject[] = [];

  function onSkip(path: string, reason: SkipReason, errno?: string): void {
    const isOpaque = reason === 'unreadable' || reason === 'gone';
    if (isOpaque || named.has(path)) {
      failed.push(opaqueSubject(path, reason, errno));
      return;
    }
    skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  }

  async function* subjects(): AsyncGenerator<FileSubject> {
    for await (const subject of walk(paths, { onSkip, blocking: true })) {
      yield* failed.splice(0);
      yield subject;
    }
    yield* failed.splice(0);
  }

  /** The same for an engine that knows most files by sight: what cannot be looked into comes before the batch that it was met in. */
  async function* batches(how: BatchOptions): AsyncGenerator<readonly FoundFile[], void, undefined> {
    const files = walk(paths, { onSkip, blocking: true });
    if (comesInBatches(files)) {
      for await (const batch of files[inBatches](how)) {
        yield [...failed.splice(0).map(opaqueFile), ...batch];
      }
    }
    yield failed.splice(0).map(opaqueFile);
  }

  return { subjects: Object.assign(subjects(), { [inBatches]: batches }), skipped: () => skipped };
}

function opaqueFile(subject: FileSubject): FoundFile {
  return { info: () => ({ label: subject.label, kind: 'file' }), glance: undefined, subject: () => subject };
}

/** Counts ahead of a run, so that its progress bar knows how much there will be. */
export async function countFiles(paths: readonly string[], how: { expect(): void; readonly signal: AbortSignal }): Promise<void> {
  for await (const _ of walk(paths)) {
    if (how.signal.aborted) {
      return;
    }
    how.expect();
  }
}

/** A place that cannot be looked into. Without a locator: no server can settle it. */
function opaqueSubject(path: string, reason: SkipReason, errno: string | undefined): FileSubject {
  const error =
    reason === 'unreadable' || reason === 'gone'
      ? Object.assign(new Error(errno ?? reason), { code: reason === 'gone' ? 'ENOENT' : errno })
      : new VedetteError('unsupported', `${path}: expected a file or directory, got a ${reason}`);
  return { kind: 'file', label: path, open: () => Promise.reject(error) };
}
