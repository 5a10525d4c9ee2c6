/**
 * An open file of the machine behind the `DurableFile` seam: plain descriptors and callbacks, since a `FileHandle` costs
 * a third more per call, and an acknowledgement is a write, a sync and little else.
 */
import * as fs from 'node:fs';
import type { DurableFile } from './durable-files.js';

/**
 * Up to here a write is made on the calling thread: the page cache takes it in some 5 µs, the way to the thread pool and
 * back takes 30. Syncs never are.
 */
const promptBytes = 1 << 14;

/** Opens a file with these flags and, where it is made, this mode. Rejects with the system's error. */
export async function openNodeFile(path: string, flags: number, mode?: number): Promise<DurableFile> {
  return durable(await called<number>((done) => fs.open(path, flags, mode, done)));
}

function durable(fd: number): DurableFile {
  return {
    size: async () => (await called<fs.Stats>((done) => fs.fstat(fd, done))).size,
    read: (at, into) => readFully(fd, at, into),
    write: (at, bytes) => writeFully(fd, at, bytes),
    // The size counts as data, so this is enough, and cheaper than fsync on most file systems.
    sync: () => called<void>((done) => fs.fdatasync(fd, done)),
    close: () => called<void>((done) => fs.close(fd, done)),
  };
}

async function readFully(fd: number, at: number, into: Uint8Array): Promise<number> {
  let done = 0;
  while (done < into.length) {
    const count = await called<number>((end) => fs.read(fd, into, done, into.length - done, at + done, end));
    if (count === 0) {
      break;
    }
    done += count;
  }
  return done;
}

async function writeFully(fd: number, at: number, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const left = bytes.length - done;
    const count =
      left <= promptBytes
        ? fs.writeSync(fd, bytes, done, left, at + done)
        : await called<number>((end) => fs.write(fd, bytes, done, left, at + done, end));
    if (count === 0) {
      throw Object.assign(new Error('a write that wrote nothing'), { code: 'EIO' });
    }
    done += count;
  }
}

function called<T>(call: (done: (error: NodeJS.ErrnoException | null | undefined, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error === null || error === undefined ? resolve(value as T) : reject(error)));
  });
}
