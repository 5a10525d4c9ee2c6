/** 256 MiB in a quarter of one: what must not be unpacked to its end. */
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const size = 256 * 1024 * 1024;
const packed = new Map<string, Buffer>();

/** In gzip form. */
export function bomb(): Buffer {
  return once('gzip', () => gzipSync(Buffer.alloc(size), { level: 1 }));
}

/** In brotli form. */
export function brotliBomb(): Buffer {
  return once('brotli', () => brotliCompressSync(Buffer.alloc(size), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }));
}

/** In gzip form, eight times over. */
export function nestedBomb(): Buffer {
  return once('nested', () => Array.from({ length: 7 }).reduce<Buffer>((inner) => gzipSync(inner), bomb()));
}

function once(name: string, make: () => Buffer): Buffer {
  const known = packed.get(name) ?? make();
  packed.set(name, known);
  return known;
}
