/**
 * A disk in memory behind the `DurableFiles` seam. It writes down every operation, so that afterwards the disk of any
 * moment can be made as a power failure would have left it: with or without what was not synced, torn or full of holes.
 */
import type { DurableFile, DurableFiles } from '../../src/node/files/durable-files.js';
import type { Random } from '../../src/base/seams.js';

type Operation =
  | { readonly kind: 'create'; readonly path: string; readonly node: number }
  | { readonly kind: 'mkdir'; readonly path: string }
  | { readonly kind: 'write'; readonly node: number; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'sync'; readonly node: number }
  /** The kernel gave up on the pages and forgot about it: no later sync writes them. */
  | { readonly kind: 'syncFailed'; readonly node: number }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'syncDirectory'; readonly path: string };

/** What a power failure does to what was not synced. */
export interface Crash {
  /** File contents: all lost, all there, the last write cut at a sector, made longer but not filled, or sectors at random. */
  readonly data: 'lost' | 'kept' | 'torn' | 'zeros' | 'random';
  /** Names: only what was synced, or everything, or a part of it from the beginning. */
  readonly names: 'synced' | 'kept' | 'some';
  readonly sector: 512 | 4096;
}

/** Every kind of crash. */
export const crashes: readonly Crash[] = (['lost', 'kept', 'torn', 'zeros', 'random'] as const).flatMap((data) =>
  (['synced', 'kept', 'some'] as const).flatMap((names) => ([512, 4096] as const).map((sector) => ({ data, names, sector }))),
);

/** Files by path. */
export type Image = ReadonlyMap<string, Uint8Array>;

/** How an operation goes wrong: with an error, and done or not done or, for a write, half done. */
export interface Fault {
  readonly code: 'ENOSPC' | 'EIO';
  readonly done: 'not' | 'half' | 'wholly';
}

export class SimDisk {
  readonly #start: Image;
  readonly #operations: Operation[] = [];
  readonly #names = new Map<string, number>();
  readonly #directories = new Set<string>(['/']);
  readonly #contents = new Map<number, Uint8Array>();
  #nodes = 0;
  /** Asked before every operation. A promise that never resolves is a process that was killed there. */
  interfere: (name: string, path: string) => Fault | undefined | Promise<Fault | undefined> = () => undefined;

  constructor(start: Image = new Map()) {
    this.#start = start;
    for (const [path, bytes] of start) {
      this.#addDirectories(path);
      this.#names.set(path, this.#nodes);
      this.#contents.set(this.#nodes++, new Uint8Array(bytes));
    }
  }

  /** Operations so far: a moment that `imageAfter` takes. */
  get moment(): number {
    return this.#operations.length;
  }

  /** The files as the running process sees them. */
  image(): Image {
    return new Map([...this.#names].map(([path, node]) => [path, new Uint8Array(this.#contents.get(node)!)]));
  }

  /** The files after a power failure in the moment after that many operations. */
  imageAfter(moment: number, crash: Crash, random: Random): Image {
    return crashImage(this.#start, this.#operations.slice(0, moment), { crash, random });
  }

  readonly files: DurableFiles = {
    makeDirectory: (path) =>
      this.#operate('makeDirectory', path, () => {
        const isNew = !this.#directories.has(path);
        if (isNew) {
          this.#log({ kind: 'mkdir', path });
          this.#directories.add(path);
        }
        return isNew;
      }),
    list: (path) => this.#operate('list', path, () => [...this.#names.keys()].filter((name) => parentOf(name) === path).map((name) => name.slice(path.length + 1))),
    exists: (path) => this.#operate('exists', path, () => this.#names.has(path) || this.#directories.has(path)),
    create: (path) =>
      this.#operate('create', path, () => {
        if (this.#names.has(path)) {
          throw errno('EEXIST', path);
        }
        const node = this.#nodes++;
        this.#log({ kind: 'create', path, node });
        this.#names.set(path, node);
        this.#contents.set(node, new Uint8Array(0));
        return this.#file(node, path);
      }),
    open: (path) =>
      this.#operate('open', path, () => {
        const node = this.#names.get(path);
        return node === undefined ? undefined : this.#file(node, path);
      }),
    rename: (from, to) =>
      this.#operate('rename', from, () => {
        const node = this.#names.get(from);
        if (node === undefined) {
          throw errno('ENOENT', from);
        }
        this.#log({ kind: 'rename', from, to });
        this.#names.delete(from);
        this.#names.set(to, node);
      }),
    remove: (path) =>
      this.#operate('remove', path, () => {
        if (this.#names.delete(path)) {
          this.#log({ kind: 'remove', path });
        }
      }),
    syncDirectory: (path) => this.#operate('syncDirectory', path, () => this.#log({ kind: 'syncDirectory', path })),
  };

  #file(node: number, path: string): DurableFile {
    return {
      size: () => this.#operate('size', path, () => this.#contents.get(node)!.length),
      read: (at, into) =>
        this.#operate('read', path, () => {
          const part = this.#contents.get(node)!.subarray(at, at + into.length);
          into.set(part);
          return part.length;
        }),
      write: (at, bytes) => {
        const put = (some: Uint8Array): void => {
          this.#log({ kind: 'write', node, at, bytes: some });
          this.#contents.set(node, written(this.#contents.get(node)!, at, some));
        };
        return this.#operate('write', path, () => put(new Uint8Array(bytes)), () => put(new Uint8Array(bytes.subarray(0, bytes.length >> 1))));
      },
      sync: () =>
        this.#operate('sync', path, () => this.#log({ kind: 'sync', node }), () => this.#log({ kind: 'syncFailed', node })),
      close: () => this.#operate('close', path, () => undefined),
    };
  }

  /** Carries out one operation, unless it was interfered with. */
  async #operate<T>(name: string, path: string, act: () => T, partly: () => void = () => undefined): Promise<T> {
    const fault = await this.interfere(name, path);
    if (fault === undefined) {
      return act();
    }
    if (fault.done === 'wholly') {
      act();
    } else if (fault.done === 'half' || name === 'sync') {
      partly();
    }
    throw errno(fault.code, path);
  }

  #log(operation: Operation): void {
    this.#operations.push(operation);
  }

  #addDirectories(path: string): void {
    for (let at = parentOf(path); at !== '/' && at !== ''; at = parentOf(at)) {
      this.#directories.add(at);
    }
  }
}

