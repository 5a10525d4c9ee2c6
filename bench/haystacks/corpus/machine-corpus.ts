/**
 * The corpus from this machine's own files: 24 MiB of programs, 16 of scripts, 8 of texts, 8 of packed files, 8 random
 * and 8 of PDF. Literals come from other files than the corpus, and what occurs in a third set of ordinary files is
 * drawn again, as those who write signatures test them.
 */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Random } from '../../../src/base/seams.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import type { Piece } from '../collect.js';
import { isElf, piecesOf, readPieces, walk } from '../collect.js';
import { assembleCorpus } from './assemble-corpus.js';
import type { Corpus } from './corpus.js';
import { mebibytes } from './corpus.js';
import { pdfFiles } from './pdf.js';

const seed = 12_345;
const mebibyte = 2 ** 20;
const small = { min: 4_096, max: 3_000 * 1_024 };
const programs = { min: 20_480, max: 9_000 * 1_024 };
const archives = { min: 20_480, max: 5_000 * 1_024 };
const minPrograms = 100;

type Source = 'elf' | 'js' | 'text' | 'zip' | 'pdf';

/** Takes a minute. `packages` is the folder of the installed packages. */
export function machineCorpus(packages: string): Corpus {
  const random = createSeededRandom(seed);
  const take = taking(sourcesOf(packages), random);
  const elf = take('elf', mebibytes.elf);
  const js = take('js', mebibytes.js);
  const text = take('text', mebibytes.text);
  const zip = packedTo(take('zip', mebibytes.zip), mebibytes.zip, () => take('elf', 1).bytes);
  const ordinary = [take('elf', 12), take('js', 6), take('text', 6), take('zip', 4)].map(({ bytes }) => bytes);
  const pdf = pdfTo(take('pdf', mebibytes.pdf), () => take('text', 1).bytes);
  return assembleCorpus({
    contents: { elf: elf.bytes, js: js.bytes, text: text.bytes, zip: zip.bytes, random: randomBytes(mebibytes.random * mebibyte), pdf: pdf.bytes },
    files: { elf: elf.files, js: js.files, text: text.files, zip: zip.files, pdf: pdf.files },
    pools: { program: take('elf', 60).bytes, script: take('js', 20).bytes, text: take('text', 20).bytes, ordinary: Buffer.concat(ordinary) },
    literals: 100_000,
    planted: 400,
    seed,
  });
}

function sourcesOf(packages: string): Readonly<Record<Source, readonly Piece[]>> {
  const ours = [packages, join(dirname(process.execPath), '..', 'lib', 'node_modules')].flatMap((folder) => walk(folder, small));
  const shared = ['/usr/share/doc', '/usr/share/perl', '/usr/lib/python3', '/usr/include'].flatMap((folder) => walk(folder, small));
  const elf = ['/usr/lib', '/usr/bin'].flatMap((folder) => walk(folder, programs)).filter(isElf);
  return {
    elf: elf.length >= minPrograms ? elf : piecesOf(process.execPath, 65_536),
    js: ours.filter(named(/\.[cm]?js$/)),
    text: [...shared.filter(named(/\.(?:txt|html|pm|py|h)$|\/copyright$/)), ...ours.filter(named(/\.(?:md|txt|[cm]?ts)$/))],
    zip: walk('/usr/share', archives).filter(named(/\.(?:jar|gz|zip|whl)$/)),
    pdf: walk('/usr/share', archives).filter(named(/\.pdf$/)),
  };
}

function named(pattern: RegExp): (piece: Piece) => boolean {
  return ({ file }) => pattern.test(file);
}

interface Taken {
  readonly bytes: Buffer;
  readonly files: number;
}

/** Takes so many MiB of a kind; no file is taken twice, and fewer bytes come when there are no more. */
function taking(sources: Readonly<Record<Source, readonly Piece[]>>, random: Random): (kind: Source, mebibytesWanted: number) => Taken {
  const left = Object.fromEntries(Object.entries(sources).map(([kind, pieces]) => [kind, shuffled(pieces, random)])) as Record<Source, Piece[]>;
  return (kind, wanted) => {
    const taken = readPieces(left[kind], wanted * mebibyte);
    left[kind].splice(0, taken.files);
    return taken;
  };
}

/** Where there are too few packed files, programs are packed. */
function packedTo(taken: Taken, wanted: number, more: () => Buffer): Taken {
  const packed = [taken.bytes];
  let length = taken.bytes.length;
  while (length < wanted * mebibyte) {
    const next = gzipSync(more());
    packed.push(next);
    length += next.length;
  }
  return { bytes: Buffer.concat(packed).subarray(0, wanted * mebibyte), files: taken.files + packed.length - 1 };
}

/** Where there are too few PDF files, they are made of texts. */
function pdfTo(taken: Taken, more: () => Buffer): Taken {
  const files = [taken.bytes];
  let length = taken.bytes.length;
  while (length < mebibytes.pdf * mebibyte) {
    for (const file of pdfFiles(more())) {
      files.push(file);
      length += file.length;
    }
  }
  return { bytes: Buffer.concat(files).subarray(0, mebibytes.pdf * mebibyte), files: taken.files + files.length - 1 };
}

/** Of another generator than the one that draws literals: the two must have nothing in common. */
function randomBytes(length: number): Buffer {
  return createHash('shake256', { outputLength: length }).update(String(seed)).digest();
}

function shuffled(all: readonly Piece[], random: Random): Piece[] {
  const order = [...all];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
