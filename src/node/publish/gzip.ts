/** The gzip form of published files: without time and machine in it, so that the same bytes give the same bytes. */
import { gzipSync } from 'node:zlib';

const osByte = 9;
const unknownOs = 255;
const sampleBytes = 256 * 1024;

/** Below this share of the whole file the gzip form is worth its place. */
const worthwhile = 0.9;

/** The gzip form. */
export function gzipped(bytes: Uint8Array): Uint8Array {
  const packed = gzipSync(bytes, { level: 9 });
  packed[osByte] = unknownOs;
  return new Uint8Array(packed.buffer, packed.byteOffset, packed.length);
}

/** The gzip form where it saves a tenth. Hashes do not: samples tell that of large files. */
export function gzippedIfSmaller(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length > 4 * sampleBytes && worthIt(sampleOf(bytes)) === undefined) {
    return undefined;
  }
  return worthIt(bytes);
}

function worthIt(bytes: Uint8Array): Uint8Array | undefined {
  const packed = gzipped(bytes);
  return packed.length < worthwhile * bytes.length ? packed : undefined;
}

function sampleOf(bytes: Uint8Array): Uint8Array {
  const starts = [0, Math.floor((bytes.length - sampleBytes) / 2), bytes.length - sampleBytes];
  return Buffer.concat(starts.map((start) => bytes.subarray(start, start + sampleBytes)));
}
