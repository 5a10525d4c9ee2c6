/** A haystack with its literals: bytes to search, literals to search for, and what is said about them in records. */
import { createHash } from 'node:crypto';

/** Kinds of content. */
export const kinds = ['program', 'script', 'text', 'gzip', 'random'] as const;
/** One kind of content. */
export type Kind = (typeof kinds)[number];

/** Of the recipe: another version makes another haystack. */
export const haystackVersion = 1;

/** What a record says about a haystack: nothing of it names a file. */
export interface HaystackDescription {
  readonly version: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly byKind: Readonly<Partial<Record<Kind, { readonly files: number; readonly bytes: number }>>>;
  readonly literals: number;
  readonly literalsSha256: string;
  /** Literals that were written into the haystack at random places. Others are in it by themselves. */
  readonly planted: number;
}

/** Bytes to search and literals to search for. */
export interface Haystack {
  readonly bytes: Buffer;
  readonly literals: readonly Buffer[];
  readonly description: HaystackDescription;
}

/** Bytes of one content before another one has its turn: every 8 of them hold all kinds in their shares. */
export const blockBytes = 4_096;

/** Shares of the kinds, and their order within 8 blocks. */
export const blockOrder: readonly Kind[] = ['program', 'script', 'program', 'text', 'gzip', 'program', 'script', 'random'];

/** Contents by kind, as blocks in turn; ends when the first kind has none left. */
export function interleave(contents: Readonly<Record<Kind, Buffer>>): Buffer {
  const at: Record<Kind, number> = { program: 0, script: 0, text: 0, gzip: 0, random: 0 };
  const blocks: Buffer[] = [];
  for (;;) {
    for (const kind of blockOrder) {
      const block = contents[kind].subarray(at[kind], at[kind] + blockBytes);
      if (block.length < blockBytes) {
        return Buffer.concat(blocks.slice(0, blocks.length - (blocks.length % blockOrder.length)));
      }
      blocks.push(block);
      at[kind] += blockBytes;
    }
  }
}

/** Copies `count` of the literals, half of them from the first tenth, to random places. */
export function plant(bytes: Buffer, from: { readonly literals: readonly Buffer[]; readonly count: number; readonly random: () => number }): void {
  const { literals, count, random } = from;
  for (let i = 0; i < count; i++) {
    const among = i % 2 === 0 ? Math.ceil(literals.length / 10) : literals.length;
    const literal = literals[Math.floor(random() * among)]!;
    literal.copy(bytes, Math.floor(random() * (bytes.length - literal.length)));
  }
}

/** Count, lengths (32 bits, little-endian), then the literals. */
export function packLiterals(literals: readonly Buffer[]): Buffer {
  const head = Buffer.from(Uint32Array.of(literals.length, ...literals.map((literal) => literal.length)).buffer);
  return Buffer.concat([head, ...literals]);
}

/** The inverse of `packLiterals`. */
export function unpackLiterals(packed: Buffer): Buffer[] {
  const count = packed.readUInt32LE(0);
  let at = 4 + 4 * count;
  return Array.from({ length: count }, (_, i) => {
    const length = packed.readUInt32LE(4 + 4 * i);
    at += length;
    return packed.subarray(at - length, at);
  });
}

/** Hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
