/**
 * A Safe Browsing service that follows the published proto and its comments: versions are opaque, an update is a
 * difference where the version is one it knows and the whole list where it is not, every answer names its time to live.
 */
import { createHash } from 'node:crypto';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { fromHex, toHex, toUtf8 } from '../../../src/base/bytes.js';
import { encodeRice32, encodeRiceWide } from '../../../src/pattern/rice/rice.js';

/** A detail under a full hash, by the numbers of the proto. */
export interface FakeDetail {
  readonly threatType: number;
  readonly attributes?: readonly number[];
}

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());
export const hashOf = (expression: string): Uint8Array => sha256(toUtf8(expression));

type Respond = () => Response;

/** The service. `fetch` is handed to the client. */
export class FakeService {
  readonly requests: URL[] = [];
  /** Seconds that answers of `hashes.search` hold. */
  cacheSeconds = 300;
  minimumWaitSeconds = 1800;
  /** Takes the place of the next answers, one each. */
  readonly faults: Respond[] = [];
  /** Digest of a list; a test that sabotages the check of it sets both sides. */
  digest: (bytes: Uint8Array) => Uint8Array = sha256;
  readonly #lists = new Map<string, { bytes: 4 | 8 | 16 | 32; versions: string[][] }>();
  readonly #threats = new Map<string, readonly FakeDetail[]>();
  #tamper: ((bytes: Uint8Array) => Uint8Array) | undefined;

  /** A new version of a list: full hashes or expressions' hashes, cut to the list's length. */
  publish(name: string, bytes: 4 | 8 | 16 | 32, hashes: readonly Uint8Array[]): void {
    const list = this.#lists.get(name) ?? { bytes, versions: [] };
    list.versions.push([...new Set(hashes.map((hash) => toHex(hash.subarray(0, bytes))))].sort());
    this.#lists.set(name, list);
  }

  /** What stands under a full hash. */
  threat(hash: Uint8Array, details: readonly FakeDetail[]): void {
    this.#threats.set(toHex(hash), details);
  }

  forget(hash: Uint8Array): void {
    this.#threats.delete(toHex(hash));
  }

  /** Changes the bytes of every answer. */
  tamper(change: ((bytes: Uint8Array) => Uint8Array) | undefined): void {
    this.#tamper = change;
  }

  searches(): string[][] {
    return this.requests.filter((url) => url.pathname.endsWith(':search')).map((url) => url.searchParams.getAll('hashPrefixes'));
  }

  readonly fetch: typeof fetch = (input) => {
    const url = new URL(input instanceof Request ? input.url : input);
    this.requests.push(url);
    const fault = this.faults.shift();
    if (fault !== undefined) {
      return Promise.resolve().then(fault);
    }
    const body = url.pathname === '/v5/hashes:search' ? this.#search(url) : this.#batch(url);
    const bytes = this.#tamper === undefined ? body : this.#tamper(body);
    return Promise.resolve(new Response(new Uint8Array(bytes), { headers: { 'content-type': 'application/x-protobuf' } }));
  };

  #search(url: URL): Uint8Array {
    const asked = new Set(url.searchParams.getAll('hashPrefixes').map((text) => Buffer.from(text, 'base64').toString('hex')));
    const out = new BinaryWriter();
    for (const [hex, details] of this.#threats) {
      if (asked.has(hex.slice(0, 8))) {
        out.tag(1, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).bytes(fromHex(hex)!);
        for (const { threatType, attributes = [] } of details) {
          out.tag(2, WireType.LengthDelimited).fork().tag(1, WireType.Varint).int32(threatType);
          if (attributes.length > 0) {
            out.tag(2, WireType.LengthDelimited).fork();
            attributes.forEach((one) => out.int32(one));
            out.join();
          }
          out.join();
        }
        out.join();
      }
    }
    writeDuration(out, 2, this.cacheSeconds);
    return out.finish();
  }

  #batch(url: URL): Uint8Array {
    const known = url.searchParams.getAll('version').map((text) => Buffer.from(text, 'base64').toString());
    const out = new BinaryWriter();
    for (const name of url.searchParams.getAll('names')) {
      const list = this.#lists.get(name);
      if (list !== undefined) {
        const from = known.find((version) => version.startsWith(`${name}#`));
        out.tag(1, WireType.LengthDelimited).fork();
        this.#list(out, { name, list, from: from === undefined ? undefined : Number(from.split('#')[1]) });
        out.join();
      }
    }
    return out.finish();
  }

  #list(out: BinaryWriter, { name, list, from }: { name: string; list: { bytes: 4 | 8 | 16 | 32; versions: string[][] }; from: number | undefined }): void {
    const now = list.versions[list.versions.length - 1]!;
    const before = from === undefined ? undefined : list.versions[from];
    out.tag(1, WireType.LengthDelimited).string(name);
    out.tag(2, WireType.LengthDelimited).bytes(toUtf8(`${name}#${list.versions.length - 1}`));
    writeDuration(out, 6, this.minimumWaitSeconds);
    if (before !== undefined) {
      out.tag(3, WireType.Varint).bool(true);
    }
    if (before !== now) {
      const removed = (before ?? []).flatMap((hash, i) => (now.includes(hash) ? [] : [i]));
      writeAdditions(out, now.filter((hash) => before?.includes(hash) !== true), list.bytes);
      if (removed.length > 0) {
        out.tag(5, WireType.LengthDelimited).fork();
        writeRice32(out, Uint32Array.from(removed));
        out.join();
      }
      out.tag(7, WireType.LengthDelimited).bytes(this.digest(fromHex(now.join(''))!));
    }
  }
}

function writeAdditions(out: BinaryWriter, hashes: readonly string[], bytes: 4 | 8 | 16 | 32): void {
  if (hashes.length === 0) {
    return;
  }
  const field = { 4: 4, 8: 9, 16: 10, 32: 11 }[bytes];
  out.tag(field, WireType.LengthDelimited).fork();
  if (bytes === 4) {
    writeRice32(out, Uint32Array.from(hashes, (hash) => Number.parseInt(hash, 16)));
  } else {
    const { first, parameter, count, data } = encodeRiceWide(fromHex(hashes.join(''))!, bytes);
    const view = new DataView(first.buffer, first.byteOffset);
    out.tag(1, WireType.Varint).uint64(view.getBigUint64(0));
    for (let word = 1; word < bytes / 8; word++) {
      out.tag(word + 1, WireType.Bit64).fixed64(view.getBigUint64(word * 8));
    }
    writeTail(out, bytes / 8 + 1, { parameter, count, data });
  }
  out.join();
}

function writeRice32(out: BinaryWriter, sorted: Uint32Array): void {
  const { first, parameter, count, data } = encodeRice32(sorted);
  out.tag(1, WireType.Varint).uint32(first);
  writeTail(out, 2, { parameter, count, data });
}

function writeTail(out: BinaryWriter, field: number, tail: { parameter: number; count: number; data: Uint8Array }): void {
  out.tag(field, WireType.Varint).int32(tail.parameter);
  out.tag(field + 1, WireType.Varint).int32(tail.count);
  out.tag(field + 2, WireType.LengthDelimited).bytes(tail.data);
}

function writeDuration(out: BinaryWriter, field: number, seconds: number): void {
  out.tag(field, WireType.LengthDelimited).fork().tag(1, WireType.Varint).int64(seconds).join();
}
