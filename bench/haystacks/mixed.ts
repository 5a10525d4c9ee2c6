/**
 * The mixed haystack: 64 MiB of this machine's own files (of 8 parts 3 programs, 2 scripts, 1 text, 1 gzip, 1 random)
 * and 10,000 literals from other files of it.
 */
import { gzipSync } from 'node:zlib';
import type { Random } from '../../src/base/seams.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { seededBytes } from '../../src/testing/workloads.js';
import { assemble } from './assemble.js';
import type { Piece, Sources } from './collect.js';
import { collectSources, readPieces } from './collect.js';
import type { Haystack } from './haystack.js';

const seed = 20_260;
/** One of eight parts. */
const partBytes = 8 * 2 ** 20;

/** Of every eight files of a kind: which go where. No file goes to two places. */
const uses = { haystack: [0, 1, 2, 3], packed: [4], literals: [5, 6], ordinary: [7] } as const;

/** Takes some seconds. `packages` is the folder of the installed packages. */
export function mixedHaystack(packages: string): Haystack {
  const take = takeFrom(collectSources(packages), createSeededRandom(seed));
  const program = take('program', { use: 'haystack', maxBytes: 3 * partBytes });
  const script = take('script', { use: 'haystack', maxBytes: 2 * partBytes });
  const text = take('text', { use: 'haystack', maxBytes: partBytes });
  const gzip = pack([take('program', { use: 'packed', maxBytes: 4 * partBytes }).bytes, take('script', { use: 'packed', maxBytes: partBytes }).bytes]);
  const pool = (kind: keyof Sources): Buffer => take(kind, { use: 'literals', maxBytes: 2 * partBytes }).bytes;
  const ordinary = (['program', 'script', 'text'] as const).map((kind) => take(kind, { use: 'ordinary', maxBytes: partBytes / 2 }).bytes);
  return assemble({
    contents: { program: program.bytes, script: script.bytes, text: text.bytes, gzip: gzip.bytes, random: Buffer.from(seededBytes(seed, partBytes)) },
    files: { program: program.files, script: script.files, text: text.files, gzip: gzip.files },
    pools: { program: pool('program'), script: pool('script'), text: pool('text'), ordinary: Buffer.concat(ordinary) },
    literals: 10_000,
    planted: 400,
    seed,
  });
}

type Take = (
  kind: keyof Sources,
  what: { readonly use: keyof typeof uses; readonly maxBytes: number },
) => { readonly bytes: Buffer; readonly files: number };

function takeFrom(sources: Sources, random: Random): Take {
  const shuffledSources: Sources = {
    program: shuffled(sources.program, random),
    script: shuffled(sources.script, random),
    text: shuffled(sources.text, random),
  };
  return (kind, { use, maxBytes }) => {
    const numbers: readonly number[] = uses[use];
    return readPieces(shuffledSources[kind].filter((_, i) => numbers.includes(i % 8)), maxBytes);
  };
}

/** 256 KiB of each content in turn, packed by themselves, until there are as many bytes as a part has. */
function pack(contents: readonly Buffer[]): { readonly bytes: Buffer; readonly files: number } {
  const step = 256 * 1_024;
  const packed: Buffer[] = [];
  let bytes = 0;
  for (let at = 0; bytes < partBytes && contents.some(({ length }) => at < length); at += step) {
    for (const content of contents.filter(({ length }) => at < length)) {
      const next = gzipSync(content.subarray(at, at + step));
      packed.push(next);
      bytes += next.length;
    }
  }
  return { bytes: Buffer.concat(packed).subarray(0, partBytes), files: packed.length };
}

function shuffled(all: readonly Piece[], random: Random): Piece[] {
  const order = [...all];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
