/**
 * Walks over signatures and their anchors, makes a row of each anchor, and stops at whatever it is not sure about: a
 * name that is not ASCII, a node that is negated or a class, anything that breaks a rule. What is wrong with it, if
 * anything, is for `SignatureWalk` and `AnchorWalk` to say, which this is a part of: compiled code from the first call.
 */
import { anchorShift, checkMask, checkShift, distanceBias, distanceMask, followerFlag, maxAnchors } from '../abi';
import { checkHash } from './check-hash';
import {
  blockSize, blockWords, nodeBytes, nodesAt, openLength, walkAnchors, walkAnchorsAt, walkAnchorsEnd, walkAnchorsFrom,
  walkAt, walkAwake, walkBlocks, walkBody, walkCaseless, walkClasses, walkCount, walkEnd, walkFrom, walkInnerGap,
  walkLongest, walkMaxBytes, walkMaxNameBytes, walkMaxNodes, walkMaxOptions, walkMaxParts, walkParts, walkRows, walkUnsettled,
} from '../walk-abi';

/** The reading position, and whether a number was too long. */
let cursor: usize = 0;
let isBad: bool = false;
/** Of the body: nodes, and what counts as a part: nodes and alternatives. */
let nodes: u32 = 0;
let parts: u32 = 0;
/** Bytes of the node that was passed last, at least. */
let least: u32 = 0;

// @ts-ignore: decorator
@inline
function word(at: usize): u32 {
  return load<u32>(at);
}

/** LEB128 of at most four bytes, in its shortest form. */
function varint(): u32 {
  const first = <u32>load<u8>(cursor++);
  if (first < 0x80) return first;
  const second = <u32>load<u8>(cursor++);
  if (second < 0x80) {
    isBad = isBad || second == 0;
    return (first & 0x7f) | (second << 7);
  }
  const third = <u32>load<u8>(cursor++);
  if (third < 0x80) {
    isBad = isBad || third == 0;
    return (first & 0x7f) | ((second & 0x7f) << 7) | (third << 14);
  }
  const fourth = <u32>load<u8>(cursor++);
  isBad = isBad || fourth == 0 || fourth >= 0x80;
  return (first & 0x7f) | ((second & 0x7f) << 7) | ((third & 0x7f) << 14) | (fourth << 21);
}

function isAscii(from: usize, end: usize): bool {
  let all: u64 = 0;
  let at = from;
  for (; at + 8 <= end; at += 8) all |= load<u64>(at);
  for (; at < end; at++) all |= <u64>load<u8>(at);
  return (all & 0x8080808080808080) == 0;
}

/** Name, class and target. */
function passHead(end: usize): bool {
  const length = varint();
  if (length == 0 || length > <u32>walkMaxNameBytes || cursor + <usize>length > end) return false;
  const from = cursor;
  cursor += <usize>length;
  return isAscii(from, cursor) && varint() < word(walkClasses) && varint() <= 255;
}

/** Passes over the bytes of a run. */
// @ts-ignore: decorator
@inline
function passRun(n: u32, form: u32): void {
  cursor += <usize>(form < 2 ? n : form == 2 ? n + ((n + 3) >>> 2) : 2 * n);
}

/** @returns bytes of all alternatives, or -1. */
function passAlternatives(entry: usize, n: u32, end: usize): i32 {
  const count = n >>> 1;
  if ((n & 1) != 0 || count == 0 || count > <u32>walkMaxOptions) return -1;
  parts += count;
  let bytes: u32 = 0, most: u32 = 0;
  least = walkMaxBytes;
  store<u32>(entry, <u32>cursor, 8);
  for (let option: u32 = 0; option < count; option++) {
    const head = varint(), length = head >>> 2;
    if (length == 0 || length > <u32>walkMaxBytes) return -1;
    passRun(length, head & 3);
    if (cursor > end) return -1;
    bytes += length;
    least = min(least, length);
    most = max(most, length);
  }
  store<u32>(entry, most, 4);
  store<u32>(entry, count, 12);
  return <i32>bytes;
}

