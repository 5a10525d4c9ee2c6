/**
 * The filter before a stored table: a blocked Bloom filter (Putze, Sanders, Singler: "Cache-, Hash- and Space-Efficient
 * Bloom Filters", 2007) over 4-byte prefixes. Its blocks of 64 bytes lie in the order of the prefixes, so that it is
 * written in one pass over sorted rows, and read in one pass by a sorted batch. 12 bits a row, 6 probes: of what is not
 * listed, 1 in 100 passes.
 */
import type { ByteRun } from './import/byte-run.js';
import type { RunWriter } from './import/run-writer.js';

const blockBytes = 64;
const rowsPerBlock = 42;
const prefixSpan = 4_294_967_296;

/** Blocks of the filter for so many rows. */
export function filterBlocks(rows: number): number {
  return rows === 0 ? 0 : Math.ceil(rows / rowsPerBlock);
}

function blockOf(prefix: number, blocks: number): number {
  return Math.floor((prefix * blocks) / prefixSpan);
}

/** Two mixes give six places of 9 bits each (constants of MurmurHash3's finaliser). */
function mix(prefix: number): number {
  const a = Math.imul(prefix ^ (prefix >>> 16), 0x85eb_ca6b);
  return Math.imul(a ^ (a >>> 13), 0xc2b2_ae35);
}

/** Writes the filter; prefixes come in ascending order. */
export class FilterWriter {
  readonly #run: RunWriter;
  readonly #blocks: number;
  readonly #block = new Uint8Array(blockBytes);
  #at = 0;

  constructor(run: RunWriter, rows: number) {
    this.#run = run;
    this.#blocks = filterBlocks(rows);
  }

  add(prefix: number): void {
    this.#advance(blockOf(prefix, this.#blocks));
    const first = mix(prefix);
    const second = mix(first ^ 0x9e37_79b9);
    for (let shift = 0; shift < 27; shift += 9) {
      setBit(this.#block, (first >>> shift) & 511);
      setBit(this.#block, (second >>> shift) & 511);
    }
  }

  finish(): void {
    this.#advance(this.#blocks);
    this.#run.finish();
  }

  #advance(to: number): void {
    while (this.#at < to) {
      this.#run.append(this.#block);
      this.#block.fill(0);
      this.#at++;
    }
  }
}

function setBit(block: Uint8Array, bit: number): void {
  block[bit >>> 3]! |= 1 << (bit & 7);
}

/** Where the block of a prefix begins. */
export function positionInFilter(prefix: number, blocks: number): number {
  return blockOf(prefix, blocks) * blockBytes;
}

/** The first byte of a block, found right: once it was read, the block is near. */
export function filterTouch(run: ByteRun, position: number): number {
  run.touch(position, position + blockBytes);
  const part = Math.floor(position / run.partBytes);
  return run.parts[part]![position - part * run.partBytes]!;
}

/** False for a prefix that is surely not in the table. Its block, at `position`, was touched. */
export function mayHoldAt(run: ByteRun, position: number, prefix: number): boolean {
  const part = Math.floor(position / run.partBytes);
  const bytes = run.parts[part]!;
  const at = position - part * run.partBytes;
  const first = mix(prefix);
  const second = mix(first ^ 0x9e37_79b9);
  for (let shift = 0; shift < 27; shift += 9) {
    const a = (first >>> shift) & 511;
    const b = (second >>> shift) & 511;
    if ((bytes[at + (a >>> 3)]! & (1 << (a & 7))) === 0 || (bytes[at + (b >>> 3)]! & (1 << (b & 7))) === 0) {
      return false;
    }
  }
  return true;
}
