/**
 * Entries of the older API (version 4): sets of hashes of 4 to 32 bytes, or of indices to be removed, raw or Rice-coded.
 * There each coded number is read as four little-endian bytes, so what was ascending as numbers is sorted anew as bytes.
 */
import { compareBytes } from '../../base/bytes.js';
import { decodeRice32, type RiceBlock32, type RiceLimits } from '../../pattern/rice/rice.js';
import { badMessage, readFields, readRepeatedInt32 } from './fields.js';

/** What one or several `ThreatEntrySet` messages hold together. */
export interface ThreatEntries {
  /** Sorted by their bytes. */
  readonly hashes: readonly Uint8Array[];
  /** Indices into the sorted list as it was, ascending. */
  readonly indices: readonly number[];
}

const defaultLimits: RiceLimits = { maxEntries: 5_000_000 };

/**
 * Reads `ThreatEntrySet` messages of version 4.
 * @throws VedetteError `transport-failed` for what is none, `pattern-refused` for coded data that do not hold what they claim.
 */
export function readThreatEntrySets(messages: readonly Uint8Array[], limits: RiceLimits = defaultLimits): ThreatEntries {
  const hashes: Uint8Array[] = [];
  const indices: number[] = [];
  const room = (): RiceLimits => ({ maxEntries: limits.maxEntries - hashes.length - indices.length });
  for (const message of messages) {
    readFields(message, {
      2: (reader) => readRawHashes(reader.bytes(), { into: hashes, limits: room() }),
      3: (reader) => readFields(reader.bytes(), { 1: (raw, wireType) => readRepeatedInt32(raw, wireType, indices) }),
      4: (reader) => decodeRice32(readRice(reader.bytes()), room()).forEach((number) => void hashes.push(littleEndian(number))),
      5: (reader) => decodeRice32(readRice(reader.bytes()), room()).forEach((number) => void indices.push(number)),
    });
  }
  return { hashes: hashes.sort(compareBytes), indices: indices.sort((a, b) => a - b) };
}

function readRawHashes(bytes: Uint8Array, target: { readonly into: Uint8Array[]; readonly limits: RiceLimits }): void {
  let size = 0;
  let raw: Uint8Array = new Uint8Array(0);
  readFields(bytes, {
    1: (reader) => {
      size = reader.int32();
    },
    2: (reader) => {
      raw = reader.bytes();
    },
  });
  if (size < 4 || size > 32 || raw.length % size !== 0 || raw.length / size > target.limits.maxEntries) {
    throw badMessage(`${raw.length} bytes of hashes of ${size} bytes each`);
  }
  for (let at = 0; at < raw.length; at += size) {
    target.into.push(raw.slice(at, at + size));
  }
}

function readRice(bytes: Uint8Array): RiceBlock32 {
  const block = { first: 0, parameter: 0, count: 0, data: new Uint8Array(0) as Uint8Array };
  readFields(bytes, {
    1: (reader) => {
      block.first = Number(BigInt.asUintN(32, BigInt(reader.int64())));
    },
    2: (reader) => {
      block.parameter = reader.int32();
    },
    3: (reader) => {
      block.count = reader.int32();
    },
    4: (reader) => {
      block.data = reader.bytes();
    },
  });
  return block;
}

function littleEndian(number: number): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, number, true);
  return out;
}
