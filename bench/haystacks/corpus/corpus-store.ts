/** Keeps the corpus between runs, so that they can be compared, with its slices as files for engines in other processes. */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packLiterals, sha256Of, unpackLiterals } from '../haystack.js';
import type { Corpus, CorpusDescription, Slice } from './corpus.js';
import { bytesOf, corpusVersion, rangesOf } from './corpus.js';

/** What the folder keeps; undefined when that is nothing, damaged, or of another recipe. */
export function loadCorpus(folder: string): Corpus | undefined {
  const place = placeIn(folder);
  if (!Object.values(place).every((file) => existsSync(file))) {
    return undefined;
  }
  const description = JSON.parse(readFileSync(place.description, 'utf8')) as CorpusDescription;
  const [bytes, packed] = [readFileSync(place.bytes), readFileSync(place.literals)];
  const isWhole = sha256Of(bytes) === description.sha256 && sha256Of(packed) === description.literalsSha256;
  return description.version === corpusVersion && isWhole ? { bytes, literals: unpackLiterals(packed), description } : undefined;
}

/** The description comes last, by renaming: an interrupted save leaves nothing that passes for a corpus. */
export function saveCorpus(folder: string, { bytes, literals, description }: Corpus): void {
  mkdirSync(folder, { recursive: true });
  const place = placeIn(folder);
  writeFileSync(place.bytes, bytes);
  writeFileSync(place.literals, packLiterals(literals));
  writeFileSync(`${place.description}.new`, `${JSON.stringify(description, undefined, 2)}\n`);
  renameSync(`${place.description}.new`, place.description);
}

/** Only the literals, for a process that needs nothing else. */
export function loadLiterals(folder: string): Buffer[] {
  return unpackLiterals(readFileSync(placeIn(folder).literals));
}

/** The slice as a file of its own, named after the corpus: written when it is not there. */
export function sliceFile(folder: string, corpus: Corpus, slice: Slice): string {
  const file = join(folder, `${corpus.description.sha256.slice(0, 8)}-${slice.content}${slice.share === 1 ? '' : `-${slice.share}`}.bin`);
  const length = rangesOf(corpus.description, slice).reduce((sum, { from, to }) => sum + to - from, 0);
  if (!existsSync(file) || statSync(file).size !== length) {
    writeFileSync(file, bytesOf(corpus, slice));
  }
  return file;
}

function placeIn(folder: string): Readonly<Record<'bytes' | 'literals' | 'description', string>> {
  return { bytes: join(folder, 'corpus.bin'), literals: join(folder, 'literals.bin'), description: join(folder, 'corpus.json') };
}
