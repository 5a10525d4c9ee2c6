/**
 * One entry of a page: the state of a file, when it was read, and what that brought. Numbers are little-endian.
 *
 *    0 slot · 1 flags · 2 bytes of finds (u16) · 4 read at: epoch s, 8 steady s, 12 which steady clock (u32 each)
 *   16 size · 24 mtime ns · 32 ctime ns (64 bits each) · 40 a mark of the engine (u32), nothing (u32) · 48 SHA-256
 *   then MD5, SHA-1, finds (JSON) as the flags say
 */
import { fromUtf8, toUtf8 } from '../../base/bytes.js';
import type { FileIdentity } from '../../base/subject.js';
import type { Reason, Threat } from '../../base/verdict.js';
import type { KeptContent, ReadContent, ReadingPlan } from './scan-memory.js';

/** When an entry was made, as it is kept: whole seconds, and the steady clock by a number of its own. */
export interface KeptInstant {
  readonly epochS: number;
  readonly steadyS: number;
  readonly steadyTag: number;
}

const markAt = 40;
const sha256At = 48;
const fixedBytes = 80;
const md5Bytes = 16;
const sha1Bytes = 20;
/** Finds of one file take no more; a file with more is read again. */
const maxFindBytes = 4096;

const scans = ['none', 'first', 'all'] as const;
/** What is kept of doubts: those that the same content always raises. */
const doubts: readonly (Reason | undefined)[] = [undefined, 'limit', 'budget'];

const hasMd5 = 4;
const hasSha1 = 8;
const doubtShift = 4;

/** Bytes of the entry at an offset; undefined when they are not all there. */
export function entryLength(view: DataView, at: number): number | undefined {
  if (at + fixedBytes > view.byteLength) {
    return undefined;
  }
  const flags = view.getUint8(at + 1);
  const digests = ((flags & hasMd5) === 0 ? 0 : md5Bytes) + ((flags & hasSha1) === 0 ? 0 : sha1Bytes);
  const length = fixedBytes + digests + view.getUint16(at + 2, true);
  return at + length > view.byteLength ? undefined : length;
}

/** Position of its file among the 64 of the page. */
export function slotOfEntry(view: DataView, at: number): number {
  return view.getUint8(at);
}

/** False for slots and flags that no entry has. */
export function isIntact(view: DataView, at: number): boolean {
  const flags = view.getUint8(at + 1);
  return view.getUint8(at) < 64 && (flags & 3) < scans.length && flags >> doubtShift < doubts.length;
}

/** Whether the entry is about this state of the file. */
export function isOfState(view: DataView, at: number, file: FileIdentity): boolean {
  return (
    view.getBigInt64(at + 32, true) === file.ctimeNs &&
    view.getBigInt64(at + 24, true) === file.mtimeNs &&
    view.getBigUint64(at + 16, true) === file.size
  );
}

/** When the file was read. */
export function instantOf(view: DataView, at: number): KeptInstant {
  return { epochS: view.getUint32(at + 4, true), steadyS: view.getUint32(at + 8, true), steadyTag: view.getUint32(at + 12, true) };
}

/** A copy of the entry with another mark. */
export function withMark(view: DataView, at: number, mark: number): Uint8Array {
  const entry = bytesAt(view, at, entryLength(view, at) ?? 0);
  new DataView(entry.buffer).setUint32(markAt, mark, true);
  return entry;
}

