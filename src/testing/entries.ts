/** Entries for servers and sources under test, made from what they are to list: bytes or a URL. */
import { fromHex, toUtf8 } from '../base/bytes.js';
import type { Disposition } from '../base/verdict.js';
import { sha256 } from '../fingerprint/digests.js';
import { urlExpression } from '../fingerprint/url-expressions.js';
import type { HashEntry } from '../pattern/hash-entry.js';

/** What is said about a listed thing; malicious unless said otherwise. */
export interface ListedAs {
  readonly name: string;
  /** Family of the threat (`trojan`). */
  readonly type?: string;
  readonly disposition?: Disposition;
  /** Web reputation, 0 to 100. */
  readonly score?: number;
  /** Holds only for files of this size. */
  readonly size?: number;
}

/**
 * Lists a file: its content, or its SHA-256 in 64 hex digits.
 * @throws TypeError for a text that is no SHA-256.
 */
export function fileEntry(content: Uint8Array | string, as: ListedAs): HashEntry {
  const hash = typeof content === 'string' ? fromHex(content) : sha256(content);
  if (hash?.length !== 32) {
    throw new TypeError('fileEntry: expected the bytes of a file or the 64 hex digits of its SHA-256');
  }
  return entryOf('file', hash, as);
}

/**
 * Lists a URL, with all that lies under it where it ends in `/`.
 * @throws TypeError for what is no URL.
 */
export function urlEntry(url: string, as: ListedAs): HashEntry {
  const expression = urlExpression(url);
  if (expression === undefined) {
    throw new TypeError(`urlEntry: expected a URL, got ${url}`);
  }
  return { ...entryOf('url', sha256(toUtf8(expression)), as), expression };
}

function entryOf(kind: HashEntry['kind'], hash: Uint8Array, as: ListedAs): HashEntry {
  return {
    kind,
    algorithm: 'sha256',
    hash,
    disposition: as.disposition ?? 'malicious',
    threat: { name: as.name, type: as.type ?? (kind === 'file' ? 'trojan' : 'phishing') },
    ...(as.score === undefined ? {} : { score: as.score }),
    ...(as.size === undefined ? {} : { size: as.size }),
  };
}
