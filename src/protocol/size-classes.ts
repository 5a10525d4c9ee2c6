/**
 * Padding (docs/protocol.md, "Size classes"): a padded message has one of a few lengths, so that who sees lengths only,
 * as on an encrypted way, learns next to nothing about how much was asked and whether something was found.
 *
 * A padded request has the least power of two from 64 bytes up that holds it, its answer sixteen times the length of the
 * request (thirty-two times where each statement has a signature), or the least power of two times that which holds it. Padding is a byte string of zeros at the end of the
 * message; its length field is the only one that need not be the shortest, so that every length can be met.
 */
import { leastRequestBytes, maxAnswerBytes, maxRequestBytes } from './limits.js';
import type { Proof } from './messages.js';

/** An answer has this many times the length of its request at least: statements without records fit in for all prefixes. */
const answerPerRequest: Readonly<Record<Proof['kind'], number>> = { none: 16, direct: 16, statement: 32 };

/** The nil that stands for the padding until its length is known. */
const placeholderBytes = 1;
/** A byte string of no bytes takes two. */
const leastPaddingBytes = 2;

/** The length of a padded request whose encoding, with nil for the padding, has that many bytes; at most 8192. */
export function requestClass(unpaddedBytes: number): number {
  return leastDouble(leastRequestBytes, unpaddedBytes, maxRequestBytes);
}

/** The length of the padded answer to a padded request of that length; at most 4 MiB. */
export function answerClass(requestBytes: number, proof: Proof['kind'], unpaddedBytes: number): number {
  return leastDouble(Math.min(requestBytes * answerPerRequest[proof], maxAnswerBytes), unpaddedBytes, maxAnswerBytes);
}

/** The message with its last value, a nil, replaced by as many zeros as give it that length. */
export function padTo(unpadded: Uint8Array, length: number): Uint8Array {
  const at = unpadded.length - placeholderBytes;
  const padded = new Uint8Array(length);
  padded.set(unpadded.subarray(0, at));
  putPadding(padded, at);
  return padded;
}

/** Fills a message up from `at`, where its last value begins: its length, and zeros. */
export function putPadding(message: Uint8Array, at: number): void {
  const head = paddingHead(message.length - at);
  message.set(head, at);
  message.fill(0, at + head.length);
}

/**
 * True when the last value of the message, `padding`, is what `padTo` would have put in the place of the nil of a message
 * of `unpaddedBytes`. The message has been decoded, and no value before the last is shorter than it must be.
 */
export function isPaddedTo(bytes: Uint8Array, unpaddedBytes: number, padding: Uint8Array): boolean {
  const at = unpaddedBytes - placeholderBytes;
  const head = paddingHead(bytes.length - at);
  const start = at + head.length;
  if (padding.length !== bytes.length - start || head.some((byte, i) => bytes[at + i] !== byte)) {
    return false;
  }
  for (let i = start; i < bytes.length; i++) {
    if (bytes[i] !== 0) {
      return false;
    }
  }
  return true;
}

/** The head of a byte string that takes that many bytes with it. */
function paddingHead(bytes: number): Uint8Array {
  if (bytes < leastPaddingBytes) {
    throw new RangeError(`padding: no byte string takes ${bytes} bytes`);
  }
  if (bytes <= 0xff + 2) {
    return Uint8Array.of(0xc4, bytes - 2);
  }
  if (bytes <= 0xffff + 3) {
    return Uint8Array.of(0xc5, (bytes - 3) >> 8, (bytes - 3) & 0xff);
  }
  const length = bytes - 5;
  return Uint8Array.of(0xc6, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff);
}

function leastDouble(start: number, unpaddedBytes: number, max: number): number {
  const needed = unpaddedBytes - placeholderBytes + leastPaddingBytes;
  let length = start;
  while (length < needed && length < max) {
    length *= 2;
  }
  return Math.min(length, max);
}