/** What the entry says, where it answers the plan: with fewer digests or another kind of scan, the file has to be read again. */
export function contentOf(view: DataView, at: number, plan: ReadingPlan): KeptContent | undefined {
  const flags = view.getUint8(at + 1);
  const findBytes = view.getUint16(at + 2, true);
  if ((plan.md5 && (flags & hasMd5) === 0) || (plan.sha1 && (flags & hasSha1) === 0) || !answersScan(flags, findBytes, plan.scan)) {
    return undefined;
  }
  const md5At = at + fixedBytes;
  const sha1At = md5At + ((flags & hasMd5) === 0 ? 0 : md5Bytes);
  const findsAt = sha1At + ((flags & hasSha1) === 0 ? 0 : sha1Bytes);
  const threats = findBytes === 0 || plan.scan === 'none' ? noThreats : parseFinds(bytesAt(view, findsAt, findBytes));
  const doubt = plan.scan === 'none' ? undefined : doubts[flags >> doubtShift];
  if (threats === undefined) {
    return undefined;
  }
  const sha256 = bytesAt(view, at + sha256At, 32);
  const mark = view.getUint32(at + markAt, true);
  if (!plan.sha1 && !plan.md5 && doubt === undefined) {
    return { digests: { sha256 }, threats, mark };
  }
  return {
    mark,
    digests: {
      sha256,
      ...(plan.sha1 ? { sha1: bytesAt(view, sha1At, sha1Bytes) } : {}),
      ...(plan.md5 ? { md5: bytesAt(view, md5At, md5Bytes) } : {}),
    },
    threats,
    ...(doubt === undefined ? {} : { doubt }),
  };
}

/** "Nothing found" is the same for the first find and for all of them; finds hold for the way that they were looked for. */
function answersScan(flags: number, findBytes: number, wanted: ReadingPlan['scan']): boolean {
  const was = scans[flags & 3];
  if (wanted === 'none') {
    return true;
  }
  return was === wanted || (was !== 'none' && findBytes === 0);
}

/** The entry as bytes; undefined for what cannot be kept (a doubt that another time may not raise, too many finds). */
export function encodeEntry(
  file: FileIdentity,
  read: { readonly at: KeptInstant; readonly scan: ReadingPlan['scan']; readonly content: ReadContent },
): Uint8Array | undefined {
  const { digests, threats, doubt } = read.content;
  const finds = threats.length === 0 ? new Uint8Array() : toUtf8(JSON.stringify(threats));
  const doubtCode = doubts.indexOf(doubt);
  if (doubtCode < 0 || finds.length > maxFindBytes || !fitsInt64(file) || digests.sha256.length !== 32) {
    return undefined;
  }
  const parts = [digests.sha256, digests.md5 ?? new Uint8Array(), digests.sha1 ?? new Uint8Array(), finds];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, sha256At));
  const view = new DataView(bytes.buffer);
  const flags = scans.indexOf(read.scan) | (digests.md5 === undefined ? 0 : hasMd5) | (digests.sha1 === undefined ? 0 : hasSha1) | (doubtCode << doubtShift);
  view.setUint8(0, Number(file.ino & 63n));
  view.setUint8(1, flags);
  view.setUint16(2, finds.length, true);
  view.setUint32(4, read.at.epochS, true);
  view.setUint32(8, read.at.steadyS, true);
  view.setUint32(12, read.at.steadyTag, true);
  view.setBigUint64(16, file.size, true);
  view.setBigInt64(24, file.mtimeNs, true);
  view.setBigInt64(32, file.ctimeNs, true);
  let at = sha256At;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function fitsInt64(file: FileIdentity): boolean {
  return [file.size, file.mtimeNs, file.ctimeNs].every((value) => BigInt.asIntN(64, value) === value) && file.size >= 0n;
}

const noThreats: readonly Threat[] = [];

/** untrusted: undefined for what is no list of threats. */
function parseFinds(bytes: Uint8Array): readonly Threat[] | undefined {
  try {
    const json: unknown = JSON.parse(fromUtf8(bytes));
    return Array.isArray(json) && json.length > 0 && json.every(isThreat) ? json : undefined;
  } catch {
    return undefined;
  }
}

function isThreat(value: unknown): value is Threat {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string' && 'type' in value && typeof value.type === 'string';
}

/** A copy: what goes into results must not keep a whole page in memory. Byte by byte: half of the time of a view and its `slice`. */
function bytesAt(view: DataView, at: number, length: number): Uint8Array {
  const copy = new Uint8Array(length);
  for (let i = 0; i < length; i++) {
    copy[i] = view.getUint8(at + i);
  }
  return copy;
}