/** @returns bytes of a run or of alternatives, 0 for a gap, -1 for what is not for this walk. */
function passNode(entry: usize, end: usize): i32 {
  const head = varint();
  const kind = head & 7, n = head >>> 3;
  store<u32>(entry, kind);
  if (kind < 4) {
    if (n == 0 || n > <u32>walkMaxBytes) return -1;
    store<u32>(entry, n, 4);
    store<u32>(entry, <u32>cursor, 8);
    passRun(n, kind);
    least = n;
    return <i32>n;
  }
  if (kind == 6) return passAlternatives(entry, n, end);
  if (kind > 5) return -1;
  store<u32>(entry, kind == 4 ? n + varint() : openLength, 4);
  return 0;
}

function passBody(end: usize): bool {
  const offsetKind = <u32>load<u8>(cursor++) >>> 2;
  if (offsetKind > 1) return false;
  if (offsetKind == 1) {
    varint();
    varint();
  }
  nodes = varint();
  if (nodes == 0 || nodes > <u32>walkMaxNodes) return false;
  parts = nodes;
  let bytes: i32 = 0, part: i32 = 0;
  for (let node: u32 = 0; node < nodes; node++) {
    const added = passNode(<usize>(nodesAt + node * nodeBytes), end);
    if (added < 0 || cursor > end || (added == 0 && (part == 0 || node == nodes - 1))) return false;
    bytes += added;
    part = added == 0 ? 0 : part + <i32>least;
  }
  return bytes <= walkMaxBytes && word(walkParts) + parts <= word(walkMaxParts);
}

/** How exact a byte of a run is: 0 not, 1 yes, 2 a letter in either case. */
function exactness(at: usize, length: u32, form: u32, i: u32): u32 {
  const value = <u32>load<u8>(at + <usize>i);
  const isLetter = value >= 0x41 && value <= 0x5a;
  if (form == 0) return 1;
  if (form == 1) return isLetter ? 2 : 1;
  if (form == 2) return ((<u32>load<u8>(at + <usize>(length + (i >>> 2))) >>> (2 * (i & 3))) & 3) == 0 ? 1 : 0;
  const mask = <u32>load<u8>(at + <usize>(length + i));
  return mask == 0xff ? 1 : mask == 0xdf && isLetter ? 2 : 0;
}

/** False where a byte may be another one; notes letters in either case. */
function areExact(at: usize, length: u32, form: u32, from: u32, count: u32): bool {
  for (let i = from; i < from + count; i++) {
    const exact = exactness(at, length, form, i);
    if (exact == 0) return false;
    if (exact == 2) store<u32>(walkCaseless, 1);
  }
  return true;
}

/** The anchor that was read last. */
let lane: u32 = 0;
let node: u32 = 0;
let offset: u32 = 0;
let distance: i32 = 0;
let checkForm: u32 = 0;

function readAnchor(end: usize): bool {
  const head = varint();
  offset = varint();
  const biased = <i32>load<u8>(cursor++);
  distance = biased - distanceBias;
  lane = head & 3;
  node = head >>> 5;
  checkForm = (head >>> 2) & checkMask;
  return cursor <= end && !isBad && lane != 3 && biased <= distanceMask;
}

/** Anchors of the segment [from, to) into rows. @returns how many, 0 when it is not sure. */
function passSegment(from: u32, to: u32, end: usize): u32 {
  if (!readAnchor(end) || node < from || node >= to) return 0;
  const chosen = node, entry = <usize>(nodesAt + chosen * nodeBytes);
  const kind = load<u32>(entry);
  if (kind < 4) return addRow(<usize>load<u32>(entry, 8), load<u32>(entry, 4), kind, from == 0) ? 1 : 0;
  if (kind != 6) return 0;
  // Alternatives: their numbers were read before, and the reading position is that of the anchors.
  const anchorsAt = cursor;
  cursor = <usize>(load<u32>(entry, 8));
  const count = load<u32>(entry, 12);
  let at = anchorsAt;
  for (let option: u32 = 0; option < count; option++) {
    const head = varint(), run = cursor;
    passRun(head >>> 2, head & 3);
    const next = cursor;
    cursor = at;
    if (option > 0 && (!readAnchor(end) || node != chosen)) return 0;
    if (!addRow(run, head >>> 2, head & 3, from == 0)) return 0;
    at = cursor;
    cursor = next;
  }
  cursor = at;
  return count;
}

