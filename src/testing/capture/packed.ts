/**
 * Values to bytes and back by msgpackr, behind a scan of the structure. For captures, where time does not matter; the
 * messages of the wire have a reader and a writer of their own (src/protocol/codec), whose oracle this is.
 */
import type { WireValue } from '../../protocol/codec/codec.js';
import { pack, unpack } from 'msgpackr/index-no-eval';
import { badMessage, type StructureLimits } from '../../protocol/codec/structure.js';
import { checkStructure } from './structure-scan.js';

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
