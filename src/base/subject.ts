/** What is judged: a file's bytes, a URL or a digest, with what the host wants to know it by. */
import { fromHex } from './bytes.js';
import type { Json, Signal } from './seams.js';

/** A durable name under which a subject can be opened again: `parts.openers[scheme]` is given the whole locator. */
export interface Locator {
  readonly scheme: string;
  readonly ref: string;
}

/** What the host attaches to a subject. It never leaves the machine. */
export interface SubjectInfo {
  /** What a person knows it by: a path, a message id. */
  readonly label?: string | undefined;
  /** Without one, the subject can later be asked about by fingerprint only. */
  readonly locator?: Locator | undefined;
  /** The host's own data, handed back with the result. */
  readonly tag?: Json | undefined;
}

/** Random access to the bytes of one opened object. */
export interface ByteSource {
  /** Bytes in all, when known at opening. */
  readonly size?: number;
  /** Fills `into` from offset `at`; the number of bytes written, 0 at the end. Fewer than asked is not the end. */
  read(at: number, into: Uint8Array, options: Signal): number | Promise<number>;
  /** A text that changes whenever the object is written or replaced (size, mtime, ctime, inode): DESIGN rule 6. */
  identity?(): string | Promise<string>;
  close?(): void | Promise<void>;
}

/** Tells one state of a file of this machine from every other. A `BigIntStats` of `node:fs` is one. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
  /** Bytes. */
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** A look at a file that was not opened. */
export interface FileGlance {
  readonly identity: FileIdentity;
  /** When it was taken (epoch ms), by the clock that stamps the file: a file that was changed just before may change again unseen. */
  readonly seenAt: number;
}

/** A file: anything that can be opened as bytes. */
export interface FileSubject extends SubjectInfo {
  readonly kind: 'file';
  /**
   * What `open` would open, where that is cheap to tell: with it, an engine that has a scan cache need not open what it
   * has read before. `identity()` of the opened source then says `identityText` of the same. Undefined or a rejection: open it.
   */
  glance?(options: Signal): FileGlance | undefined | Promise<FileGlance | undefined>;
  /** A rejection makes the verdict `unknown: unreadable`; an error with code `ENOENT` makes it `unknown: gone`. */
  open(options: Signal): ByteSource | Promise<ByteSource>;
}

/** A URL, in any spelling. It is never fetched and its host never resolved. */
export interface UrlSubject extends SubjectInfo {
  readonly kind: 'url';
  readonly url: string;
}

/** A file that is known by its SHA-256 only. */
export interface DigestSubject extends SubjectInfo {
  readonly kind: 'digest';
  readonly sha256: Uint8Array;
  readonly size?: number | undefined;
}

/** What can be checked. */
export type Subject = FileSubject | UrlSubject | DigestSubject;

/** A file identity as the text that an opened source of the same file gives as its `identity`. */
export function identityText(identity: FileIdentity): string {
  return `${identity.dev}:${identity.ino}:${identity.size}:${identity.mtimeNs}:${identity.ctimeNs}`;
}

/** A source over bytes in memory. The bytes are kept, not copied. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read(at, into) {
      const part = bytes.subarray(at, at + into.length);
      into.set(part);
      return part.length;
    },
  };
}

/** A file subject over bytes in memory. The bytes are kept, not copied: do not write to them while they are checked. */
export function bytesSubject(bytes: Uint8Array, info: SubjectInfo = {}): FileSubject {
  return { ...info, kind: 'file', open: () => bytesSource(bytes) };
}

/** A URL subject. The text is taken as it is; what is no URL becomes `unknown: unsupported`, never a throw. */
export function urlSubject(url: string, info: SubjectInfo = {}): UrlSubject {
  return { ...info, kind: 'url', url };
}

/**
 * A subject known by its SHA-256 (32 bytes, or 64 hex digits).
 * @throws TypeError when it is neither.
 */
export function digestSubject(
  sha256: Uint8Array | string,
  info: SubjectInfo & { readonly size?: number | undefined } = {},
): DigestSubject {
  const bytes = typeof sha256 === 'string' ? fromHex(sha256) : sha256;
  if (bytes?.length !== 32) {
    throw new TypeError('digestSubject: expected 32 bytes or 64 hex digits');
  }
  return { ...info, kind: 'digest', sha256: bytes };
}

/** The host's part of a subject, without bytes or functions: structured-cloneable, and fit for a durable record. */
export function subjectInfo(subject: SubjectInfo): SubjectInfo {
  return {
    ...(subject.label === undefined ? {} : { label: subject.label }),
    ...(subject.locator === undefined ? {} : { locator: subject.locator }),
    ...(subject.tag === undefined ? {} : { tag: subject.tag }),
  };
}
