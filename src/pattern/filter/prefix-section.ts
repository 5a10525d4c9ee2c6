/** Sections of hash prefixes in a filter: 32-bit numbers, strictly ascending, behind one byte that says how they are written. */
import { ByteReader } from '../bytes/byte-reader.js';
import { ByteWriter } from '../bytes/byte-writer.js';
import { refused } from '../refused.js';

/** Prefixes as they stand in a section. */
export interface Prefixes {
  /** Strictly ascending; the first four bytes of each hash, big-endian. */
  readonly sorted: Uint32Array;
  /** Entries of whole hosts are not among them: section `hosts` has those. */
  readonly partsOnly: boolean;
}

/** By place: the first byte of the section. A reader that does not know of section `hosts` must refuse the second. */
const encodings = ['all', 'parts-only'] as const;

/** The section; prefixes in any order, repeated or not. */
export function encodePrefixes(prefixes: Uint32Array, { partsOnly }: Pick<Prefixes, 'partsOnly'>): Uint8Array {
  const sorted = prefixes.slice().sort();
  const writer = new ByteWriter();
  writer.u8(encodings.indexOf(partsOnly ? 'parts-only' : 'all'));
  for (const prefix of sorted.filter((one, i) => i === 0 || one !== sorted[i - 1])) {
    writer.u32(prefix);
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
  const encoding = encodings[code];
  if (encoding === undefined || (encoding === 'parts-only' && !ofUrls)) {
    throw refused('version', `${name}: encoding ${code} is not known here`, { section: name });
  }
  const partsOnly = encoding === 'parts-only';
  if ((reader.left === 0 && !partsOnly) || reader.left % 4 !== 0) {
    throw refused('malformed', `${name}: ${reader.left} bytes are no prefixes`, { section: name });
  }
  const sorted = new Uint32Array(reader.left / 4);
  for (let i = 0; i < sorted.length; i++) {
    sorted[i] = reader.u32();
    if (i > 0 && sorted[i]! <= sorted[i - 1]!) {
      throw refused('malformed', `${name}: prefixes are not strictly ascending`, { section: name, index: i });
    }
  }
  return { sorted, partsOnly };
}
