/**
 * Values to bytes and back: the only place that knows msgpackr.
 *
 * The build without `new Function` is used (Workers and extensions forbid it), and only behind `checkStructure`:
 * limits before decoding, shapes after it. Encoding is canonical: integers in their shortest unsigned form up to 32
 * bits and as int64 above, strings and byte strings with the shortest length field, no floats.
 */
import { pack, unpack } from 'msgpackr/index-no-eval';
import { badMessage, checkStructure, type StructureLimits } from './structure.js';

/** What messages are made of. Integers above 32 bits are `bigint` on the way in and may be on the way out. */
export type WireValue = null | number | bigint | string | Uint8Array | readonly WireValue[];

/** The canonical bytes of a value, in an array of their own. */
export function encodeValue(value: WireValue): Uint8Array {
  // msgpackr hands out views of a pool that it goes on using; a copy also drops Node's Buffer class.
  return new Uint8Array(pack(value));
}

/**
 * The one value that the bytes are. Byte strings in it are views of `bytes`.
 * @throws VedetteError `transport-failed` when they are anything else, or over a limit.
 */
export function decodeValue(bytes: Uint8Array, limits: StructureLimits): WireValue {
  checkStructure(bytes, limits);
  try {
    // A view of its own: msgpackr leaves a property behind on what it is given.
    return unpack(bytes.subarray()) as WireValue;
  } catch {
    throw badMessage('not decodable');
  }
}

/** An integer of 0 to 2^53 − 1 as the codec wants it: msgpackr would write numbers above 32 bits as floats. */
export function wireInteger(value: number): number | bigint {
  return value > 0xffff_ffff ? BigInt(value) : value;
}
