/** What an engine must find in a slice of the corpus, from the occurrences in all of it. Kept between runs. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SetChoice } from '../../inputs/signature-set.js';
import { setName, signatureSet } from '../../inputs/signature-set.js';
import type { Corpus, CorpusDescription, Slice } from './corpus.js';
import { rangesOf } from './corpus.js';
import type { Occurrence } from './occurrences.js';
import { occurrencesOf } from './occurrences.js';

/** What stands in a slice. */
export interface Truth {
  /** Indices of the signatures that match, ascending. */
  readonly signatures: readonly number[];
  /** How often parts of signatures occur: for literals, how often they match. */
  readonly occurrences: number;
}

/** Occurrences of a whole set, made once for a corpus. */
export function loadOccurrences(folder: string, { corpus, choice }: { readonly corpus: Corpus; readonly choice: SetChoice }): Occurrence[] {
  const file = join(folder, `${corpus.description.sha256.slice(0, 8)}-${setName(choice)}-occurrences.json`);
  if (existsSync(file)) {
    return JSON.parse(readFileSync(file, 'utf8')) as Occurrence[];
  }
  const found = occurrencesOf(signatureSet(corpus.literals, choice), corpus.bytes);
  writeFileSync(file, JSON.stringify(found));
  return found;
}

/** Pure. `occurrences` may be of a larger set: those of the first `count` signatures are taken. */
export function truthOf(
  slice: Slice,
  by: { readonly occurrences: readonly Occurrence[]; readonly count: number; readonly description: CorpusDescription; readonly parts: (signature: number) => number },
): Truth {
  const inside = by.occurrences.filter(({ signature }) => signature < by.count).flatMap((one) => placedIn(slice, one, by.description));
  const open = new Map<number, number[]>();
  const matched = new Set<number>();
  for (const { signature, part, from, to } of inside.sort((a, b) => a.from - b.from)) {
    const ends = open.get(signature) ?? [];
    open.set(signature, ends);
    // Where the parts so far end at the earliest decides what may follow.
    if (part === 0 || (ends[part - 1] ?? Number.POSITIVE_INFINITY) <= from) {
      ends[part] = Math.min(ends[part] ?? Number.POSITIVE_INFINITY, to);
      if (part === by.parts(signature) - 1) {
        matched.add(signature);
      }
    }
  }
  return { signatures: [...matched].sort((a, b) => a - b), occurrences: inside.length };
}

/** The occurrence in the positions of the slice, when it lies in it. */
function placedIn(slice: Slice, occurrence: Occurrence, description: CorpusDescription): Occurrence[] {
  let before = 0;
  for (const { from, to } of rangesOf(description, slice)) {
    if (occurrence.from >= from && occurrence.to <= to) {
      const shift = before - from;
      return [{ ...occurrence, from: occurrence.from + shift, to: occurrence.to + shift }];
    }
    before += to - from;
  }
  return [];
}
