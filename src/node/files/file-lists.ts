/**
 * Host lists that survive: one value in the state store, read before the first question and again when another process
 * has written it (looked at once a second at most). Changes are made under a lock, onto what is on the disk by then.
 *
 * Lists that are damaged are no empty lists: asking them fails, so that checks are unknown until somebody has looked.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describeError, VedetteError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import { urlPort } from '../../fingerprint/url-canonical.js';
import { urlExpression } from '../../fingerprint/url-expressions.js';
import { createHostLists } from '../../lists/create-host-lists.js';
import type { HostLists, ListJudgement, ListKey, ListRule } from '../../lists/host-lists.js';
import { ensureDirectory, errnoOf, nodeFiles } from './durable-files.js';
import { createFileStateStore, stateFileName, valueOf } from './file-state-store.js';
import { acquireLock } from '../journal/lock.js';
import { nodeProcesses } from '../journal/lock-holder.js';
import { storeError } from '../store-error.js';

/** Options of `createFileLists`. */
export interface FileListsOptions {
  /** The directory of a file state store. Made with mode 0700 at the first change. */
  readonly dir: string;
  readonly clock: Clock;
  /** Compiles the regular expressions of rules; without it such rules are refused. */
  readonly compileRegex?: ((source: string) => (text: string) => boolean) | undefined;
}

const stateKey = 'host-lists';
const version = 1;
const maxFileBytes: number = 64 * 1024 * 1024;
const lookEveryMs = 1000;
const lockWaitMs = 5000;

/**
 * Lists in a directory, which several processes may share. Opens nothing until it is used; the first question reads on
 * the calling thread. `judge`, `entries` and changes fail with VedetteError `store-damaged` when the lists on the disk
 * are damaged or cannot be read, changes also with `store-busy` when another process holds them for five seconds.
 */
export function createFileLists(options: FileListsOptions): HostLists {
  const lists = new FileLists(options);
  return {
    judge: (key) => lists.judge(key),
    hasUrlRules: () => lists.current().hasUrlRules?.() ?? true,
    hasFileRules: () => lists.current().hasFileRules?.() ?? true,
    add: (rule) => lists.change((current) => current.add(rule)),
    remove: (id) => lists.change((current) => current.remove(id)),
    entries: () => lists.current().entries(),
  };
}

class FileLists {
  readonly #dir: string;
  readonly #path: string;
  readonly #options: FileListsOptions;
  #lists: HostLists;
  /** What the file was when it was read; undefined before the first look. */
  #identity: string | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: FileListsOptions) {
    this.#dir = resolve(options.dir);
    this.#path = join(this.#dir, `${stateFileName(stateKey)}.value`);
    this.#options = options;
    this.#lists = this.#listsOf([]);
  }

  judge(key: ListKey): ListJudgement | undefined {
    return this.current().judge(key);
  }

  /** The lists as they are on the disk, give or take a second. */
  current(): HostLists {
    const now = this.#options.clock.monotonicMs();
    if (now - this.#lookedAt >= lookEveryMs) {
      this.#reload();
      this.#lookedAt = now;
    }
    return this.#lists;
  }

  /** Resolves when the change is on the disk. */
  change(make: (lists: HostLists) => Promise<void>): Promise<void> {
    const done = this.#last.then(() => this.#change(make));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #change(make: (lists: HostLists) => Promise<void>): Promise<void> {
    // A rule that is refused leaves no directory behind.
    await make(this.#listsOf([]));
    await ensureDirectory(nodeFiles, this.#dir).catch((error: unknown) => {
      throw storeError('making', this.#dir, error);
    });
    const lock = await acquireLock({
      files: nodeFiles, dir: this.#dir, name: 'lists.lock', guards: this.#path.slice(this.#dir.length + 1), clock: this.#options.clock, waitMs: lockWaitMs,
      processes: nodeProcesses, token: () => randomBytes(16).toString('hex'),
    });
    try {
      this.#reload();
      await make(this.#lists);
      await this.#write();
    } finally {
      // What could not be written is not believed either: the next look reads what is there.
      this.#identity = undefined;
      this.#lookedAt = Number.NEGATIVE_INFINITY;
      await lock.release();
    }
  }

  async #write(): Promise<void> {
    const rules: ListRule[] = [];
    for await (const rule of this.#lists.entries()) {
      rules.push(rule);
    }
    const store = createFileStateStore({ dir: this.#dir, maxValueBytes: maxFileBytes });
    await store.set(stateKey, Buffer.from(JSON.stringify({ version, rules })));
  }

  #reload(): void {
    try {
      const stats = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
      const identity = stats === undefined ? 'none' : [stats.dev, stats.ino, stats.size, stats.mtimeNs].join(':');
      if (identity !== this.#identity) {
        this.#lists = this.#listsOf(stats === undefined ? [] : readRules(this.#path));
        this.#identity = identity;
      }
    } catch (error) {
      this.#identity = undefined;
      throw errnoOf(error) === undefined || VedetteError.is(error) ? damaged(this.#path, error) : storeError('reading', this.#path, error);
    }
  }

  #listsOf(rules: Iterable<ListRule>): HostLists {
    const { clock, compileRegex } = this.#options;
    return createHostLists({ expression: urlExpression, port: urlPort, compileRegex, clock, rules });
  }
}

/** untrusted: a file on disk; read to a limit, its checksum compared, and every rule checked where it is added. */
function readRules(path: string): ListRule[] {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    const { size } = fstatSync(fd);
    if (size > maxFileBytes + 64) {
      throw new RangeError(`${size} bytes are more than lists may have`);
    }
    const bytes = new Uint8Array(size);
    const text = Buffer.from(valueOf(bytes.subarray(0, readSync(fd, bytes, 0, size, 0)), path)).toString('utf8');
    const json: unknown = JSON.parse(text);
    const isOurs = typeof json === 'object' && json !== null && 'version' in json && json.version === version && 'rules' in json;
    if (!isOurs || !Array.isArray(json.rules)) {
      throw new TypeError(`expected lists of version ${version}`);
    }
    return json.rules as ListRule[];
  } finally {
    closeSync(fd);
  }
}

function damaged(path: string, cause: unknown): VedetteError {
  const isOurs = VedetteError.is(cause) && cause.code === 'store-damaged';
  return isOurs ? cause : new VedetteError('store-damaged', `host lists in ${path}: ${describeError(cause)}`, { cause });
}
