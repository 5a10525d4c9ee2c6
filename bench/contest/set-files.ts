/** A set of signatures in the languages of the engines, as files beside the corpus: written once, when asked for. */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Corpus } from '../haystacks/corpus/corpus.js';
import type { SetChoice } from '../inputs/signature-set.js';
import { setName, signatureSet } from '../inputs/signature-set.js';
import { ndbOf, regexOf, yaraOf } from '../inputs/signature-text.js';
import type { SetFiles } from './scanner.js';

/** Files are named after the literals: those of another corpus are other files. */
export function setFiles(folder: string, { corpus, choice }: { readonly corpus: Corpus; readonly choice: SetChoice }): SetFiles {
  const stem = join(folder, `${corpus.description.literalsSha256.slice(0, 8)}-${setName(choice)}`);
  const written = (ending: string, text: () => string): string => {
    const file = `${stem}.${ending}`;
    if (!existsSync(file)) {
      writeFileSync(`${file}.new`, text());
      renameSync(`${file}.new`, file);
    }
    return file;
  };
  const signatures = (): ReturnType<typeof signatureSet> => signatureSet(corpus.literals, choice);
  return {
    choice,
    ndb: () => written('ndb', () => ndbOf(signatures())),
    yara: () => written('yar', () => yaraOf(signatures())),
    regex: () => written('regex', () => regexOf(signatures())),
    kept: (name) => `${stem}.${name}`,
  };
}
