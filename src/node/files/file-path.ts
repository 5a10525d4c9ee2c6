/**
 * Names of files. On POSIX a name is bytes, and a scanner must open files whose bytes are no UTF-8: they travel as a
 * `Buffer`, in a locator as `bytes:` with percent escapes, in a label with `\xff` escapes. All others are plain text.
 */
import { isUtf8 } from 'node:buffer';
import { isAbsolute, resolve } from 'node:path';
import type { Locator } from '../../base/subject.js';

/** Text, or bytes where text cannot say it. */
export type FilePath = string | Buffer;

/** Locators of this scheme name files of this machine. */
export const fileScheme = 'file';

const isWindows = process.platform === 'win32';
const bytesPrefix = 'bytes:';

/**
 * The path from the root. `.` and double separators go, and `..` at the start, which the working directory takes up; a
 * `..` further on stays: behind a symbolic link it means something else than the text says.
 */
export function absolutePath(path: FilePath): FilePath {
  if (typeof path !== 'string') {
    return path[0] === 0x2f ? path : Buffer.concat([Buffer.from(`${process.cwd()}/`), path]);
  }
  if (isWindows) {
    return resolve(path);
  }
  const whole = isAbsolute(path) ? path : fromWorkingDirectory(path);
  const tidy = whole.replaceAll(/\/(?:\.?\/)+/g, '/').replace(/\/\.?$/, '');
  return tidy === '' ? '/' : tidy;
}

function fromWorkingDirectory(path: string): string {
  const [, start = '', rest = ''] = /^((?:\.\.?(?:\/+|$))*)(.*)$/s.exec(path) ?? [];
  return `${resolve(start)}/${rest}`;
}

/** The durable name of a file. */
export function fileLocator(path: FilePath): Locator {
  const whole = absolutePath(path);
  return { scheme: fileScheme, ref: typeof whole === 'string' ? whole : bytesPrefix + escapeBytes(whole) };
}

/** The path that a locator names, or undefined when it names none: another scheme, not absolute, not as it is written. */
export function locatorPath(locator: Locator): FilePath | undefined {
  const { scheme, ref } = locator;
  if (scheme !== fileScheme || ref.includes('\0')) {
    return undefined;
  }
  return ref.startsWith(bytesPrefix) ? unescapeBytes(ref.slice(bytesPrefix.length)) : isAbsolute(ref) ? ref : undefined;
}

/** What a person reads: the path, bytes that are no text as `\xff`. */
export function pathLabel(path: FilePath): string {
  return typeof path === 'string' ? path : readable(path);
}

/** Text where the bytes are UTF-8, else the bytes. */
export function pathFromBytes(bytes: Buffer): FilePath {
  return isUtf8(bytes) ? bytes.toString('utf8') : bytes;
}

function escapeBytes(bytes: Buffer): string {
  return bytes.toString('latin1').replaceAll(/[^A-Za-z0-9/._~-]/g, (char) => `%${hex(char)}`);
}

function unescapeBytes(text: string): Buffer | undefined {
  // untrusted: from a record that may be damaged
  if (!/^\/(?:[A-Za-z0-9/._~-]|%[0-9a-f]{2})*$/.test(text) || text.includes('%00')) {
    return undefined;
  }
  return Buffer.from(text.replaceAll(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))), 'latin1');
}

/** UTF-8 as far as it goes: only the bytes that belong to no character are escaped. */
function readable(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((count) => at + count <= bytes.length && isUtf8(bytes.subarray(at, at + count)));
    text += length === undefined ? `\\x${hex(String.fromCharCode(bytes[at]!))}` : bytes.toString('utf8', at, at + length);
    at += length ?? 1;
  }
  return text;
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16).padStart(2, '0');
}
