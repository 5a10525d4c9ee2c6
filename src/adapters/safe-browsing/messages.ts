/**
 * The answers of the Safe Browsing API, version 5, as plain data. Field numbers after the published
 * google/security/safebrowsing/v5/safebrowsing.proto; shapes and sizes are checked here, meanings elsewhere.
 */
import type { BinaryReader } from './fields.js';
import { badMessage, readDuration, readFields, readRepeatedInt32 } from './fields.js';
import type { RiceBlock32, RiceBlockWide } from '../../pattern/rice/rice.js';

/** What a full hash stands for. Numbers are the enum values of the proto, unknown ones included. */
export interface FullHashDetail {
  readonly threatType: number;
  readonly attributes: readonly number[];
}

/** `SearchHashesResponse`. */
export interface SearchResponse {
  readonly fullHashes: readonly { readonly hash: Uint8Array; readonly details: readonly FullHashDetail[] }[];
  /** How long the answer holds for every prefix that was asked, in ms. */
  readonly cacheMs: number;
}

/** Additions of one width. */
export type Additions =
  | { readonly hashBytes: 4; readonly block: RiceBlock32 }
  | { readonly hashBytes: 8 | 16 | 32; readonly block: RiceBlockWide };

/** `HashList` as an update. */
export interface ListUpdate {
  readonly name: string;
  readonly version: Uint8Array;
  readonly partial: boolean;
  readonly additions: Additions | undefined;
  readonly removals: RiceBlock32 | undefined;
  readonly minimumWaitMs: number;
  /** Absent: the list is what it was. */
  readonly checksum: Uint8Array | undefined;
}

const maxVersionBytes = 4096;

/** @throws VedetteError `transport-failed` for a message that is none, or with a full hash that is not 32 bytes. */
export function readSearchResponse(bytes: Uint8Array): SearchResponse {
  const fullHashes: SearchResponse['fullHashes'][number][] = [];
  let cacheMs = 0;
  readFields(bytes, {
    1: (reader) => void fullHashes.push(readFullHash(reader.bytes())),
    2: (reader) => {
      cacheMs = readDuration(reader.bytes());
    },
  });
  return { fullHashes, cacheMs };
}

/** The lists of a `BatchGetHashListsResponse`. @throws VedetteError `transport-failed`. */
export function readBatchResponse(bytes: Uint8Array): ListUpdate[] {
  const lists: ListUpdate[] = [];
  readFields(bytes, { 1: (reader) => void lists.push(readList(reader.bytes())) });
  return lists;
}

function readFullHash(bytes: Uint8Array): SearchResponse['fullHashes'][number] {
  let hash: Uint8Array = new Uint8Array(0);
  const details: FullHashDetail[] = [];
  readFields(bytes, {
    1: (reader) => {
      hash = reader.bytes().slice();
    },
    2: (reader) => void details.push(readDetail(reader.bytes())),
  });
  if (hash.length !== 32) {
    throw badMessage(`a full hash of ${hash.length} bytes`);
  }
  return { hash, details };
}

function readDetail(bytes: Uint8Array): FullHashDetail {
  let threatType = 0;
  const attributes: number[] = [];
  readFields(bytes, {
    1: (reader) => {
      threatType = reader.int32();
    },
    2: (reader, wireType) => readRepeatedInt32(reader, wireType, attributes),
  });
  return { threatType, attributes };
}

function readList(bytes: Uint8Array): ListUpdate {
  const list: { -readonly [K in keyof ListUpdate]: ListUpdate[K] } = {
    name: '',
    version: new Uint8Array(0),
    partial: false,
    additions: undefined,
    removals: undefined,
    minimumWaitMs: 0,
    checksum: undefined,
  };
  readFields(bytes, {
    1: (reader) => {
      list.name = reader.string();
    },
    2: (reader) => {
      list.version = reader.bytes();
    },
    3: (reader) => {
      list.partial = reader.bool();
    },
    4: (reader) => {
      list.additions = { hashBytes: 4, block: readRice32(reader.bytes()) };
    },
    5: (reader) => {
      list.removals = readRice32(reader.bytes());
    },
    6: (reader) => {
      list.minimumWaitMs = readDuration(reader.bytes());
    },
    7: (reader) => {
      const checksum = reader.bytes();
      list.checksum = checksum.length === 0 ? undefined : checksum;
    },
    9: (reader) => {
      list.additions = { hashBytes: 8, block: readRiceWide(reader.bytes(), 1) };
    },
    10: (reader) => {
      list.additions = { hashBytes: 16, block: readRiceWide(reader.bytes(), 2) };
    },
    11: (reader) => {
      list.additions = { hashBytes: 32, block: readRiceWide(reader.bytes(), 4) };
    },
  });
  if (list.version.length > maxVersionBytes || (list.checksum !== undefined && list.checksum.length !== 32)) {
    throw badMessage('a version or a checksum that is too long');
  }
  return list;
}

function readRice32(bytes: Uint8Array): RiceBlock32 {
  const block = { first: 0, parameter: 0, count: 0, data: new Uint8Array(0) as Uint8Array };
  readFields(bytes, {
    1: (reader) => {
      block.first = reader.uint32();
    },
    ...tailOfRice(block, 2),
  });
  return block;
}

/** Wider numbers come as a uint64 and `words - 1` fixed64 before the rest. */
function readRiceWide(bytes: Uint8Array, words: 1 | 2 | 4): RiceBlockWide {
  const first = new Uint8Array(words * 8);
  const view = new DataView(first.buffer);
  const block = { first, parameter: 0, count: 0, data: new Uint8Array(0) as Uint8Array };
  const partsAfter = Object.fromEntries(
    Array.from({ length: words - 1 }, (_, i) => [i + 2, (reader: BinaryReader) => view.setBigUint64((i + 1) * 8, BigInt(reader.fixed64()))]),
  );
  readFields(bytes, {
    1: (reader) => view.setBigUint64(0, BigInt(reader.uint64())),
    ...partsAfter,
    ...tailOfRice(block, words + 1),
  });
  return block;
}

function tailOfRice(block: { parameter: number; count: number; data: Uint8Array }, from: number): Record<number, (reader: BinaryReader) => void> {
  return {
    [from]: (reader) => {
      block.parameter = reader.int32();
    },
    [from + 1]: (reader) => {
      block.count = reader.int32();
    },
    [from + 2]: (reader) => {
      block.data = reader.bytes();
    },
  };
}
