/** The corpus that is kept in the bench's data folder, made when it is not there. */
import { join } from 'node:path';
import type { Corpus } from '../haystacks/corpus/corpus.js';
import { loadCorpus, saveCorpus } from '../haystacks/corpus/corpus-store.js';
import { machineCorpus } from '../haystacks/corpus/machine-corpus.js';
import { quickCorpus } from '../haystacks/corpus/quick-corpus.js';

/** Where it is. */
export function corpusFolder(benchDir: string, isQuick: boolean): string {
  return join(benchDir, 'data', isQuick ? 'quick-corpus' : 'corpus');
}

/** The quick one is made anew each time. */
export function corpusIn(benchDir: string, isQuick: boolean): Corpus {
  const folder = corpusFolder(benchDir, isQuick);
  const kept = isQuick ? undefined : loadCorpus(folder);
  if (kept !== undefined) {
    return kept;
  }
  if (!isQuick) {
    process.stderr.write('bench: building the corpus from files of this machine, once\n');
  }
  const built = isQuick ? quickCorpus() : machineCorpus(join(benchDir, '..', 'node_modules'));
  saveCorpus(folder, built);
  return built;
}
