/**
 * The system calls of an open file in two kinds: on the thread pool, through callbacks (`FileHandle` costs a third
 * more per call), or on the calling thread.
 */
import * as fs from 'node:fs';
import type { FilePath } from './file-path.js';

/** What an open file needs. */
export interface FileCalls {
  lstat(path: FilePath): fs.BigIntStats | Promise<fs.BigIntStats>;
  open(path: FilePath, flags: number): number | Promise<number>;
  fstat(fd: number): fs.BigIntStats | Promise<fs.BigIntStats>;
  read(fd: number, into: Uint8Array, at: number): number | Promise<number>;
  close(fd: number): void | Promise<void>;
}

/** To read only. O_NONBLOCK: opening a pipe would wait for a writer. Windows has none of the three others. */
export const openFlags: number =
  fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0) | (fs.constants.O_NOCTTY ?? 0);

/** On the calling thread. */
export const blockingCalls: FileCalls = {
  lstat: (path) => fs.lstatSync(path, { bigint: true }),
  open: (path, flags) => fs.openSync(path, flags),
  fstat: (fd) => fs.fstatSync(fd, { bigint: true }),
  read: (fd, into, at) => fs.readSync(fd, into, 0, into.length, at),
  close: (fd) => fs.closeSync(fd),
};

/** On the thread pool. */
export const poolCalls: FileCalls = {
  lstat: (path) => called((done) => fs.lstat(path, { bigint: true }, done)),
  open: (path, flags) => called((done) => fs.open(path, flags, done)),
  fstat: (fd) => called((done) => fs.fstat(fd, { bigint: true }, done)),
  read: (fd, into, at) => called((done) => fs.read(fd, into, 0, into.length, at, done)),
  close: (fd) =>
    new Promise((resolve, reject) => {
      fs.close(fd, (error) => (error === null || error === undefined ? resolve() : reject(error)));
    }),
};

function called<T>(call: (done: (error: NodeJS.ErrnoException | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error === null ? resolve(value) : reject(error)));
  });
}
