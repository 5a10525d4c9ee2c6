/** Sections of hash prefixes in a filter: 32-bit numbers, strictly ascending, behind one byte that says how they are written. */
import { ByteReader } from '../bytes/byte-reader.js';
import { ByteWriter } from '../bytes/byte-writer.js';
import { refused } from '../refused.js';
import { decodeRice32, encodeRice32 } from '../rice/rice.js';

/** Prefixes as they stand in a section. */
export interface Prefixes {
  /** Strictly ascending; the first four bytes of each hash, big-endian. */
  readonly sorted: Uint32Array;
  /** Entries of whole hosts are not among them: section `hosts` has those. */
  readonly partsOnly: boolean;
}

/**
 * The first byte of the section: 1 is added without whole hosts (a reader that does not know of section `hosts` must
 * refuse that), 2 when the numbers are Rice-coded.
 */
const withoutHosts = 1;
const riceCoded = 2;

/** From this many numbers on the coding pays: 14 bits a prefix at a million, 32 as they are. */
const codedFrom = 64;
const maxPrefixes = 500_000_000;

/** The section; prefixes in any order, repeated or not. */
export function encodePrefixes(prefixes: Uint32Array, { partsOnly }: Pick<Prefixes, 'partsOnly'>): Uint8Array {
  const all = prefixes.slice().sort();
  const sorted = all.filter((one, i) => i === 0 || one !== all[i - 1]);
  const isCoded = sorted.length >= codedFrom;
  const writer = new ByteWriter();
  writer.u8((partsOnly ? withoutHosts : 0) + (isCoded ? riceCoded : 0));
  if (isCoded) {
    const { first, parameter, count, data } = encodeRice32(sorted);
    writer.u32(first);
    writer.u8(parameter);
    writer.u32(count);
    writer.bytes(data);
  } else {
    sorted.forEach((prefix) => writer.u32(prefix));
  }
  return writer.finish();
}

/**
 * @throws VedetteError `pattern-refused` for bytes that are no prefixes. Only the URL section may leave out whole hosts,
 * and only then be empty.
 */
export function decodePrefixes(section: Uint8Array, name: string, { ofUrls }: { readonly ofUrls: boolean }): Prefixes {
  const reader = new ByteReader(section, name);
  const code = reader.u8();
  const partsOnly = (code & withoutHosts) !== 0;
  if (code > withoutHosts + riceCoded || (partsOnly && !ofUrls)) {
    throw refused('version', `${name}: encoding ${code} is not known here`, { section: name });
  }
  const sorted = (code & riceCoded) === 0 ? readPlain(reader, name) : readCoded(reader);
  if (sorted.length === 0 && !partsOnly) {
    throw refused('malformed', `${name}: no prefixes`, { section: name });
  }
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i]! <= sorted[i - 1]!) {
      throw refused('malformed', `${name}: prefixes are not strictly ascending`, { section: name, index: i });
    }
  }
  return { sorted, partsOnly };
}

function readPlain(reader: ByteReader, name: string): Uint32Array {
  if (reader.left % 4 !== 0) {
    throw refused('malformed', `${name}: ${reader.left} bytes are no prefixes`, { section: name });
  }
  return Uint32Array.from({ length: reader.left / 4 }, () => reader.u32());
}

/** What stands behind the last number is padding of its byte: zeros. */
function readCoded(reader: ByteReader): Uint32Array {
  const [first, parameter, count] = [reader.u32(), reader.u8(), reader.u32()];
  return decodeRice32({ first, parameter, count, data: reader.bytes(reader.left) }, { maxEntries: maxPrefixes });
}
