/**
 * Reads small files whole on the calling thread, into one buffer: open, state, bytes, state again, close, without a
 * promise between them. A reader of its own for each walk. Whatever is not as plain as expected is left alone: the way
 * over `FileSubject` finds out what is the matter, and says it.
 */
import { closeSync, fstatSync, openSync, readSync, type BigIntStats } from 'node:fs';
import type { FileIdentity } from '../../base/subject.js';
import { openFlags } from './file-calls.js';
import type { FilePath } from './file-path.js';
import { paceAfterLeaving, paceAfterRead, paceAfterTurn, promptPace, type ReadPace } from './read-pace.js';

/** Larger files are read in chunks, by way of their subjects. */
export const maxPromptBytes: number = 256 * 1024;

/** The reader of one walk. */
export interface PromptReader {
  /**
   * The content, valid until the next call; undefined where the file is not regular, too large, cannot be read, is not
   * what was `seen`, or was written to meanwhile, and while reading on this thread takes too long.
   */
  read(path: FilePath, seen: FileIdentity | undefined): Uint8Array | undefined;
  /** To be called after each turn of the event loop. */
  turned(): void;
  /** True while files are to be left to the thread pool. */
  isSlow(): boolean;
}

/** A reader with a buffer of its own. `nowMs`: a clock that tells fractions of a millisecond. */
export function createPromptReader(nowMs: () => number): PromptReader {
  let buffer: Uint8Array | undefined;
  let pace: ReadPace = promptPace;
  let spentMs = 0;
  let files = 0;
  return {
    read(path, seen) {
      if (pace.by === 'pool') {
        pace = paceAfterLeaving(pace);
        return undefined;
      }
      // One byte more than there may be: a file that goes on shows in the count.
      buffer ??= new Uint8Array(maxPromptBytes + 1);
      const startedAt = nowMs();
      const content = readWhole(path, seen, buffer);
      spentMs += nowMs() - startedAt;
      files++;
      pace = paceAfterRead(pace, spentMs);
      return content;
    },
    turned() {
      pace = paceAfterTurn(pace, { files });
      spentMs = 0;
      files = 0;
    },
    isSlow: () => pace.by === 'pool',
  };
}

function readWhole(path: FilePath, seen: FileIdentity | undefined, buffer: Uint8Array): Uint8Array | undefined {
  try {
    const fd = openSync(path, openFlags);
    try {
      return contentOf(fd, seen, buffer);
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

function contentOf(fd: number, seen: FileIdentity | undefined, buffer: Uint8Array): Uint8Array | undefined {
  const before = fstatSync(fd, inBigInts);
  if (!before.isFile() || before.size > maxPromptBytes || (seen !== undefined && !isSame(before, seen))) {
    return undefined;
  }
  const size = Number(before.size);
  const count = readSync(fd, buffer, 0, size + 1, 0);
  return count === size && isSame(fstatSync(fd, inBigInts), before) ? buffer.subarray(0, size) : undefined;
}

const inBigInts = { bigint: true } as const;

function isSame(a: BigIntStats, b: FileIdentity): boolean {
  return a.ctimeNs === b.ctimeNs && a.mtimeNs === b.mtimeNs && a.size === b.size && a.ino === b.ino && a.dev === b.dev;
}
