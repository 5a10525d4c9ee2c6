/**
 * Whole values to bytes and back: limits while decoding, shapes after it (shapes.ts). Statements and answers, of which
 * there are many, are read and written without values in between (statement.ts, answer-message.ts).
 */
import { badMessage, type StructureLimits } from './structure.js';
import { WireReader } from './wire-reader.js';
import { WireWriter } from './wire-writer.js';

/** What messages are made of. Integers that no double holds exactly come as `bigint`. */
export type WireValue = null | number | bigint | string | Uint8Array | readonly WireValue[];

/**
 * The canonical bytes of a value, in an array of their own.
 * @throws RangeError for a number that is no whole one up to 2^53 − 1.
 */
export function encodeValue(value: WireValue): Uint8Array {
  const writer = new WireWriter(256);
  write(writer, value);
  return writer.finish();
}

/**
 * The one value that the bytes are. Byte strings in it are views of `bytes`.
 * @throws VedetteError `transport-failed` when they are anything else, or over a limit.
 */
export function decodeValue(bytes: Uint8Array, limits: StructureLimits): WireValue {
  if (bytes.length > limits.maxBytes) {
    throw badMessage(`more than ${limits.maxBytes} bytes`);
  }
  const reader = new WireReader(bytes, limits.maxItems);
  const value = read(reader, limits.maxDepth);
  reader.end();
  return value;
}

function write(writer: WireWriter, value: WireValue): void {
  if (value === null) {
    writer.nil();
  } else if (typeof value === 'string') {
    writer.text(value);
  } else if (value instanceof Uint8Array) {
    writer.bytes(value);
  } else if (typeof value === 'object') {
    writer.list(value.length);
    value.forEach((one) => write(writer, one));
  } else if (typeof value === 'bigint') {
    writer.wideInteger(value);
  } else {
    writer.integer(value);
  }
}

function read(reader: WireReader, depthLeft: number): WireValue {
  const tag = reader.peek();
  if (tag <= 0x7f || tag >= 0xe0 || (tag >= 0xcc && tag <= 0xd3)) {
    return reader.integer();
  }
  if (tag === 0xc0) {
    reader.nil();
    return null;
  }
  if (tag >= 0xc4 && tag <= 0xc6) {
    return reader.bytes();
  }
  if ((tag >= 0xa0 && tag <= 0xbf) || (tag >= 0xd9 && tag <= 0xdb)) {
    return reader.text();
  }
  if ((tag >= 0x90 && tag <= 0x9f) || tag === 0xdc || tag === 0xdd) {
    return readList(reader, depthLeft);
  }
  throw badMessage('a type that the protocol does not use');
}

function readList(reader: WireReader, depthLeft: number): WireValue[] {
  if (depthLeft <= 0) {
    throw badMessage('nested too deep');
  }
  const values: WireValue[] = [];
  for (let left = reader.list(); left > 0; left--) {
    values.push(read(reader, depthLeft - 1));
  }
  return values;
}
