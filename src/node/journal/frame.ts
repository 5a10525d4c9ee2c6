/**
 * The bytes of a journal file: a header, then records, little-endian throughout.
 *
 *     header   8 magic   4 version   4 CRC-32C of the 12 bytes before
 *     record   4 marker  4 payload length  8 sequence  4 CRC-32C of the payload  4 CRC-32C of the 20 bytes before
 *              payload
 *
 * The header of a record has a checksum of its own, so its length can be believed even when the payload is damaged;
 * where it cannot, the next marker is looked for. Payloads are UTF-8, in which the marker's bytes never occur, and end
 * in no zero byte: zeros at the end of a file are room for records to come, or what a write did not get to.
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

/** What the header of a record says. */
export interface RecordHeader {
  readonly sequence: number;
  /** Bytes of the payload. */
  readonly length: number;
  /** CRC-32C of the payload. */
  readonly crc: number;
}

/** Writes the 24 bytes before a payload at offset `at` of `bytes`. */
export function writeFrameHeader(bytes: Uint8Array, at: number, { sequence, length, crc }: RecordHeader): void {
  bytes.set(marker, at);
  putUint32(bytes, at + 4, length);
  putUint32(bytes, at + 8, sequence >>> 0);
  putUint32(bytes, at + 12, Math.floor(sequence / 0x1_0000_0000));
  putUint32(bytes, at + 16, crc);
  putUint32(bytes, at + 20, crc32c(bytes, at, at + 20));
}

/** One record: the plain form of what `FrameBatch` writes. @throws RangeError when the payload is none that a record has. */
export function encodeFrame(sequence: number, payload: Uint8Array): Uint8Array {
  if (payload.length === 0 || payload.length > maxPayloadBytes || payload.at(-1) === 0) {
    throw new RangeError(`payload: expected 1 to ${maxPayloadBytes} bytes without a zero at the end, got ${payload.length}`);
  }
  const bytes = new Uint8Array(frameHeaderBytes + payload.length);
  writeFrameHeader(bytes, 0, { sequence, length: payload.length, crc: crc32c(payload) });
  bytes.set(payload, frameHeaderBytes);
  return bytes;
}

function putUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
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

/** Reads records from the start of `bytes`; `atEnd` when nothing but zeros follows. */
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
    found.push(header.kind === 'good' ? recordAt(bytes, at, header) : { kind: 'damage', from: at, to: end });
    at = end;
  }
  return { found, consumed: at };
}

type FrameHeader =
  | ({ readonly kind: 'good' } & RecordHeader)
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
