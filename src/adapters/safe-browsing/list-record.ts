/** A list and its schedule as bytes of the state store. Damage is noticed and the list fetched anew. */
import { equalBytes, fromUtf8, toUtf8 } from '../../base/bytes.js';
import { VedetteError } from '../../base/errors.js';
import { ByteReader } from '../../pattern/bytes/byte-reader.js';
import { ByteWriter } from '../../pattern/bytes/byte-writer.js';
import type { HashBytes, HashList } from './hash-list.js';
import type { ListSchedule } from './update-schedule.js';

/** What is kept of a list. */
export interface StoredList {
  readonly list: HashList | undefined;
  readonly schedule: ListSchedule;
}

type Sha256 = (bytes: Uint8Array) => Uint8Array;

const recordVersion = 1;

/** version u8 · updatedAt, dueAt u64 · failures varint · hash bytes u8 (0: no list) · name, version, hashes (varint length each) · SHA-256 of all before. */
export function encodeListRecord({ list, schedule }: StoredList, sha256: Sha256): Uint8Array {
  const out = new ByteWriter();
  out.u8(recordVersion);
  out.u64(Math.floor(schedule.updatedAt));
  out.u64(Math.floor(schedule.dueAt));
  out.varint(schedule.failures);
  out.u8(list?.hashBytes ?? 0);
  for (const field of list === undefined ? [] : [toUtf8(list.name), list.version, list.hashes]) {
    out.varint(field.length);
    out.bytes(field);
  }
  const body = out.finish();
  const whole = new ByteWriter();
  whole.bytes(body);
  whole.bytes(sha256(body));
  return whole.finish();
}

/** What `encodeListRecord` wrote, or undefined for bytes that are damaged or of another version. */
export function decodeListRecord(bytes: Uint8Array, sha256: Sha256): StoredList | undefined {
  if (bytes.length < 32 || !equalBytes(sha256(bytes.subarray(0, -32)), bytes.subarray(-32))) {
    return undefined;
  }
  try {
    return readRecord(new ByteReader(bytes.subarray(0, -32), 'list record'));
  } catch (error) {
    if (VedetteError.is(error)) {
      return undefined;
    }
    throw error;
  }
}

function readRecord(reader: ByteReader): StoredList | undefined {
  if (reader.u8() !== recordVersion) {
    return undefined;
  }
  const schedule = { updatedAt: reader.u64(), dueAt: reader.u64(), failures: reader.varint() };
  const hashBytes = reader.u8();
  if (hashBytes === 0) {
    return { list: undefined, schedule };
  }
  const [name, version, hashes] = [0, 1, 2].map(() => reader.bytes(reader.varint()).slice());
  reader.end();
  return { list: { name: fromUtf8(name!), version: version!, hashBytes: hashBytes as HashBytes, hashes: hashes! }, schedule };
}
