/** Counts and texts of the signature section: the two kinds of field whose size the bytes themselves claim. */
import { toUtf8 } from '../../base/bytes.js';
import type { ByteReader } from '../bytes/byte-reader.js';
import type { ByteWriter } from '../bytes/byte-writer.js';
import { refused } from '../refused.js';

/** Every counted thing takes a byte at least: a count over what is left cannot be true, and nothing is allocated for it. */
export function readCount(reader: ByteReader, name: string, max: number): number {
  const at = reader.at;
  const count = reader.varint();
  if (count > max) {
    throw refused('limit', `signatures: ${count} ${name}, the limit is ${max}`, { at, max });
  }
  if (count > reader.left) {
    throw refused('truncated', `signatures: ${count} ${name} do not fit into ${reader.left} bytes`, { at });
  }
  return count;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A text: varint length, UTF-8. */
export function writeText(out: ByteWriter, text: string): void {
  const bytes = toUtf8(text);
  out.varint(bytes.length);
  out.bytes(bytes);
}

/** What `writeText` wrote. @throws VedetteError `pattern-refused` for what is no UTF-8. */
export function readText(reader: ByteReader, maxBytes: number): string {
  const at = reader.at;
  const bytes = reader.bytes(readCount(reader, 'bytes of text', maxBytes));
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw refused('malformed', `signatures: a text that is no UTF-8`, { at, error: String(error) });
  }
}