interface Node {
  synced: Uint8Array;
  /** Writes that no sync has written; those that a failed sync gave up stay in `all` alone. */
  since: (Operation & { kind: 'write' })[];
  readonly all: (Operation & { kind: 'write' })[];
}

function crashImage(
  start: Image,
  operations: readonly Operation[],
  { crash, random }: { readonly crash: Crash; readonly random: Random },
): Image {
  const nodes = new Map<number, Node>();
  let synced = new Map<string, number>();
  const pending: Operation[] = [];
  for (const [path, bytes] of start) {
    synced.set(path, nodes.size);
    nodes.set(nodes.size, { synced: bytes, since: [], all: [] });
  }
  for (const one of operations) {
    if (one.kind === 'write') {
      nodes.get(one.node)!.since.push(one);
      nodes.get(one.node)!.all.push(one);
    } else if (one.kind === 'syncFailed') {
      nodes.get(one.node)!.since = [];
    } else if (one.kind === 'sync') {
      const node = nodes.get(one.node)!;
      node.synced = node.since.splice(0).reduce((bytes, write) => written(bytes, write.at, write.bytes), node.synced);
    } else if (one.kind === 'syncDirectory') {
      const [done, rest] = partition(pending, (change) => parentOf(pathOf(change)) === one.path);
      synced = renamed(synced, done);
      pending.splice(0, pending.length, ...rest);
    } else {
      if (one.kind === 'create') {
        nodes.set(one.node, { synced: new Uint8Array(0), since: [], all: [] });
      }
      pending.push(one);
    }
  }
  const count = { synced: 0, kept: pending.length, some: Math.floor(random() * (pending.length + 1)) }[crash.names];
  const names = renamed(synced, pending.slice(0, count));
  const unmade = pending.slice(count).flatMap((one) => (one.kind === 'mkdir' ? [one.path] : []));
  const kept = [...names].filter(([path]) => !unmade.some((dir) => path.startsWith(`${dir}/`)));
  return new Map(kept.map(([path, node]) => [path, surviving(nodes.get(node)!, crash, random)]));
}

function surviving(node: Node, crash: Crash, random: Random): Uint8Array {
  const visible = crash.data === 'kept' ? node.all : node.since;
  const all = visible.reduce((bytes, write) => written(bytes, write.at, write.bytes), node.synced);
  const last = node.since.at(-1);
  switch (crash.data) {
    case 'lost':
      return node.synced;
    case 'kept':
      return all;
    case 'torn': {
      const end = last === undefined ? all.length : last.at + Math.floor((random() * last.bytes.length) / crash.sector) * crash.sector;
      return all.slice(0, Math.max(end, node.synced.length));
    }
    case 'zeros':
      return written(new Uint8Array(all.length), 0, node.synced);
    case 'random': {
      const mixed = written(new Uint8Array(all.length), 0, node.synced);
      for (let at = 0; at < all.length; at += crash.sector) {
        if (random() < 0.5) {
          mixed.set(all.subarray(at, at + crash.sector), at);
        }
      }
      return mixed;
    }
  }
}

function renamed(names: ReadonlyMap<string, number>, changes: readonly Operation[]): Map<string, number> {
  const after = new Map(names);
  for (const one of changes) {
    if (one.kind === 'create') {
      after.set(one.path, one.node);
    } else if (one.kind === 'remove') {
      after.delete(one.path);
    } else if (one.kind === 'rename') {
      const node = after.get(one.from);
      if (node !== undefined) {
        after.delete(one.from);
        after.set(one.to, node);
      }
    }
  }
  return after;
}

function written(bytes: Uint8Array, at: number, more: Uint8Array): Uint8Array {
  const after = new Uint8Array(Math.max(bytes.length, at + more.length));
  after.set(bytes);
  after.set(more, at);
  return after;
}

function pathOf(one: Operation): string {
  switch (one.kind) {
    case 'rename':
      return one.to;
    case 'create':
    case 'mkdir':
    case 'remove':
      return one.path;
    case 'write':
    case 'sync':
    case 'syncFailed':
    case 'syncDirectory':
      return '';
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/'))) || '/';
}

function errno(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

function partition<T>(all: readonly T[], test: (one: T) => boolean): [T[], T[]] {
  return [all.filter(test), all.filter((one) => !test(one))];
}
