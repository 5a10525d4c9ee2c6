/**
 * The system calls that remedies are made of, as a seam: tests stop a process at every one of them, or let it fail.
 * Names in paths are bytes; open files are acted on by their descriptor.
 */
import type { BigIntStats } from 'node:fs';
import { link, lstat, open, readdir, readlink, rename, unlink } from 'node:fs/promises';
import { pathFromBytes, type FilePath } from '../files/file-path.js';

/** One open file. */
export interface RemedyFile {
  readonly fd: number;
  stat(): Promise<BigIntStats>;
  /** Fills `into` from offset `at` as far as the file goes; the number of bytes read. */
  read(at: number, into: Uint8Array): Promise<number>;
  /** Writes all bytes at offset `at`. */
  write(at: number, bytes: Uint8Array): Promise<void>;
  setOwner(uid: number, gid: number): Promise<void>;
  setMode(mode: number): Promise<void>;
  /** Seconds since the epoch. */
  setTimes(accessed: number, modified: number): Promise<void>;
  /** Resolves when content and properties are on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Files and names. Rejections are errors with an errno `code`. No call but `open` follows a symbolic link. */
export interface RemedyFiles {
  lstat(path: FilePath): Promise<BigIntStats>;
  open(path: FilePath, flags: number, mode?: number): Promise<RemedyFile>;
  /** Names in a directory. */
  list(path: string): Promise<string[]>;
  readLink(path: FilePath): Promise<FilePath>;
  rename(from: FilePath, to: FilePath): Promise<void>;
  /** A second name; rejects with `EEXIST` when there is one. */
  link(from: FilePath, to: FilePath): Promise<void>;
  unlink(path: FilePath): Promise<void>;
}

/** The calls of the machine. */
export const nodeRemedyFiles: RemedyFiles = {
  lstat: (path) => lstat(path, { bigint: true }),
  open: openFile,
  list: (path) => readdir(path),
  readLink: async (path) => pathFromBytes(await readlink(path, { encoding: 'buffer' })),
  rename,
  link,
  unlink,
};

async function openFile(path: FilePath, flags: number, mode?: number): Promise<RemedyFile> {
  const handle = await open(path, flags, mode);
  return {
    fd: handle.fd,
    stat: () => handle.stat({ bigint: true }),
    async read(at, into) {
      let done = 0;
      while (done < into.length) {
        const { bytesRead } = await handle.read(into, done, into.length - done, at + done);
        if (bytesRead === 0) {
          break;
        }
        done += bytesRead;
      }
      return done;
    },
    async write(at, bytes) {
      for (let done = 0; done < bytes.length; ) {
        done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
      }
    },
    setOwner: (uid, gid) => handle.chown(uid, gid),
    setMode: (mode) => handle.chmod(mode),
    setTimes: (accessed, modified) => handle.utimes(accessed, modified),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}
