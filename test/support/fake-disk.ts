/** A file system of the test's own: inodes, times and the looks that an engine takes at them; nothing real. */
import { toUtf8 } from '../../src/base/bytes.js';
import { inBatches, type BatchedFiles, type BatchOptions, type FoundFile } from '../../src/base/found-files.js';
import { identityText, type FileGlance, type FileIdentity, type FileSubject, type SubjectInfo } from '../../src/base/subject.js';

interface FakeFile {
  identity: FileIdentity;
  content: Uint8Array;
}

/** Files by path. Times move by themselves unless a change is said to happen in the same tick as the last one. */
export class FakeDisk {
  readonly files = new Map<string, FakeFile>();
  /** Files that were opened, in order. */
  readonly opened: string[] = [];
  /** Epoch ms of the clock that stamps files. */
  now = 1_600_000_000_000;
  #inode = 1_000n;

  /** `aheadMs`: looks say that they were taken so much later than they were. */
  constructor(readonly aheadMs = 0) {}

  /** Writes in place: same inode. `same`: times are put back as a racy or hostile writer would. */
  write(path: string, text: string, times: 'now' | 'same' = 'now'): void {
    const old = this.files.get(path)?.identity;
    const content = toUtf8(text);
    const size = BigInt(content.length);
    const stamp = BigInt(this.now) * 1_000_000n;
    const kept = times === 'same' && old !== undefined;
    const identity = {
      dev: 7n,
      ino: old?.ino ?? this.#inode++,
      size,
      mtimeNs: kept ? old.mtimeNs : stamp,
      ctimeNs: kept ? old.ctimeNs : stamp,
    };
    this.files.set(path, { identity, content });
  }

  /** Another file takes the name, with all times of the old one but ctime: as `mv` and `touch -r` do. */
  replace(path: string, text: string): void {
    const old = this.files.get(path)?.identity;
    this.files.delete(path);
    this.write(path, text);
    const one = this.files.get(path)!;
    one.identity = { ...one.identity, mtimeNs: old?.mtimeNs ?? one.identity.mtimeNs };
  }

  rename(from: string, to: string): void {
    const one = this.files.get(from);
    if (one !== undefined) {
      this.files.delete(from);
      one.identity = { ...one.identity, ctimeNs: BigInt(this.now) * 1_000_000n };
      this.files.set(to, one);
    }
  }

  glance(path: string): FileGlance | undefined {
    const one = this.files.get(path);
    return one === undefined ? undefined : { identity: one.identity, seenAt: this.now + this.aheadMs };
  }

  subject(path: string): FileSubject {
    return {
      kind: 'file',
      ...infoOf(path),
      glance: () => this.glance(path),
      open: () => {
        const one = this.files.get(path);
        if (one === undefined) {
          throw Object.assign(new Error('gone'), { code: 'ENOENT' });
        }
        this.opened.push(path);
        const { content } = one;
        return {
          size: content.length,
          identity: () => identityText(this.files.get(path)?.identity ?? one.identity),
          read(at, into) {
            const part = content.subarray(at, at + into.length);
            into.set(part);
            return part.length;
          },
        };
      },
    };
  }

  #contentInto(buffer: Uint8Array, path: string): Uint8Array | undefined {
    const content = this.files.get(path)?.content;
    if (content === undefined) {
      return undefined;
    }
    this.opened.push(path);
    buffer.set(content);
    return buffer.subarray(0, content.length);
  }

  /** All files, as a walk gives them. `reads`: their contents can be had on the spot. */
  tree({ reads = false, batch = 5 }: { readonly reads?: boolean; readonly batch?: number } = {}): BatchedFiles {
    const paths = [...this.files.keys()].sort();
    // One buffer for all of them: what is kept of it changes under the hand.
    const buffer = new Uint8Array(4096);
    const all = (looks: boolean): FoundFile[] =>
      paths.map((path) => ({
        info: () => ({ ...infoOf(path), kind: 'file' as const }),
        glance: looks ? this.glance(path) : undefined,
        ...(reads ? { content: () => this.#contentInto(buffer.fill(0xaa), path) } : {}),
        subject: () => this.subject(path),
      }));
    const subjects = (): FileSubject[] => paths.map((path) => this.subject(path));
    return {
      async *[Symbol.asyncIterator]() {
        yield* subjects();
      },
      async *[inBatches]({ glances }: BatchOptions) {
        const found = all(glances !== false);
        for (let at = 0; at < found.length; at += batch) {
          yield found.slice(at, at + batch);
        }
      },
    };
  }
}

function infoOf(path: string): SubjectInfo {
  return { label: path, locator: { scheme: 'file', ref: path } };
}
