/**
 * The bytes of a journal file: a header, then records, little-endian throughout.
 *
 *     header   8 magic   4 version   4 CRC-32C of the 12 bytes before
 *     record   4 marker  4 payload length  8 sequence  4 CRC-32C of the payload  4 CRC-32C of the 20 bytes before
 *              payload
 *
 * The header of a record has a checksum of its own, so its length can be believed even when the payload is damaged;
 * where it cannot, the next marker is looked for. Payloads are UTF-8, in which the marker's bytes never occur.
 * Everything here is pure and runs in time linear in the bytes, whatever they are.
 */
import { crc32c } from './crc32c.js';

/** The version that is written, and the highest that is read. */
export const journalVersion = 1;

/** Bytes of the file header. */
export const fileHeaderBytes = 16;

/** Bytes of a record before its payload. */
export const frameHeaderBytes = 24;

/** Longest payload. */
export const maxPayloadBytes: number = 1 << 20;

const magic: Uint8Array = Uint8Array.of(0x89, 0x56, 0x44, 0x4a, 0x0d, 0x0a, 0x1a, 0x0a);
const marker: Uint8Array = Uint8Array.of(0xff, 0xfe, 0x56, 0xff);

/** The header of a new file. */
export function encodeFileHeader(version: number = journalVersion): Uint8Array {
  const bytes = new Uint8Array(fileHeaderBytes);
  bytes.set(magic);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, version, true);
  view.setUint32(12, crc32c(bytes, 0, 12), true);
  return bytes;
}

/** What the first bytes of a file say. */
export type FileHeader = { readonly kind: 'ours'; readonly version: number } | { readonly kind: 'damaged' };

/** Reads the header from the first 16 bytes; fewer are damaged. */
export function decodeFileHeader(bytes: Uint8Array): FileHeader {
  if (bytes.length < fileHeaderBytes || magic.some((byte, i) => bytes[i] !== byte)) {
    return { kind: 'damaged' };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, fileHeaderBytes);
  return view.getUint32(12, true) === crc32c(bytes, 0, 12) ? { kind: 'ours', version: view.getUint32(8, true) } : { kind: 'damaged' };
}

/** One record. @throws RangeError when the payload is too long. */
export function encodeFrame(sequence: number, payload: Uint8Array): Uint8Array {
  if (payload.length > maxPayloadBytes) {
    throw new RangeError(`payload: expected at most ${maxPayloadBytes} bytes, got ${payload.length}`);
  }
  const bytes = new Uint8Array(frameHeaderBytes + payload.length);
  bytes.set(marker);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, payload.length, true);
  view.setBigUint64(8, BigInt(sequence), true);
  view.setUint32(16, crc32c(payload), true);
  view.setUint32(20, crc32c(bytes, 0, 20), true);
  bytes.set(payload, frameHeaderBytes);
  return bytes;
}

/** What a stretch of a file holds, with offsets from the start of the stretch. Payloads are views. */
export type Stretch =
  | { readonly kind: 'record'; readonly sequence: number; readonly payload: Uint8Array }
  | { readonly kind: 'damage'; readonly from: number; readonly to: number }
  /** The last write of a process that did not live to see it finished. */
  | { readonly kind: 'torn'; readonly from: number };

/** Stretches of `bytes`, and how many bytes they take; what is left over needs the bytes that follow. */
export interface Scan {
  readonly found: readonly Stretch[];
  readonly consumed: number;
}

/** Reads records from the start of `bytes`; `atEnd` when no bytes follow. */
export function scanFrames(bytes: Uint8Array, atEnd: boolean): Scan {
  const found: Stretch[] = [];
  let at = 0;
  while (at < bytes.length) {
    const header = headerAt(bytes, at);
    const end = endOf(header, bytes, { at, atEnd });
    if (end > bytes.length) {
      if (!atEnd) {
        break;
      }
      found.push({ kind: 'torn', from: at });
      return { found, consumed: bytes.length };
    }
    found.push(header.kind === 'good' ? recordAt(bytes, at, header) : lost(bytes, at, { to: end, atEnd }));
    at = end;
  }
  return { found, consumed: at };
}

type FrameHeader =
  | { readonly kind: 'good'; readonly length: number; readonly sequence: number; readonly crc: number }
  | { readonly kind: 'bad' }
  | { readonly kind: 'short' };

function headerAt(bytes: Uint8Array, at: number): FrameHeader {
  for (let i = 0; i < marker.length && at + i < bytes.length; i++) {
    if (bytes[at + i] !== marker[i]) {
      return { kind: 'bad' };
    }
  }
  if (bytes.length - at < frameHeaderBytes) {
    return { kind: 'short' };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, frameHeaderBytes);
  const length = view.getUint32(4, true);
  const sequence = Number(view.getBigUint64(8, true));
  if (view.getUint32(20, true) !== crc32c(bytes, at, at + 20) || length > maxPayloadBytes || !Number.isSafeInteger(sequence)) {
    return { kind: 'bad' };
  }
  return { kind: 'good', length, sequence, crc: view.getUint32(16, true) };
}

/** Where the stretch that begins here ends; beyond all bytes when they are too few to say. */
function endOf(header: FrameHeader, bytes: Uint8Array, where: { readonly at: number; readonly atEnd: boolean }): number {
  switch (header.kind) {
    case 'good':
      return where.at + frameHeaderBytes + header.length;
    case 'short':
      return Number.POSITIVE_INFINITY;
    case 'bad':
      return nextMarker(bytes, where.at + 1, where.atEnd);
  }
}

/** A tail of zeros is a file that was made longer and not filled: torn, not damaged. */
function lost(bytes: Uint8Array, from: number, where: { readonly to: number; readonly atEnd: boolean }): Stretch {
  const isTail = where.atEnd && where.to === bytes.length;
  return isTail && isZero(bytes, from) ? { kind: 'torn', from } : { kind: 'damage', from, to: where.to };
}

function recordAt(bytes: Uint8Array, at: number, header: FrameHeader & { kind: 'good' }): Stretch {
  const from = at + frameHeaderBytes;
  const to = from + header.length;
  return crc32c(bytes, from, to) === header.crc
    ? { kind: 'record', sequence: header.sequence, payload: bytes.subarray(from, to) }
    : { kind: 'damage', from: at, to };
}

/** Where the next marker begins, or where one could begin that the bytes to follow complete. */
function nextMarker(bytes: Uint8Array, from: number, atEnd: boolean): number {
  for (let at = bytes.indexOf(marker[0]!, from); at >= 0; at = bytes.indexOf(marker[0]!, at + 1)) {
    if (at + marker.length > bytes.length) {
      return atEnd ? bytes.length : at;
    }
    if (marker.every((byte, i) => bytes[at + i] === byte)) {
      return at;
    }
  }
  return bytes.length;
}

function isZero(bytes: Uint8Array, from: number): boolean {
  for (let i = from; i < bytes.length; i++) {
    if (bytes[i] !== 0) {
      return false;
    }
  }
  return true;
}
