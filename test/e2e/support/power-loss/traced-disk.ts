/**
 * The disk that a trace of system calls leaves behind, rebuilt call by call, and what a power failure makes of it: with
 * or without what was not synced, torn, in another order, with names that never reached the directory. It takes
 * nothing from the code under test: what counts is what the kernel was asked.
 *
 * What is promised is what POSIX promises: the bytes that were written before a sync of the file began are on the disk
 * when it has ended; a name, when its directory was synced after it was made.
 */
import type { Random } from '../../../../src/base/seams.js';
import { bytesOf, textOf, type Call, type TraceEvent } from './trace.js';

/** What a power failure does. */
export interface PowerLoss {
  /** Bytes that were not synced: gone; there; cut off; some sectors of any write; the length alone. */
  readonly data: 'lost' | 'kept' | 'torn' | 'holes' | 'length';
  /** Names that were not synced: gone; there; the first of them; any of them. */
  readonly names: 'synced' | 'kept' | 'first' | 'any';
  readonly sector: 512 | 4096;
}

/** Every kind. */
export const powerLosses: readonly PowerLoss[] = (['lost', 'kept', 'torn', 'holes', 'length'] as const).flatMap((data) =>
  (['synced', 'kept', 'first', 'any'] as const).flatMap((names) =>
    (data === 'torn' || data === 'holes' ? ([512, 4096] as const) : ([512] as const)).map((sector) => ({ data, names, sector })),
  ),
);

/** Files by path; directories have no bytes. */
export type Remains = ReadonlyMap<string, Uint8Array | 'directory'>;

interface Write {
  readonly at: number;
  bytes: Uint8Array;
  isDone: boolean;
}

interface FileNode {
  synced: Uint8Array;
  /** In order; what a sync has written is taken out. */
  unsynced: Write[];
  length: number;
}

type Named = FileNode | 'directory';

/** A change of names in one directory. */
interface Naming {
  readonly dir: string;
  readonly changes: readonly (readonly [path: string, named: Named | undefined])[];
  isDone: boolean;
}

type Opened = { readonly kind: 'file'; readonly node: FileNode; at: number } | { readonly kind: 'directory'; readonly path: string };

/** Follows a trace below one directory, which is there from the beginning. */
export class TracedDisk {
  readonly #root: string;
  readonly #opened = new Map<number, Opened>();
  readonly #names = new Map<string, Named>();
  #syncedNames = new Map<string, Named>();
  #namings: Naming[] = [];
  /** What calls that have not ended are about to do when they end. */
  readonly #endings = new Map<Call, () => void>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Whether the event had to do with a file or a name below the root. */
  take({ at, call }: TraceEvent): boolean {
    if (at === 'start') {
      const ending = this.#begin(call);
      if (ending !== undefined) {
        this.#endings.set(call, ending);
      }
      return ending !== undefined && call.name !== 'openat';
    }
    const ending = this.#endings.get(call);
    this.#endings.delete(call);
    ending?.();
    return ending !== undefined;
  }

  /** The files after a power failure now. */
  remains(loss: PowerLoss, random: Random): Remains {
    const names = new Map(this.#syncedNames);
    const first = Math.floor(random() * (this.#namings.length + 1));
    this.#namings.forEach((naming, i) => {
      const isThere = { synced: false, kept: true, first: i < first, any: random() < 0.5 }[loss.names];
      if (isThere) {
        rename(names, naming);
      }
    });
    const isReachable = (path: string): boolean => {
      const dir = parentOf(path);
      return dir === this.#root || (names.get(dir) === 'directory' && isReachable(dir));
    };
    const there = [...names].filter(([path]) => isReachable(path));
    return new Map(there.map(([path, named]) => [path, named === 'directory' ? named : survivors(named, loss, random)]));
  }

  /** Does what happens at the start of a call; what its end brings about. */
  #begin(call: Call): (() => void) | undefined {
    const { args } = call;
    switch (call.name) {
      case 'openat':
        return () => this.#open(call, textOf(args[1]), args[2] ?? '');
      case 'write':
        return this.#write(call, undefined);
      case 'pwrite64':
        return this.#write(call, Number(args[3]));
      case 'fsync':
      case 'fdatasync':
        return this.#sync(call);
      case 'rename':
        return this.#name(call, ...renaming(this.#names, textOf(args[0]), textOf(args[1])));
      case 'renameat':
      case 'renameat2':
        return this.#name(call, ...renaming(this.#names, textOf(args[1]), textOf(args[3])));
      case 'unlink':
        return this.#name(call, [textOf(args[0]), undefined]);
      case 'unlinkat':
      case 'rmdir':
        return this.#name(call, [textOf(args[call.name === 'rmdir' ? 0 : 1]), undefined]);
      case 'mkdir':
        return this.#name(call, [textOf(args[0]), 'directory']);
      case 'mkdirat':
        return this.#name(call, [textOf(args[1]), 'directory']);
      case 'close':
        this.#opened.delete(Number(args[0]));
        return undefined;
      default:
        return this.#refuse(call);
    }
  }