/** A row of the anchor that was read last, in a run. False when it does not fit. */
function addRow(at: usize, length: u32, form: u32, isFirst: bool): bool {
  const width: u32 = lane == 0 ? 8 : lane == 1 ? 5 : 4;
  const check = <i32>offset + distance, checkBytes = (checkForm + 1) << 2;
  if (offset + width > length || check < 0 || <u32>check + checkBytes > length) return false;
  if (form != 0 && !(areExact(at, length, form, offset, width) && areExact(at, length, form, <u32>check, checkBytes))) return false;
  const number = word(walkAnchors);
  if (number >= <u32>maxAnchors) return false;
  const rows = <usize>(walkRows + 4 * lane);
  const row = <usize>load<u32>(rows);
  const key = at + <usize>offset, near = at + <usize>check;
  store<u32>(row, load<u32>(key));
  store<u32>(row, lane == 0 ? load<u32>(key, 4) : lane == 1 ? <u32>load<u8>(key, 4) : 0, 4);
  store<u32>(row, (number << anchorShift) + (checkForm << checkShift) + (isFirst ? 0 : followerFlag) + <u32>(distance + distanceBias), 8);
  store<u32>(row, checkForm == 0 ? load<u32>(near) : checkHash(near, checkForm), 12);
  store<u32>(rows, <u32>row + 16);
  store<u32>(walkAnchors, number + 1);
  if (isFirst) store<u32>(walkAwake, word(walkAwake) | (1 << lane));
  return true;
}

/** The anchors of the body that was passed last. */
function passAnchors(body: u32, end: usize): bool {
  const count = varint();
  if (cursor > end || isBad) return false;
  if (count == 0) {
    const out = word(walkUnsettled);
    store<u32>(<usize>out, body);
    store<u32>(walkUnsettled, out + 4);
    return true;
  }
  let read: u32 = 0;
  for (let from: u32 = 0; from < nodes; ) {
    let to = from, length: u32 = 0;
    for (; to < nodes; to++) {
      const entry = <usize>(nodesAt + to * nodeBytes);
      const bytes = load<u32>(entry, 4);
      const kind = load<u32>(entry);
      if ((kind == 4 || kind == 5) && bytes > <u32>walkInnerGap) break;
      length += bytes;
    }
    const added = passSegment(from, to, end);
    if (added == 0) return false;
    read += added;
    if (length > word(walkLongest)) store<u32>(walkLongest, length);
    from = to + 1;
  }
  return read == count;
}

/** One signature and its anchors; leaves no row behind when it is not sure. */
function pass(body: u32): bool {
  const rows0 = word(walkRows), rows1 = word(walkRows + 4), rows2 = word(walkRows + 8), anchors = word(walkAnchors);
  const end = <usize>word(walkEnd);
  isBad = false;
  cursor = <usize>word(walkAt);
  if (!passHead(end) || !passBody(end) || isBad || cursor > end) return false;
  const at = cursor;
  if (word(walkAnchorsEnd) != 0) {
    cursor = <usize>word(walkAnchorsAt);
    if (!passAnchors(body, <usize>word(walkAnchorsEnd))) {
      store<u32>(walkRows, rows0);
      store<u32>(walkRows, rows1, 4);
      store<u32>(walkRows, rows2, 8);
      store<u32>(walkAnchors, anchors);
      return false;
    }
    store<u32>(walkAnchorsAt, <u32>cursor);
  }
  store<u32>(walkAt, <u32>at);
  store<u32>(walkParts, word(walkParts) + parts);
  return true;
}

/** Goes on to the end, or to a signature that it leaves to the caller. */
export function walk(): void {
  const count = word(walkCount);
  let body = word(walkBody);
  for (; body < count; body++) {
    if (body % blockSize == 0) {
      const block = <usize>(word(walkBlocks) + (body / blockSize) * blockWords * 4);
      store<u32>(block, word(walkAt) - word(walkFrom));
      store<u32>(block, word(walkAnchorsAt) - word(walkAnchorsFrom), 4);
      store<u32>(block, word(walkAnchors), 8);
    }
    if (!pass(body)) break;
  }
  store<u32>(walkBody, body);
}
