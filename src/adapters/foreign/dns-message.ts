/** DNS messages (RFC 1035) as far as a question for A or TXT records and its answer need them. Pure. */
import { concatBytes, fromUtf8, toUtf8 } from '../../base/bytes.js';
import type { DnsRecord, DnsReply } from './dns.js';

/** Record types that are asked for. */
export const typeNumbers = { A: 1, TXT: 16 } as const;

const classInternet = 1;
const headerBytes = 12;
const maxJumps = 16;
const maxNameBytes = 255;
const maxAnswers = 64;

/** A question with recursion desired. The id is 0, as RFC 8484 advises, so that the same questions look the same. */
export function encodeQuestion(name: string, type: keyof typeof typeNumbers): Uint8Array {
  const header = Uint8Array.of(0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0);
  const labels = name.split('.').map((label) => {
    const bytes = toUtf8(label);
    if (bytes.length === 0 || bytes.length > 63) {
      throw new RangeError(`name: a label of ${bytes.length} bytes`);
    }
    return concatBytes([Uint8Array.of(bytes.length), bytes]);
  });
  return concatBytes([header, ...labels, Uint8Array.of(0, 0, typeNumbers[type], 0, classInternet)]);
}

/** What a response says about the question. Anything that is no response to it is a failure. */
export function readResponse(bytes: Uint8Array, asked: { readonly name: string; readonly type: keyof typeof typeNumbers }): DnsReply {
  // untrusted: the body of a response
  try {
    return read(bytes, asked);
  } catch (error) {
    if (!(error instanceof RangeError)) {
      throw error;
    }
    return broken(error.message);
  }
}

function read(bytes: Uint8Array, asked: { readonly name: string; readonly type: keyof typeof typeNumbers }): DnsReply {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const flags = view.getUint16(2);
  const isResponse = (flags & 0x8000) !== 0 && (flags & 0x7800) === 0 && view.getUint16(0) === 0;
  const rcode = flags & 0x000f;
  if (!isResponse || (flags & 0x0200) !== 0 || view.getUint16(4) !== 1) {
    return broken('no whole response to one question');
  }
  const question = readName(bytes, headerBytes);
  if (question.name !== asked.name.toLowerCase() || view.getUint16(question.end) !== typeNumbers[asked.type] || view.getUint16(question.end + 2) !== classInternet) {
    return broken('a response to another question');
  }
  if (rcode !== 0) {
    return rcode === 3 ? { kind: 'no-name' } : { kind: 'failed', retry: rcode === 2, detail: `response code ${rcode}` };
  }
  const count = view.getUint16(6);
  return count > maxAnswers ? broken(`${count} answers`) : { kind: 'records', records: readRecords(view, { at: question.end + 4, count, asked }) };
}

function readRecords(view: DataView, from: { readonly at: number; readonly count: number; readonly asked: { readonly name: string; readonly type: keyof typeof typeNumbers } }): DnsRecord[] {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const records: DnsRecord[] = [];
  let { at } = from;
  for (let i = 0; i < from.count; i++) {
    const owner = readName(bytes, at);
    const dataAt = owner.end + 10;
    const length = view.getUint16(owner.end + 8);
    if (dataAt + length > bytes.length) {
      throw new RangeError('a record that is cut off');
    }
    const isAsked = owner.name === from.asked.name.toLowerCase() && view.getUint16(owner.end) === typeNumbers[from.asked.type] && view.getUint16(owner.end + 2) === classInternet;
    if (isAsked) {
      const data = bytes.subarray(dataAt, dataAt + length);
      // The highest bit set means 0 (RFC 2181 § 8).
      const seconds = view.getUint32(owner.end + 4);
      records.push({ value: from.asked.type === 'A' ? readAddress(data) : readTexts(data), ttlMs: seconds > 0x7fffffff ? 0 : seconds * 1000 });
    }
    at = dataAt + length;
  }
  return records;
}

/** A name in lower case, and where the bytes after it begin. Pointers may only lead back, so that no name is endless. */
function readName(bytes: Uint8Array, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = start;
  let end: number | undefined;
  let total = 0;
  for (let jumps = 0; ; ) {
    const length = byteAt(bytes, at);
    if (length >= 0xc0) {
      const target = ((length & 0x3f) << 8) | byteAt(bytes, at + 1);
      end ??= at + 2;
      if (target >= at || ++jumps > maxJumps) {
        throw new RangeError('a name that leads nowhere');
      }
      at = target;
      continue;
    }
    if (length === 0) {
      return { name: labels.join('.'), end: end ?? at + 1 };
    }
    total += length + 1;
    if (length > 63 || total > maxNameBytes || at + 1 + length > bytes.length) {
      throw new RangeError('a name that is none');
    }
    labels.push(fromUtf8(bytes.subarray(at + 1, at + 1 + length)).toLowerCase());
    at += 1 + length;
  }
}

function readAddress(data: Uint8Array): string {
  if (data.length !== 4) {
    throw new RangeError('an address that is none');
  }
  return data.join('.');
}

/** The strings of a TXT record, joined: long texts are cut into strings of 255 bytes. */
function readTexts(data: Uint8Array): string {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < data.length; at += 1 + data[at]!) {
    if (at + 1 + data[at]! > data.length) {
      throw new RangeError('a text that is cut off');
    }
    parts.push(data.subarray(at + 1, at + 1 + data[at]!));
  }
  return fromUtf8(concatBytes(parts));
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) {
    throw new RangeError('a message that is cut off');
  }
  return byte;
}

function broken(detail: string): DnsReply {
  return { kind: 'failed', retry: false, detail };
}
