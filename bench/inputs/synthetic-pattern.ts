/**
 * Server patterns of any size, made from nothing but numbers: record `i` of `n` has a hash whose first six bytes lie in the
 * i-th of n equal spans, and whose rest is drawn by `i`, so that hashes are sorted as they are made and every one of them
 * can be made again alone. Written to a file piece by piece, signed like any other.
 */
import { createHash, hash as digestOf } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { Signer } from '../../src/base/seams.js';
import { widthFor } from '../../src/pattern/bytes/columns.js';
import { digestBytes, encodeSignedPart, fixedHeadBytes, sectionRowBytes, signatureBlockBytes, signingInput, type SectionRow } from '../../src/pattern/container-format.js';
import { keyId } from '../../src/protocol/keys.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';

/** What is made. */
export interface SyntheticPattern {
  readonly records: number;
  /** Different names of threats. */
  readonly names: number;
  readonly generation: number;
  readonly signer: Signer;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Every so many records another hash stands in the place of the record's own: the next generation. Default: none. */
  readonly replaced?: number | undefined;
}

const width = 32;
const bufferBytes = 1 << 20;
const span = 2 ** 48;

/** Four mixed words of a number (SplitMix-like, 32 bits at a time). */
function mix(i: number, salt: number): number {
  let x = (i ^ Math.imul(salt, 0x9e37_79b9) ^ Math.floor(i / 4_294_967_296)) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85eb_ca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2_ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Writes the hash of record `i` of `records`. `other` gives hashes that are not listed but lie in the same spans. */
export function writeHash(into: Uint8Array, at: number, of: { readonly i: number; readonly records: number; readonly other?: boolean }): void {
  const { i, records } = of;
  const salt = of.other === true ? 100 : 1;
  const inSpan = (mix(i, salt) + mix(i, salt + 1) / 4_294_967_296) / 4_294_967_296;
  let head = Math.min(Math.floor(((i + inSpan) / records) * span), span - 1);
  for (let byte = 5; byte >= 0; byte--) {
    into[at + byte] = head % 256;
    head = Math.floor(head / 256);
  }
  for (let byte = 6; byte < width; byte++) {
    into[at + byte] = mix(i * 32 + byte, salt + 2) & 255;
  }
}

/** The index of the name of record `i`. */
function nameIndex(i: number, names: number): number {
  return mix(i, 7) % names;
}

/** Name number `index`: they sort by number. */
function nameText(index: number): string {
  return `Win.Trojan.Agent-${String(index).padStart(9, '0')}-0`;
}

/** Writes the file. */
export async function writeSyntheticPattern(file: string, pattern: SyntheticPattern): Promise<void> {
  const handle = await open(file, 'w');
  try {
    const sections = 2;
    const headBytes = fixedHeadBytes + sections * sectionRowBytes + signatureBlockBytes + digestBytes;
    const hashes = new Section(handle, headBytes);
    await writeTable(hashes, pattern);
    const meta = new Section(handle, headBytes + (await hashes.end()).length);
    await meta.put(Uint8Array.of(0));
    const rows: SectionRow[] = [{ name: 'hashes', ...(await hashes.end()) }, { name: 'meta', ...(await meta.end()) }];
    await handle.write(await headOf(rows, pattern), 0, undefined, 0);
  } finally {
    await handle.close();
  }
}

async function headOf(rows: readonly SectionRow[], { generation, createdAt, signer }: SyntheticPattern): Promise<Uint8Array> {
  const head = { kind: 'server-pattern', generation, createdAt, expiresAt: createdAt + 30 * 86_400_000, periodMs: 3_600_000 } as const;
  const signedPart = encodeSignedPart(head, rows, true);
  const whole = Buffer.concat([signedPart, keyId(signer.publicKey, createNodeCrypto()), await signer.sign(signingInput(signedPart))]);
  return Buffer.concat([whole, digestOf('sha256', whole, 'buffer')]);
}

/** One section: bytes appended at a place, with their digest. */
class Section {
  readonly #handle: FileHandle;
  readonly #at: number;
  readonly #digest = createHash('sha256');
  readonly #buffer = new Uint8Array(bufferBytes);
  #filled = 0;
  #length = 0;
  #ended: { readonly length: number; readonly digest: Uint8Array } | undefined;

  constructor(handle: FileHandle, at: number) {
    this.#handle = handle;
    this.#at = at;
  }

  async put(bytes: Uint8Array): Promise<void> {
    if (this.#filled + bytes.length > bufferBytes) {
      await this.#flush();
    }
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  async end(): Promise<{ readonly length: number; readonly digest: Uint8Array }> {
    await this.#flush();
    this.#ended ??= { length: this.#length, digest: this.#digest.digest() };
    return this.#ended;
  }

  async #flush(): Promise<void> {
    const bytes = this.#buffer.subarray(0, this.#filled);
    if (bytes.length > 0) {
      this.#digest.update(bytes);
      await this.#handle.write(bytes, 0, bytes.length, this.#at + this.#length);
      this.#length += bytes.length;
      this.#filled = 0;
    }
  }
}

async function writeTable(to: Section, { records, names, replaced }: SyntheticPattern): Promise<void> {
  await writeStrings(to, { count: names, text: nameText });
  await writeStrings(to, { count: 1, text: () => 'trojan' });
  await writeStrings(to, { count: 0, text: nameText });
  await to.put(Uint8Array.of(1, 0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0));
  await to.put(Uint8Array.of(1, 0, 0));
  await to.put(uint(records, 4));
  const rows = 4096;
  const hashes = new Uint8Array(rows * width);
  for (let row = 0; row < records; row += rows) {
    const count = Math.min(rows, records - row);
    for (let i = 0; i < count; i++) {
      writeHash(hashes, i * width, { i: row + i, records, other: replaced !== undefined && (row + i) % replaced === 1 });
    }
    await to.put(hashes.subarray(0, count * width));
  }
  const nameWidth = widthFor(names - 1);
  for (let row = 0; row < records; row += rows) {
    const count = Math.min(rows, records - row);
    const column = new Uint8Array(count * nameWidth);
    for (let i = 0; i < count; i++) {
      column.set(uint(nameIndex(row + i, names), nameWidth), i * nameWidth);
    }
    await to.put(column);
  }
}

/** Front coding in blocks of 16: each number is one digit, sometimes more, away from the one before it. */
async function writeStrings(to: Section, { count, text }: { readonly count: number; readonly text: (index: number) => string }): Promise<void> {
  const lengths: number[] = [];
  let total = 0;
  const blockAt = (block: number): Uint8Array => blockOf(block, { count, text });
  const blocks = Math.ceil(count / 16);
  for (let block = 0; block < blocks; block++) {
    lengths.push(total);
    total += blockAt(block).length;
  }
  await to.put(uint(count, 4));
  await to.put(uint(total, 4));
  for (const start of lengths) {
    await to.put(uint(start, widthFor(total)));
  }
  for (let block = 0; block < blocks; block++) {
    await to.put(blockAt(block));
  }
}

function blockOf(block: number, { count, text }: { readonly count: number; readonly text: (index: number) => string }): Uint8Array {
  const bytes: number[] = [];
  let previous = '';
  for (let i = block * 16; i < Math.min(count, block * 16 + 16); i++) {
    const one = text(i);
    let shared = 0;
    while (shared < previous.length && previous[shared] === one[shared]) {
      shared++;
    }
    bytes.push(shared, one.length - shared, ...Buffer.from(one.slice(shared), 'latin1'));
    previous = one;
  }
  return Uint8Array.from(bytes);
}

function uint(value: number, bytes: number): Uint8Array {
  const written = new Uint8Array(bytes);
  let rest = value;
  for (let i = 0; i < bytes; i++) {
    written[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return written;
}
