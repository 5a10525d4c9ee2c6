/**
 * Writes a section as pieces of the old one and insertions: places of the old section are known by the eight bytes that
 * stand there, and every match is made as long as it gets, in both directions (Bentley and McIlroy, "Data compression using
 * long common strings", 1999). Records that moved, or are changed in a byte, are found again by content.
 */
import { ByteWriter } from '../../../pattern/bytes/byte-writer.js';
import { zigzag } from './apply-copies.js';

/** Every fourth place of the base is known: each match of eleven bytes is seen. */
const stride = 4;
const window = 8;
/** A piece elsewhere costs four to six bytes; one where the piece before would have gone on costs three. */
const leastAnywhere = 12;
const leastInLine = 6;
/** Places that begin alike, tried from the last one on. */
const maxTries = 16;

/** The payload of method `copy`. */
export function findCopies(base: Uint8Array, target: Uint8Array): Uint8Array {
  const places = indexPlaces(base);
  const writer = new ByteWriter();
  let written = 0;
  let from = 0;
  for (let at = 0; at < target.length; ) {
    const match = bestMatch({ base, target, places }, { at, written, inLine: from + at - written });
    if (match === undefined) {
      at++;
      continue;
    }
    writer.varint(match.at - written);
    writer.bytes(target.subarray(written, match.at));
    writer.varint(match.length);
    writer.varint(zigzag(match.from - from));
    from = match.from + match.length;
    written = match.at + match.length;
    at = written;
  }
  if (written < target.length) {
    writer.varint(target.length - written);
    writer.bytes(target.subarray(written));
  }
  return writer.finish();
}

/** Places of the base by hash, each with the one before of the same hash. */
interface Places {
  readonly last: Int32Array;
  readonly before: Int32Array;
  readonly mask: number;
}

interface Sides {
  readonly base: Uint8Array;
  readonly target: Uint8Array;
  readonly places: Places;
}

interface Match {
  readonly at: number;
  readonly from: number;
  readonly length: number;
}

/** Where the search stands: what is before `written` is told already, `inLine` is where the last piece would go on. */
interface Standing {
  readonly at: number;
  readonly written: number;
  readonly inLine: number;
}

function bestMatch(sides: Sides, standing: Standing): Match | undefined {
  const { base, target, places } = sides;
  const { at, inLine } = standing;
  if (inLine < base.length && base[inLine] === target[at]) {
    const length = commonAhead(sides, inLine, at);
    if (length >= leastInLine) {
      return { at, from: inLine, length };
    }
  }
  if (at + window > target.length) {
    return undefined;
  }
  let best: Match | undefined;
  let place = places.last[hashAt(target, at) & places.mask]!;
  for (let tries = 0; place >= 0 && tries < maxTries; tries++) {
    const match = extended(sides, place * stride, standing);
    if (match.length >= leastAnywhere && match.length > (best?.length ?? 0)) {
      best = match;
    }
    place = places.before[place]!;
  }
  return best;
}

function extended({ base, target, places }: Sides, from: number, { at, written }: Standing): Match {
  const ahead = commonAhead({ base, target, places }, from, at);
  if (ahead < window) {
    return { at, from, length: 0 };
  }
  let behind = 0;
  while (at - behind > written && from - behind > 0 && base[from - behind - 1] === target[at - behind - 1]) {
    behind++;
  }
  return { at: at - behind, from: from - behind, length: ahead + behind };
}

function commonAhead({ base, target }: Sides, from: number, at: number): number {
  const most = Math.min(base.length - from, target.length - at);
  let length = 0;
  while (length < most && base[from + length] === target[at + length]) {
    length++;
  }
  return length;
}

function indexPlaces(base: Uint8Array): Places {
  const count = Math.max(0, Math.floor((base.length - window) / stride) + 1);
  const size = 2 ** Math.ceil(Math.log2(Math.max(16, count)));
  const places = { last: new Int32Array(size).fill(-1), before: new Int32Array(count), mask: size - 1 };
  for (let place = 0; place < count; place++) {
    const slot = hashAt(base, place * stride) & places.mask;
    places.before[place] = places.last[slot]!;
    places.last[slot] = place;
  }
  return places;
}

/** Of the eight bytes there. */
function hashAt(bytes: Uint8Array, at: number): number {
  const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  const high = bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24);
  const mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
