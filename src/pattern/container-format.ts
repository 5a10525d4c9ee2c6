/**
 * The layout of a component file, format version 1 (docs/patterns.md, "Container"): a fixed head, a table of
 * sections, an optional signature, a digest over all of that, and the sections without gaps.
 *
 * This file turns the head into bytes and back; digests of sections and signatures are `container.ts`'s business.
 */
import { fromLatin1, toLatin1 } from '../base/bytes.js';
import { ByteReader } from './bytes/byte-reader.js';
import { ByteWriter } from './bytes/byte-writer.js';
import { refused } from './refused.js';

/** What a container holds. */
export type ComponentKind = 'agent-pattern' | 'filter' | 'server-pattern' | 'lists' | 'action-table';

/** What a container says about itself. */
export interface ContainerHead {
  readonly kind: ComponentKind;
  /** Counts up with every publication of the component. */
  readonly generation: number;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms from which "not found" by this component counts for nothing. */
  readonly expiresAt: number;
  /** How often the component is published: it is stale two periods after `createdAt`. */
  readonly periodMs: number;
}

/** One line of the section table. */
export interface SectionRow {
  /** 1 to 24 characters of `a-z 0-9 -`. */
  readonly name: string;
  readonly length: number;
  /** SHA-256 of the section. */
  readonly digest: Uint8Array;
}

/** Key id (8 bytes) and Ed25519 signature (64 bytes) over the head. */
export interface SignatureBlock {
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** What stands before the head's digest. */
export interface ParsedHead {
  readonly head: ContainerHead;
  readonly rows: readonly SectionRow[];
  readonly signature: SignatureBlock | undefined;
}

/** The only version that this release reads and writes. */
export const formatVersion = 1;

export const fixedHeadBytes = 48;
export const sectionRowBytes = 64;
export const signatureBlockBytes = 72;
export const digestBytes = 32;
export const sectionNameBytes = 24;

const magic = Uint8Array.of(0x89, 0x56, 0x44, 0x54, 0x54, 0x0d, 0x0a, 0x1a);
/** By code less 1, as it stands in files. */
export const componentKinds: readonly ComponentKind[] = ['agent-pattern', 'filter', 'server-pattern', 'lists', 'action-table'];
const sectionName = /^[a-z0-9-]{1,24}$/;
const signedFlag = 1;
const signingDomain = fromLatin1('vedette container 1\0');

/** Length of everything before the head's digest, told by the fixed head alone. */
export interface HeadShape {
  readonly sections: number;
  readonly signed: boolean;
  /** Bytes of fixed head and section table: what is signed. */
  readonly signedBytes: number;
  /** Bytes of head, table, signature block and the head's digest: the first section begins here. */
  readonly headBytes: number;
}

/** True for a name that a section may have. */
export function isSectionName(name: string): boolean {
  return sectionName.test(name);
}

/** Reads as much of the fixed head as tells how long the whole head is. The rest is not looked at yet. */
export function headShape(bytes: Uint8Array): HeadShape {
  const seen = Math.min(bytes.length, magic.length);
  if (seen === 0 || !magic.subarray(0, seen).every((byte, i) => byte === bytes[i])) {
    throw refused('not-a-pattern', 'the file is no vedette component: its first bytes say something else');
  }
  const reader = new ByteReader(bytes, 'head');
  reader.bytes(magic.length);
  const version = reader.u16();
  if (version !== formatVersion) {
    throw refused('version', `format version ${version} is not known here, only ${formatVersion}`, { version });
  }
  reader.u8();
  const flags = reader.u8();
  const sections = reader.u32();
  const signed = (flags & signedFlag) !== 0;
  const signedBytes = fixedHeadBytes + sections * sectionRowBytes;
  return { sections, signed, signedBytes, headBytes: signedBytes + (signed ? signatureBlockBytes : 0) + digestBytes };
}

/** Reads a head whose digest has been found right: from here on a fault is `malformed`, not `altered`. */
export function parseHead(bytes: Uint8Array, shape: HeadShape): ParsedHead {
  const reader = new ByteReader(bytes.subarray(0, shape.headBytes), 'head');
  reader.bytes(magic.length + 2);
  const kind = componentKinds[reader.u8() - 1];
  if (kind === undefined) {
    throw refused('version', 'the container is of a kind that is not known here');
  }
  if ((reader.u8() & ~signedFlag) !== 0) {
    throw refused('version', 'the container sets flags that are not known here');
  }
  reader.u32();
  const head = {
    kind,
    generation: reader.u64(),
    createdAt: reader.u64(),
    expiresAt: reader.u64(),
    periodMs: reader.u64(),
  };
  const rows = parseRows(reader, shape.sections);
  const signature = shape.signed ? { keyId: reader.bytes(8), signature: reader.bytes(64) } : undefined;
  return { head, rows, signature };
}

/** The bytes that are signed: fixed head and section table. */
export function encodeSignedPart(head: ContainerHead, rows: readonly SectionRow[], signed: boolean): Uint8Array {
  const writer = new ByteWriter();
  writer.bytes(magic);
  writer.u16(formatVersion);
  writer.u8(componentKinds.indexOf(head.kind) + 1);
  writer.u8(signed ? signedFlag : 0);
  writer.u32(rows.length);
  writer.u64(head.generation);
  writer.u64(head.createdAt);
  writer.u64(head.expiresAt);
  writer.u64(head.periodMs);
  for (const row of rows) {
    const name = new Uint8Array(sectionNameBytes);
    name.set(fromLatin1(row.name));
    writer.bytes(name);
    writer.u64(row.length);
    writer.bytes(row.digest);
  }
  return writer.finish();
}

/** What the key signs: the head under a name of its own, so that no signature made for something else fits. */
export function signingInput(signedPart: Uint8Array): Uint8Array {
  const input = new Uint8Array(signingDomain.length + signedPart.length);
  input.set(signingDomain);
  input.set(signedPart, signingDomain.length);
  return input;
}

function parseRows(reader: ByteReader, count: number): SectionRow[] {
  const rows: SectionRow[] = [];
  let previous = '';
  for (let i = 0; i < count; i++) {
    const name = toLatin1(reader.bytes(sectionNameBytes)).replace(/\0+$/, '');
    if (!isSectionName(name) || name <= previous) {
      throw refused('malformed', 'the names in the section table are not plain, sorted and unique', { section: i });
    }
    previous = name;
    rows.push({ name, length: reader.u64(), digest: reader.bytes(digestBytes) });
  }
  return rows;
}