  /** A call that could change a file of ours in a way that is not followed here must not pass unseen. */
  #refuse({ name, args }: Call): undefined {
    if (this.#opened.has(Number(args[0]))) {
      throw new Error(`${name} is not followed`);
    }
    return undefined;
  }

  #isOurs(path: string): boolean {
    return path.startsWith(`${this.#root}/`);
  }

  #open({ result = -1 }: Call, path: string, flags: string): void {
    if (result < 0 || !(this.#isOurs(path) || path === this.#root)) {
      return;
    }
    const named = path === this.#root ? 'directory' : this.#names.get(path);
    if (named === 'directory') {
      this.#opened.set(result, { kind: 'directory', path });
      return;
    }
    const node = named ?? { synced: new Uint8Array(), unsynced: [], length: 0 };
    if (named === undefined) {
      this.#apply({ dir: parentOf(path), changes: [[path, node]], isDone: true });
    }
    if (flags.includes('O_TRUNC') && node.length > 0) {
      throw new Error('O_TRUNC is not followed');
    }
    this.#opened.set(result, { kind: 'file', node, at: flags.includes('O_APPEND') ? node.length : 0 });
  }

  #write(call: Call, offset: number | undefined): (() => void) | undefined {
    const file = this.#opened.get(Number(call.args[0]));
    if (file?.kind !== 'file') {
      return undefined;
    }
    const bytes = bytesOf(call.args[1]);
    const write: Write = { at: offset ?? file.at, bytes, isDone: false };
    const { node } = file;
    node.unsynced.push(write);
    return () => {
      const count = Math.max(0, call.result ?? 0);
      write.bytes = bytes.subarray(0, count);
      write.isDone = true;
      node.length = Math.max(node.length, write.at + count);
      file.at = offset === undefined ? write.at + count : file.at;
    };
  }

  #sync(call: Call): (() => void) | undefined {
    const opened = this.#opened.get(Number(call.args[0]));
    if (opened === undefined) {
      return undefined;
    }
    if (opened.kind === 'directory') {
      const covered = this.#namings.filter((one) => one.isDone && one.dir === opened.path);
      return () => {
        if (call.result === 0) {
          covered.forEach((one) => rename(this.#syncedNames, one));
          this.#namings = this.#namings.filter((one) => !covered.includes(one));
        }
      };
    }
    const { node } = opened;
    const covered = node.unsynced.filter((one) => one.isDone);
    return () => {
      // After a failed sync the kernel may have given the pages up: no later sync brings them back.
      node.synced = call.result === 0 ? covered.reduce((bytes, one) => put(bytes, one.at, one.bytes), node.synced) : node.synced;
      node.unsynced = node.unsynced.filter((one) => !covered.includes(one));
    };
  }

  /** Takes effect somewhere between start and end: from the start on it may be there. */
  #name(call: Call, ...changes: (readonly [string, Named | undefined])[]): (() => void) | undefined {
    const path = changes.at(-1)?.[0] ?? '';
    if (!this.#isOurs(path)) {
      return undefined;
    }
    const naming: Naming = { dir: parentOf(path), changes, isDone: false };
    const isThere = changes.some(([one, named]) => named !== this.#names.get(one));
    if (isThere && call.result !== -1) {
      this.#namings.push(naming);
    }
    return () => {
      naming.isDone = true;
      if ((call.result ?? -1) < 0) {
        this.#namings = this.#namings.filter((one) => one !== naming);
      } else {
        rename(this.#names, naming);
      }
    };
  }

  #apply(naming: Naming): void {
    rename(this.#names, naming);
    this.#namings.push(naming);
  }
}

function renaming(names: ReadonlyMap<string, Named>, from: string, to: string): (readonly [string, Named | undefined])[] {
  return [[from, undefined], [to, names.get(from)]];
}

function rename(names: Map<string, Named>, { changes }: Naming): void {
  for (const [path, named] of changes) {
    if (named === undefined) {
      names.delete(path);
    } else {
      names.set(path, named);
    }
  }
}

function survivors(node: FileNode, loss: PowerLoss, random: Random): Uint8Array {
  const { synced, unsynced } = node;
  switch (loss.data) {
    case 'lost':
      return synced;
    case 'kept':
      return unsynced.reduce((bytes, one) => put(bytes, one.at, one.bytes), synced);
    case 'length': {
      const length = Math.max(synced.length, ...unsynced.map((one) => one.at + one.bytes.length));
      return put(new Uint8Array(length), 0, synced);
    }
    case 'torn': {
      // The last of some writes ends at a sector.
      const count = Math.floor(random() * (unsynced.length + 1));
      return unsynced.slice(0, count).reduce((bytes, one, i) => put(bytes, one.at, i === count - 1 ? cut(one, loss.sector, random) : one.bytes), synced);
    }
    case 'holes':
      // Every sector of every write on its own, so that later ones are there and earlier ones are not.
      return unsynced.reduce((bytes, one) => putSome(bytes, one, { sector: loss.sector, random }), synced);
  }
}

function cut({ at, bytes }: Write, sector: number, random: Random): Uint8Array {
  const end = Math.floor((at + Math.floor(random() * bytes.length)) / sector) * sector;
  return bytes.subarray(0, Math.max(0, end - at));
}

function putSome(bytes: Uint8Array, { at, bytes: more }: Write, { sector, random }: { readonly sector: number; readonly random: Random }): Uint8Array {
  let after = bytes;
  for (let from = at; from < at + more.length; ) {
    const to = Math.min((Math.floor(from / sector) + 1) * sector, at + more.length);
    if (random() < 0.5) {
      after = put(after, from, more.subarray(from - at, to - at));
    }
    from = to;
  }
  return after;
}

function put(bytes: Uint8Array, at: number, more: Uint8Array): Uint8Array {
  const after = new Uint8Array(Math.max(bytes.length, more.length === 0 ? 0 : at + more.length));
  after.set(bytes);
  after.set(more, at);
  return after;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
