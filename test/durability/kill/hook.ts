/**
 * Preloaded into a child: watches the system calls that write the journal of the pending queue, kills the process in the middle of the k-th
 * where it is told to (`torn:7`), and keeps one byte on disk that says what is under way, so that a kill from outside
 * can be placed as well. It also notices what is said to be done before a sync has made it so.
 *
 *     torn      half of the bytes are written              syncing   the sync has begun
 *     written   all are written, and no sync has begun     synced    it has ended, and nobody has been told
 *     applied   a remedy was carried out, its outcome is not journalled
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { hookVariables, phases, type Phase } from './phases.js';

const [mode = '', nth = '0'] = (process.env[hookVariables.kill] ?? '').split(':');
const { write, writeSync, fdatasync, fsync, fsyncSync } = fs;
const phaseFile = fs.openSync(process.env[hookVariables.phase] ?? '', 'r+');
/** What was written to which file and not synced yet, and what is on the disk: places, and keys of remedies. */
const unsynced = new Map<number, string[]>();
const synced = new Set<string>();
let calls = 0;

/** Places (`/p/…`) and keys of remedies (`id:sha256`, from an intent), as they stand in records. */
const names = /\/p\/[0-9.]+|[\w-]{16}:[0-9a-f]{64}/g;

function enter(phase: Phase): void {
  writeSync(phaseFile, phases[phase], 0);
}

/** So many calls later the process dies wherever it is: its moment may never come. A remedy needs an answer in time first, and a busy machine has few. */
const patienceCalls = mode === 'applied' ? 400 : 40;

/** Kills the process when it is time. */
function strike(at: string): void {
  if ((mode === at && calls >= Number(nth)) || (mode !== '' && calls >= Number(nth) + patienceCalls)) {
    process.kill(process.pid, 'SIGKILL');
    for (;;) {
      // The signal is on its way.
    }
  }
}

function isJournal(descriptor: number): boolean {
  return fs.readlinkSync(`/proc/self/fd/${descriptor}`).includes('/pending.journal');
}

type Part = readonly [bytes: Uint8Array, offset: number, length: number, position: number];

function beginWrite(descriptor: number, [bytes, offset, length, position]: Part): void {
  calls++;
  enter('writing');
  if (mode === 'torn' && calls >= Number(nth)) {
    writeSync(descriptor, bytes, offset, Math.ceil(length / 2), position);
    strike('torn');
  }
}

function endWrite(descriptor: number, [bytes, offset, length]: Part): void {
  enter('written');
  strike('written');
  const found = Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString('latin1').match(names) ?? [];
  unsynced.set(descriptor, [...(unsynced.get(descriptor) ?? []), ...found]);
}

/** A line that says that something is safe, before any sync could have made it so, is followed by one that says that. */
function listen(line: string): void {
  const [letter, name = ''] = line.trimEnd().split(' ');
  if ((letter === 'A' || letter === 'P') && !synced.has(name)) {
    writeSync(1, `! ${letter === 'A' ? 'acknowledged' : 'applied'} before a sync: ${name}\n`);
  }
}

type Done = (error: NodeJS.ErrnoException | null, ...results: unknown[]) => void;

/** A sync covers what was written to the same file before it began. */
function watched(sync: typeof fdatasync): (descriptor: number, done: Done) => void {
  return (descriptor, done) => {
    if (!isJournal(descriptor)) {
      return sync(descriptor, done);
    }
    const covered = unsynced.get(descriptor) ?? [];
    unsynced.delete(descriptor);
    enter('syncing');
    sync(descriptor, (error) => {
      if (error === null) {
        covered.forEach((name) => synced.add(name));
      }
      enter('idle');
      strike('synced');
      done(error);
    });
    strike('syncing');
  };
}

const changed = {
  write: (descriptor: number, ...args: [...Part, Done]) => {
    const part = args.slice(0, 4) as unknown as Part;
    if (!isJournal(descriptor)) {
      return write(descriptor, ...part, args[4]);
    }
    beginWrite(descriptor, part);
    write(descriptor, ...part, (error, ...results) => {
      endWrite(descriptor, part);
      args[4](error, ...results);
    });
  },
  writeSync: (descriptor: number, ...args: unknown[]) => {
    if (typeof args[0] === 'string') {
      if (descriptor === 1) {
        listen(args[0]);
      }
      return writeSync(descriptor, args[0]);
    }
    const part = args as unknown as Part;
    if (!isJournal(descriptor)) {
      return writeSync(descriptor, ...part);
    }
    beginWrite(descriptor, part);
    const count = writeSync(descriptor, ...part);
    endWrite(descriptor, part);
    return count;
  },
  fdatasync: watched(fdatasync),
  fsync: watched(fsync),
  fsyncSync: (descriptor: number) => {
    fsyncSync(descriptor);
    strike('applied');
  },
};
Object.assign(fs, changed);
syncBuiltinESMExports();
