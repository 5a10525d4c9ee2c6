/**
 * Generations of components on disk. Containers lie under their digests; one small file says which of them are in use,
 * and replacing it is the switch: before it everything is as it was, after it everything is new, over kills and power
 * loss. Writers take turns by a lock, readers need none. docs/guides/updating.md, "On disk".
 */
import { createHash, randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fromUtf8, toUtf8 } from '../../base/bytes.js';
import { VedetteError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import { headShape, parseHead, type ComponentKind } from '../../pattern/container-format.js';
import {
  digestsOf, formatGenerations, noGenerations, parseGenerations, withInstalled, withRollback, type GenerationsKept, type KeptGeneration,
} from '../../update/generations.js';
import { ensureDirectory, nodeFiles, type DurableFiles } from '../files/durable-files.js';
import { createFileStateStore, stateFileName } from '../files/file-state-store.js';
import { acquireLock, type Lock } from '../journal/lock.js';
import { formatHolder, holderState, nodeProcesses, parseHolder } from '../journal/lock-holder.js';
import { replaceFile } from '../files/replace-file.js';
import { storeError } from '../store-error.js';
import { formatMetadata, parseMetadata, type KeptMetadata } from './fetch/metadata-text.js';
import { containerName } from './kept-names.js';

/** Options of `openGenerationStore`. */
export interface GenerationStoreOptions {
  /** `patterns` of a data directory. Made with mode 0700 at the first write. */
  readonly dir: string;
  readonly clock: Clock;
  readonly files?: DurableFiles | undefined;
  /** Told of a container that is damaged; the generation before it is given instead. */
  onDamage?(error: unknown): void;
}

/** How the last look for updates ended, for whoever asks. */
export interface LastLook {
  /** Epoch ms. */
  readonly at: number;
  /** Address of the source that answered. */
  readonly source?: string;
  /** What was refused or could not be had. */
  readonly error?: { readonly cause: string; readonly message: string };
}

/** Generations that survive. Rejections are VedetteError `store-damaged`, `store-busy`, `pattern-refused` (`older`). */
export interface GenerationStore {
  /** Changes whenever the generations do; costs a `stat`. @throws VedetteError `store-damaged`. */
  mark(): string;
  generations(): Promise<GenerationsKept>;
  /** The container in use; where its file is damaged, the newest one before that is whole. */
  read(kind: ComponentKind): Promise<Uint8Array | undefined>;
  /** The file of the container in use. */
  file(kind: ComponentKind): Promise<string | undefined>;
  /** All of them in one switch. Verified by the caller. */
  commit(containers: readonly Uint8Array[]): Promise<GenerationsKept>;
  /** Back to the generation before, or the one named: what was gone back from is not taken again. */
  rollback(kind: ComponentKind, generation?: number): Promise<GenerationsKept>;
  /** The metadata of a repository that was trusted last; `repository` is a name of 16 hex digits. */
  metadata(repository: string): Promise<KeptMetadata | undefined>;
  keepMetadata(repository: string, metadata: KeptMetadata): Promise<void>;
  lastLook(): Promise<LastLook | undefined>;
  keepLook(look: LastLook): Promise<void>;
  /** Where files lie while they are downloaded; one process at a time. */
  downloads(waitMs: number): Promise<Downloads>;
}

/** The right to download into a directory. */
export interface Downloads {
  readonly dir: string;
  release(): Promise<void>;
}

const headKey = 'generations';
const metadataKey = 'metadata-';
const lookKey = 'last-look';
const writeWaitMs = 10_000;
const maxContainerBytes = 2 ** 30;

/** A store in a directory. Opens nothing until it is used. */
export function openGenerationStore(options: GenerationStoreOptions): GenerationStore {
  return new FileGenerations(options);
}

class FileGenerations implements GenerationStore {
  readonly #dir: string;
  readonly #options: GenerationStoreOptions;
  readonly #files: DurableFiles;
  readonly #state: ReturnType<typeof createFileStateStore>;

  constructor(options: GenerationStoreOptions) {
    this.#dir = resolve(options.dir);
    this.#options = options;
    this.#files = options.files ?? nodeFiles;
    this.#state = createFileStateStore({ dir: this.#dir, maxValueBytes: 2 ** 25, files: this.#files });
  }

  mark(): string {
    const path = join(this.#dir, `${stateFileName(headKey)}.value`);
    try {
      const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
      return stats === undefined ? 'none' : [stats.dev, stats.ino, stats.size, stats.mtimeNs].join(':');
    } catch (error) {
      throw storeError('reading', path, error);
    }
  }

  async generations(): Promise<GenerationsKept> {
    const bytes = await this.#state.get(headKey);
    return bytes === undefined ? noGenerations : parseGenerations(fromUtf8(bytes));
  }

  async read(kind: ComponentKind): Promise<Uint8Array | undefined> {
    const kept = (await this.generations()).components[kind];
    for (const entry of kept === undefined ? [] : [kept.current, ...kept.previous]) {
      try {
        return await this.#container(entry);
      } catch (error) {
        this.#options.onDamage?.(error);
      }
    }
    return undefined;
  }

  async file(kind: ComponentKind): Promise<string | undefined> {
    const current = (await this.generations()).components[kind]?.current;
    return current === undefined ? undefined : join(this.#dir, containerName(current.sha256));
  }

  commit(containers: readonly Uint8Array[]): Promise<GenerationsKept> {
    const installedAt = this.#options.clock.now();
    return this.#change(async (before) => {
      let after = before;
      for (const bytes of containers) {
        const { head } = parseHead(bytes, headShape(bytes));
        const { generation, createdAt, expiresAt, periodMs } = head;
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        after = withInstalled(after, head.kind, { generation, sha256, size: bytes.length, createdAt, expiresAt, periodMs, installedAt });
        await this.#put(sha256, bytes);
      }
      return after;
    });
  }

  rollback(kind: ComponentKind, generation?: number): Promise<GenerationsKept> {
    return this.#change(async (before) => {
      const after = withRollback(before, kind, { generation, at: this.#options.clock.now() });
      const entry = after.components[kind]?.current;
      // Going back to what cannot be read would be worse than staying.
      if (entry !== undefined) {
        await this.#container(entry);
      }
      return after;
    });
  }

  async metadata(repository: string): Promise<KeptMetadata | undefined> {
    const bytes = await this.#state.get(metadataKey + repository);
    return bytes === undefined ? undefined : parseMetadata(fromUtf8(bytes));
  }

  keepMetadata(repository: string, metadata: KeptMetadata): Promise<void> {
    return this.#state.set(metadataKey + repository, toUtf8(formatMetadata(metadata)));
  }

  async lastLook(): Promise<LastLook | undefined> {
    const bytes = await this.#state.get(lookKey);
    return bytes === undefined ? undefined : (JSON.parse(fromUtf8(bytes)) as LastLook);
  }

  keepLook(look: LastLook): Promise<void> {
    return this.#state.set(lookKey, toUtf8(JSON.stringify(look)));
  }

  async downloads(waitMs: number): Promise<Downloads> {
    const lock = await this.#lock('download.lock', waitMs);
    return { dir: this.#dir, release: () => lock.release() };
  }

  async #change(make: (before: GenerationsKept) => Promise<GenerationsKept>): Promise<GenerationsKept> {
    const lock = await this.#lock('switch.lock', writeWaitMs);
    try {
      const before = await this.generations();
      const after = await make(before);
      if (after.sequence !== before.sequence && (await lock.isHeld())) {
        await this.#state.set(headKey, toUtf8(formatGenerations(after)));
        await this.#prune(digestsOf(after));
      }
      return after;
    } finally {
      await lock.release();
    }
  }

  async #lock(name: string, waitMs: number): Promise<Lock> {
    try {
      await ensureDirectory(this.#files, this.#dir);
    } catch (error) {
      throw storeError('making', this.#dir, error);
    }
    const token = (): string => randomBytes(16).toString('hex');
    const { clock } = this.#options;
    return acquireLock({ files: this.#files, dir: this.#dir, name, guards: `${name}.none`, clock, waitMs, processes: nodeProcesses, token });
  }

  async #put(sha256: string, bytes: Uint8Array): Promise<void> {
    const name = containerName(sha256);
    if (await this.#isWhole(sha256)) {
      return;
    }
    const temporary = `${name}.${formatHolder(nodeProcesses.self(), randomBytes(8).toString('hex'))}.new`;
    try {
      await replaceFile({ files: this.#files, dir: this.#dir, name, temporary }, bytes);
    } catch (error) {
      throw storeError('writing', join(this.#dir, name), error);
    }
  }

  /** A file that was damaged is written anew. */
  async #isWhole(sha256: string): Promise<boolean> {
    const bytes = await this.#readWhole(join(this.#dir, containerName(sha256)));
    return bytes !== undefined && createHash('sha256').update(bytes).digest('hex') === sha256;
  }

  async #container(entry: KeptGeneration): Promise<Uint8Array> {
    const path = join(this.#dir, containerName(entry.sha256));
    const bytes = await this.#readWhole(path);
    if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== entry.sha256) {
      throw new VedetteError('store-damaged', `${path}: generation ${entry.generation} is ${bytes === undefined ? 'missing' : 'not what it was'}`);
    }
    return bytes;
  }

  /** untrusted: whatever lies there, up to the bound. */
  async #readWhole(path: string): Promise<Uint8Array | undefined> {
    try {
      const file = await this.#files.open(path);
      if (file === undefined) {
        return undefined;
      }
      try {
        const bytes = new Uint8Array(Math.min(await file.size(), maxContainerBytes));
        return bytes.subarray(0, await file.read(0, bytes));
      } finally {
        await file.close();
      }
    } catch (error) {
      throw storeError('reading', path, error);
    }
  }

  /** What no generation names any more, and what processes that died left half written. */
  async #prune(kept: ReadonlySet<string>): Promise<void> {
    for (const name of await this.#files.list(this.#dir)) {
      const [, sha256, holder] = /^c-([0-9a-f]{64})(?:\.([^.]+)\.new)?$/.exec(name) ?? [];
      const isLeft = holder === undefined ? sha256 !== undefined && !kept.has(sha256) : isOver(holder);
      if (isLeft) {
        await this.#files.remove(join(this.#dir, name));
      }
    }
  }
}

function isOver(holder: string): boolean {
  const parsed = parseHolder(holder);
  return parsed !== undefined && holderState(parsed.holder, nodeProcesses) !== 'alive';
}
