/**
 * Reads the fields of a protocol buffer message that nobody vouches for. Unknown fields are passed over, as the format
 * wants it; whatever breaks the format is one typed error.
 */
import { BinaryReader, type WireType } from '@bufbuild/protobuf/wire';
import { VedetteError, describeError } from '../../base/errors.js';

export { BinaryReader };

/** What to do with a field, by its number; `true` is returned by nobody: a handler reads its value from the reader. */
export type FieldHandlers = Readonly<Record<number, (reader: BinaryReader, wireType: WireType) => void>>;

/**
 * Calls the handler of every field in turn.
 * @throws VedetteError `transport-failed` for what is no protocol buffer message.
 */
export function readFields(bytes: Uint8Array, handlers: FieldHandlers): void {
  // untrusted: the body of a response
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      const handle = handlers[field];
      if (handle === undefined) {
        reader.skip(wireType, field);
      } else {
        handle(reader, wireType);
      }
    }
  } catch (error) {
    throw VedetteError.is(error) ? error : badMessage(describeError(error), error);
  }
}

/** The error for a message that cannot be used. */
export function badMessage(what: string, cause?: unknown): VedetteError {
  return new VedetteError('transport-failed', `Safe Browsing answered what cannot be used: ${what}`, { detail: { reason: 'bad-answer' }, cause });
}

/** A `google.protobuf.Duration` in ms; a negative or endless one is refused. */
export function readDuration(bytes: Uint8Array): number {
  let seconds = 0n;
  let nanos = 0;
  readFields(bytes, {
    1: (reader) => {
      seconds = BigInt(reader.int64());
    },
    2: (reader) => {
      nanos = reader.int32();
    },
  });
  if (seconds < 0n || seconds > 315_576_000_000n || nanos < 0 || nanos > 999_999_999) {
    throw badMessage('a duration that is none');
  }
  return Number(seconds) * 1000 + Math.floor(nanos / 1e6);
}

/** A repeated enum or int32: one value, or many packed into one field. */
export function readRepeatedInt32(reader: BinaryReader, wireType: WireType, into: number[]): void {
  const packed = 2;
  if (wireType !== (packed as WireType)) {
    into.push(reader.int32());
    return;
  }
  const values = new BinaryReader(reader.bytes());
  while (values.pos < values.len) {
    into.push(values.int32());
  }
}
