/**
 * A file of this machine as a subject: opened once, without following a symbolic link and without waiting for a pipe,
 * read by offset, and identified on the same descriptor (DESIGN rule 6).
 */
import type { BigIntStats } from 'node:fs';
import { VedetteError, throwIfAborted } from '../../base/errors.js';
import type { Signal } from '../../base/seams.js';
import { identityText, type ByteSource, type FileGlance, type FileSubject, type Locator, type Subject, type SubjectInfo } from '../../base/subject.js';
import { blockingCalls, openFlags, poolCalls, type FileCalls } from './file-calls.js';
import { absolutePath, fileLocator, locatorPath, pathLabel, type FilePath } from './file-path.js';

/** How a file is read. */
export interface FileReading {
  /**
   * Reads on the calling thread instead of the thread pool: for workers and command lines. Ten times less work per
   * small file, and nothing else happens on the thread while a slow disk answers. Default: false.
   */
  readonly blocking?: boolean | undefined;
}

/**
 * A file by its path (bytes where the name is no text). Its locator is the absolute path, its label the path as given,
 * unless `info` says otherwise. Opening rejects with the system's error (`ENOENT`, `EACCES`, `ELOOP` for a symbolic
 * link), or with VedetteError `unsupported` for what is no regular file; such are not even opened.
 */
export function fileSubject(path: FilePath, info: SubjectInfo = {}, reading: FileReading = {}): FileSubject {
  // Taken now: the working directory may be another one when the file is opened.
  const whole = absolutePath(path);
  return foundFile(whole, { label: pathLabel(path), ...info }, reading, { opening: lookFirst });
}

/**
 * The opener of locators with the scheme `file`. Undefined for a locator that names no path; touches no file. The
 * subject has no label: that is kept by whoever kept the locator.
 */
export async function fileOpener(locator: Locator, _options?: Signal): Promise<Subject | undefined> {
  const path = locatorPath(locator);
  return path === undefined ? undefined : foundFile(path, {}, {}, { opening: lookFirst });
}

/** A file that was seen to be regular a moment ago, by its absolute path. The first look at it may have been taken then. */
export function foundFile(path: FilePath, info: SubjectInfo, reading: FileReading, before: Before = {}): FileSubject {
  const calls = reading.blocking === true ? blockingCalls : poolCalls;
  const { opening = alreadySeen } = before;
  let taken = before.glance;
  return {
    kind: 'file',
    locator: fileLocator(path),
    ...info,
    glance: () => {
      const glance = taken ?? glanceAt(calls, path);
      taken = undefined;
      return glance;
    },
    open: async (options) => {
      throwIfAborted(options?.signal);
      await opening(calls, path);
      return openFile(calls, path);
    },
  };
}

/** What comes before a file is opened. */
interface Before {
  readonly opening?: BeforeOpening;
  readonly glance?: FileGlance | undefined;
}

async function glanceAt(calls: FileCalls, path: FilePath): Promise<FileGlance | undefined> {
  const identity = await calls.lstat(path);
  return identity.isFile() ? { identity, seenAt: Date.now() } : undefined;
}

type BeforeOpening = (calls: FileCalls, path: FilePath) => Promise<void>;

const alreadySeen: BeforeOpening = () => Promise.resolve();

/** Opening a device can have effects (a tape rewinds, a watchdog starts), so what is one is not opened. */
const lookFirst: BeforeOpening = async (calls, path) => {
  const stats = await calls.lstat(path);
  // A link is left to the opening, which refuses it as the system does.
  if (!stats.isSymbolicLink()) {
    assertRegular(stats, path);
  }
};

async function openFile(calls: FileCalls, path: FilePath): Promise<ByteSource> {
  const fd = await calls.open(path, openFlags);
  try {
    const stats = await calls.fstat(fd);
    assertRegular(stats, path);
    return new OpenedFile(calls, fd, Number(stats.size));
  } catch (error) {
    await calls.close(fd);
    throw error;
  }
}

class OpenedFile implements ByteSource {
  readonly size: number;
  readonly #calls: FileCalls;
  #fd: number | undefined;
  #reading: Promise<unknown> | undefined;

  constructor(calls: FileCalls, fd: number, size: number) {
    this.#calls = calls;
    this.#fd = fd;
    this.size = size;
  }

  read(at: number, into: Uint8Array, { signal }: Signal = {}): number | Promise<number> {
    throwIfAborted(signal);
    const read = this.#calls.read(this.#descriptor(), into, at);
    if (typeof read !== 'number') {
      this.#reading = read;
    }
    return read;
  }

  async identity(): Promise<string> {
    return identityOf(await this.#calls.fstat(this.#descriptor()));
  }

  async close(): Promise<void> {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd === undefined) {
      return;
    }
    // A read that is still to come in the thread pool would find another file under the same number.
    await Promise.allSettled([this.#reading]);
    await this.#calls.close(fd);
  }

  #descriptor(): number {
    if (this.#fd === undefined) {
      throw new VedetteError('closed', 'the file is closed');
    }
    return this.#fd;
  }
}

/** A text that changes whenever the file is written or replaced. */
export function identityOf(stats: BigIntStats): string {
  return identityText(stats);
}

/** What a file is that is not regular, in a word; undefined for a regular one. */
export function specialKind(stats: Pick<BigIntStats, 'isFile' | 'isDirectory' | 'isFIFO' | 'isSocket' | 'isSymbolicLink'>): SpecialKind | undefined {
  if (stats.isFile()) {
    return undefined;
  }
  if (stats.isDirectory()) {
    return 'directory';
  }
  if (stats.isSymbolicLink()) {
    return 'symlink';
  }
  return stats.isFIFO() ? 'fifo' : stats.isSocket() ? 'socket' : 'device';
}

/** What is no regular file. */
export type SpecialKind = 'directory' | 'symlink' | 'fifo' | 'socket' | 'device';

function assertRegular(stats: BigIntStats, path: FilePath): void {
  const type = specialKind(stats);
  if (type !== undefined) {
    throw new VedetteError('unsupported', `${pathLabel(path)}: expected a regular file, got a ${type}`, { detail: { type } });
  }
}
