/**
 * Small durable values (installed patterns, the newest generation seen, server waits) as one file each. A value is on
 * the disk, whole, under a name of its own before it takes the place of the old one; a checksum tells damage from a
 * value, because a damaged "newest generation" taken for none would let an old pattern back in.
 */
import { createHash, randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { VedetteError } from '../../base/errors.js';
import type { StateStore } from '../../base/seams.js';
import { ensureDirectory, nodeFiles, type DurableFile, type DurableFiles } from './durable-files.js';
import { crc32c } from '../journal/crc32c.js';
import { formatHolder, holderState, nodeProcesses, parseHolder } from '../journal/lock-holder.js';
import { replaceFile } from './replace-file.js';
import { storeError } from '../store-error.js';

/** Options of `createFileStateStore`. */
export interface FileStateStoreOptions {
  /** Made with mode 0700 at the first `set` when it is not there. */
  readonly dir: string;
  /** Bytes of one value at most (512 MiB). */
  readonly maxValueBytes?: number | undefined;
  readonly files?: DurableFiles | undefined;
}

/** `VDV`, the version of the format, and the CRC-32C of the value. */
const magic: Uint8Array = Uint8Array.of(0x56, 0x44, 0x56);
const version = 1;
const headerBytes = 8;

/** Names of files stay below 255 bytes, with room for the suffixes. */
const maxNameChars = 150;

/**
 * A store in a directory. Opens nothing until it is used. Values that overlap in time are set in the order of calls.
 * `get` and `set` reject with VedetteError `store-damaged` when the disk fails, `get` when a value is damaged too;
 * `unsupported` when a later version has written the value, which is left as it is; `set` with RangeError when a value is
 * too large.
 */
export function createFileStateStore(options: FileStateStoreOptions): StateStore {
  const store = new FileStates(options);
  return { get: (key) => store.get(key), set: (key, value) => store.set(key, value) };
}

/** File name of a key, without its ending: different keys have different names, on any file system. */
export function stateFileName(key: string): string {
  const name = `k-${key.replaceAll(/[^a-z0-9_-]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}`;
  // `=` is in no other name.
  return name.length <= maxNameChars ? name : `k=${createHash('sha256').update(key, 'utf16le').digest('hex')}`;
}

class FileStates implements StateStore {
  readonly #dir: string;
  readonly #maxBytes: number;
  readonly #files: DurableFiles;
  #ready: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: FileStateStoreOptions) {
    this.#dir = resolve(options.dir);
    this.#maxBytes = options.maxValueBytes ?? 512 * 1024 * 1024;
    this.#files = options.files ?? nodeFiles;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const path = join(this.#dir, fileOf(key));
    try {
      const file = await this.#files.open(path);
      return file === undefined ? undefined : await this.#read(file, path);
    } catch (error) {
      throw storeError('reading', path, error);
    }
  }

  set(key: string, value: Uint8Array): Promise<void> {
    if (value.length > this.#maxBytes) {
      return Promise.reject(new RangeError(`state ${key}: expected at most ${this.#maxBytes} bytes, got ${value.length}`));
    }
    const bytes = withHeader(value);
    const done = this.#last.then(() => this.#write(fileOf(key), bytes));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #read(file: DurableFile, path: string): Promise<Uint8Array> {
    try {
      // untrusted: whatever lies there, up to the bound
      const size = await file.size();
      if (size > this.#maxBytes + headerBytes) {
        throw new VedetteError('store-damaged', `${path} has ${size} bytes, more than a value may have`);
      }
      const bytes = new Uint8Array(size);
      return valueOf(bytes.subarray(0, await file.read(0, bytes)), path);
    } finally {
      await file.close();
    }
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    const temporary = `${name}.${formatHolder(nodeProcesses.self(), randomBytes(8).toString('hex'))}.new`;
    try {
      await (this.#ready ??= this.#prepare());
      await this.#assertReadable(name);
      await replaceFile({ files: this.#files, dir: this.#dir, name, temporary }, bytes);
    } catch (error) {
      throw storeError('writing', join(this.#dir, name), error);
    }
  }

  /** What a later version has written is not replaced. */
  async #assertReadable(name: string): Promise<void> {
    const path = join(this.#dir, name);
    const file = await this.#files.open(path);
    if (file !== undefined) {
      try {
        const bytes = new Uint8Array(headerBytes);
        assertVersion(bytes.subarray(0, await file.read(0, bytes)), path);
      } finally {
        await file.close();
      }
    }
  }

  /** Makes the directory, and removes what processes that died left half written. */
  async #prepare(): Promise<void> {
    try {
      await ensureDirectory(this.#files, this.#dir);
      for (const name of await this.#files.list(this.#dir)) {
        const [, holder] = /^k[-=].*\.value\.([^.]+)\.new$/.exec(name) ?? [];
        const parsed = holder === undefined ? undefined : parseHolder(holder);
        if (parsed !== undefined && holderState(parsed.holder, nodeProcesses) !== 'alive') {
          await this.#files.remove(join(this.#dir, name));
        }
      }
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
  }
}

function fileOf(key: string): string {
  return `${stateFileName(key)}.value`;
}

function withHeader(value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headerBytes + value.length);
  bytes.set(magic);
  bytes[magic.length] = version;
  bytes.set(value, headerBytes);
  new DataView(bytes.buffer).setUint32(4, crc32c(value), true);
  return bytes;
}

/** The value in the bytes of a file. @throws VedetteError `store-damaged`, `unsupported`. */
export function valueOf(bytes: Uint8Array, path: string): Uint8Array {
  assertVersion(bytes, path);
  const value = bytes.subarray(headerBytes);
  if (bytes.length < headerBytes || !isOurs(bytes) || new DataView(bytes.buffer).getUint32(4, true) !== crc32c(value)) {
    throw new VedetteError('store-damaged', `${path} is damaged: its checksum does not fit`);
  }
  return value;
}

function isOurs(bytes: Uint8Array): boolean {
  return magic.every((byte, i) => bytes[i] === byte) && bytes[magic.length] === version;
}

/**
 * The version has no checksum of its own: one flipped bit may make a damaged value look like a later version's. It is
 * refused either way, and only the small numbers that versions will have are taken for one.
 */
function assertVersion(bytes: Uint8Array, path: string): void {
  const found = bytes[magic.length] ?? 0;
  if (magic.every((byte, i) => bytes[i] === byte) && found > version && found < 0x10) {
    const detail = { version: found, readable: version };
    throw new VedetteError('unsupported', `${path} is of version ${found}: expected at most ${version}`, { detail });
  }
}
