/**
 * The layout of a delta, format version 1 (docs/updates.md, "Delta"): head, table of sections, payloads, checksum. What the
 * payloads mean is the business of the files for each method.
 */
import { concatBytes, equalBytes, fromLatin1, toHex, toLatin1 } from '../../base/bytes.js';
import type { Crypto } from '../../base/seams.js';
import { ByteReader, plainBytes } from '../../pattern/bytes/byte-reader.js';
import { ByteWriter } from '../../pattern/bytes/byte-writer.js';
import type { ContainerHead, SignatureBlock } from '../../pattern/container-format.js';
import {
  componentKinds,
  digestBytes,
  fixedHeadBytes,
  isSectionName,
  sectionRowBytes,
  signatureBlockBytes,
} from '../../pattern/container-format.js';
import { refused } from '../../pattern/refused.js';
import type { DeltaHead, DeltaOptions } from './delta.js';

/** How a section is made, by code. */
export const methods = ['same', 'raw', 'copy', 'prefixes', 'table'] as const;

/** How a section is made. */
export type Method = (typeof methods)[number];

/** One section of the result. */
export interface DeltaSection {
  readonly name: string;
  readonly method: Method;
  /** Bytes of the section in the result. */
  readonly length: number;
  readonly payload: Uint8Array;
}

/** What a delta holds. Byte strings are views. */
export interface Delta {
  readonly from: number;
  readonly base: Uint8Array;
  readonly result: Uint8Array;
  readonly head: ContainerHead;
  readonly signature: SignatureBlock | undefined;
  /** Sorted by name, unique. */
  readonly sections: readonly DeltaSection[];
}

const magic = Uint8Array.of(0x89, 0x56, 0x44, 0x44, 0x0d, 0x0a, 0x1a, 0x0a);
const version = 1;
const signedFlag = 1;
const maxSections = 64;
const checksumBytes = 8;
const defaultMaxBytes = 2 ** 30;

/** The delta as bytes. */
export function encodeDelta(delta: Delta, crypto: Pick<Crypto, 'sha256'>): Uint8Array {
  const writer = new ByteWriter();
  writer.bytes(magic);
  writer.u16(version);
  writer.u8(componentKinds.indexOf(delta.head.kind) + 1);
  writer.u8(delta.signature === undefined ? 0 : signedFlag);
  writer.u64(delta.from);
  writer.bytes(delta.base);
  writer.bytes(delta.result);
  for (const value of [delta.head.generation, delta.head.createdAt, delta.head.expiresAt, delta.head.periodMs]) {
    writer.u64(value);
  }
  if (delta.signature !== undefined) {
    writer.bytes(delta.signature.keyId);
    writer.bytes(delta.signature.signature);
  }
  writer.varint(delta.sections.length);
  for (const { name, method, length, payload } of delta.sections) {
    writer.u8(name.length);
    writer.bytes(fromLatin1(name));
    writer.u8(methods.indexOf(method));
    writer.varint(length);
    writer.varint(payload.length);
  }
  const bytes = concatBytes([writer.finish(), ...delta.sections.map(({ payload }) => payload)]);
  return concatBytes([bytes, checksum(bytes, crypto)]);
}

/**
 * Takes a delta apart; payloads are not looked at.
 * @throws VedetteError `pattern-refused`: not-a-pattern, version, truncated, altered, malformed, limit.
 */
export function parseDelta(untrusted: Uint8Array, options: DeltaOptions): Delta {
  const bytes = plainBytes(untrusted);
  const maxBytes = options.limits?.maxBytes ?? defaultMaxBytes;
  limit('the delta', bytes.length, maxBytes);
  const reader = new ByteReader(checkedBody(bytes, options.crypto), 'delta');
  reader.skip(magic.length + 2);
  const kind = componentKinds[reader.u8() - 1];
  const flags = reader.u8();
  if (kind === undefined || (flags & ~signedFlag) !== 0) {
    throw refused('version', 'the delta is of a kind, or sets flags, that are not known here');
  }
  const from = reader.u64();
  const [base, result] = [reader.bytes(digestBytes), reader.bytes(digestBytes)];
  const head = { kind, generation: reader.u64(), createdAt: reader.u64(), expiresAt: reader.u64(), periodMs: reader.u64() };
  const signature = flags === signedFlag ? { keyId: reader.bytes(8), signature: reader.bytes(64) } : undefined;
  const delta = { from, base, result, head, signature, sections: readSections(reader) };
  reader.end();
  limit('the result', resultBytes(delta), maxBytes);
  return delta;
}

/** Bytes of the head of the file that comes out. */
export function resultHeadBytes({ sections, signature }: Delta): number {
  return fixedHeadBytes + sections.length * sectionRowBytes + (signature === undefined ? 0 : signatureBlockBytes) + digestBytes;
}

/** Bytes of the file that comes out. */
export function resultBytes(delta: Delta): number {
  return delta.sections.reduce((sum, { length }) => sum + length, resultHeadBytes(delta));
}

/** What callers are told about a delta. */
export function publicHead(delta: Delta): DeltaHead {
  return {
    kind: delta.head.kind,
    from: delta.from,
    base: toHex(delta.base),
    head: delta.head,
    result: toHex(delta.result),
    byteLength: resultBytes(delta),
    ...(delta.signature === undefined ? {} : { keyId: toHex(delta.signature.keyId) }),
  };
}

/** Everything before the checksum, once it was found right. */
function checkedBody(bytes: Uint8Array, crypto: Pick<Crypto, 'sha256'>): Uint8Array {
  const seen = Math.min(bytes.length, magic.length);
  if (seen === 0 || !magic.subarray(0, seen).every((byte, i) => byte === bytes[i])) {
    throw refused('not-a-pattern', 'this is no delta: its first bytes say something else');
  }
  const body = bytes.subarray(0, Math.max(0, bytes.length - checksumBytes));
  const found = new ByteReader(body, 'delta');
  found.skip(magic.length);
  const format = found.u16();
  if (format !== version) {
    throw refused('version', `delta version ${format} is not known here, only ${version}`, { version: format });
  }
  if (!equalBytes(checksum(body, crypto), bytes.subarray(body.length))) {
    throw refused('altered', 'the delta is not what its checksum says');
  }
  return body;
}

function readSections(reader: ByteReader): DeltaSection[] {
  const count = reader.varint();
  limit('sections', count, maxSections);
  const table: { readonly name: string; readonly method: Method; readonly length: number; readonly bytes: number }[] = [];
  for (let i = 0; i < count; i++) {
    const name = toLatin1(reader.bytes(reader.u8()));
    const method = methods[reader.u8()];
    if (method === undefined) {
      throw refused('version', `section ${i} is made by a method that is not known here`, { section: i });
    }
    if (!isSectionName(name) || name <= (table.at(-1)?.name ?? '')) {
      throw refused('malformed', 'the names of the sections are not plain, sorted and unique', { section: i });
    }
    table.push({ name, method, length: reader.varint(), bytes: reader.varint() });
  }
  return table.map(({ name, method, length, bytes }) => ({ name, method, length, payload: reader.bytes(bytes) }));
}

function checksum(bytes: Uint8Array, crypto: Pick<Crypto, 'sha256'>): Uint8Array {
  return crypto.sha256(bytes).subarray(0, checksumBytes);
}

function limit(what: string, value: number, max: number): void {
  if (value > max) {
    throw refused('limit', `${what}: ${value} is over the limit of ${max}`, { what, value, max });
  }
}
