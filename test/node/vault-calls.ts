/** The system calls of a vault, each of which can be watched, made to fail, or be the last one of its process. */
import type { BigIntStats } from 'node:fs';
import type { ProcessProbe } from '../../src/node/journal/lock-holder.js';
import { nodeProcesses } from '../../src/node/journal/lock-holder.js';
import type { FilePath } from '../../src/node/files/file-path.js';
import { nodeRemedyFiles, type RemedyFile, type RemedyFiles } from '../../src/node/remedy/remedy-files.js';

/** One call. `about` is the path, of an open file the one by which it was opened. */
export interface Call {
  readonly name: string;
  readonly about: string;
}

/** What comes around every call: `act` makes it. */
export type Around = (call: Call, act: () => Promise<unknown>) => Promise<unknown>;

/** The calls of the machine with something around each of them. */
export function watchedFiles(around: Around): RemedyFiles {
  async function made<T>(name: string, about: FilePath, act: () => Promise<T>): Promise<T> {
    return (await around({ name, about: String(about) }, act)) as T;
  }
  const watched = (file: RemedyFile, about: FilePath): RemedyFile => ({
    fd: file.fd,
    stat: () => made<BigIntStats>('stat', about, () => file.stat()),
    read: (at, into) => made('read', about, () => file.read(at, into)),
    write: (at, bytes) => made('write', about, () => file.write(at, bytes)),
    setOwner: (uid, gid) => made('setOwner', about, () => file.setOwner(uid, gid)),
    setMode: (mode) => made('setMode', about, () => file.setMode(mode)),
    setTimes: (accessed, modified) => made('setTimes', about, () => file.setTimes(accessed, modified)),
    sync: () => made('sync', about, () => file.sync()),
    close: () => made('close', about, () => file.close()),
  });
  return {
    lstat: (path) => made('lstat', path, () => nodeRemedyFiles.lstat(path)),
    open: (path, flags, mode) => made('open', path, async () => watched(await nodeRemedyFiles.open(path, flags, mode), path)),
    list: (path) => made('list', path, () => nodeRemedyFiles.list(path)),
    readLink: (path) => made('readLink', path, () => nodeRemedyFiles.readLink(path)),
    rename: (from, to) => made('rename', to, () => nodeRemedyFiles.rename(from, to)),
    link: (from, to) => made('link', to, () => nodeRemedyFiles.link(from, to)),
    unlink: (path) => made('unlink', path, () => nodeRemedyFiles.unlink(path)),
  };
}

/** A process that ends at its call of that number: before the system has heard of it, or after it has done it. */
export function endingAt(number: number, when: 'before' | 'after'): { readonly files: RemedyFiles; readonly over: Promise<void> } {
  let over: () => void = () => undefined;
  let count = 0;
  const ended = new Promise<void>((resolve) => {
    over = resolve;
  });
  const files = watchedFiles(async (_, act) => {
    const own = count++;
    if (own > number || (own === number && when === 'before')) {
      over();
      return new Promise(() => undefined);
    }
    const value = await act();
    if (own === number) {
      over();
      return new Promise(() => undefined);
    }
    return value;
  });
  return { files, over: ended };
}

/** A process that nobody will find alive. */
export const deadProcess: ProcessProbe = {
  self: () => ({ ...nodeProcesses.self(), pid: 2_000_000_000, start: '1' }),
  startOf: (pid) => nodeProcesses.startOf(pid),
};
