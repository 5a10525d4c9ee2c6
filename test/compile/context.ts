/** What the reader tests share: a context, and the account that every reader owes. */
import { createExtractor } from '../../src/fingerprint/create-extractor.js';
import { regexFault } from '../../src/compile/regex-fault.js';
import { sha256 } from '../../src/fingerprint/digests.js';
import type { ReaderContext, ReaderOutput } from '../../src/compile/readers/reader.js';

export function contextOf(source = 'list.txt'): ReaderContext {
  const extractor = createExtractor({ hostRule: 'labels5' });
  return { source, hostRule: 'labels5', url: (url) => extractor.url(url), sha256, regexFault };
}

/** Lines that are neither loaded nor skipped, as the output has them. */
export function blankLines(output: Pick<ReaderOutput, 'lines' | 'loaded' | 'skipped'>): number {
  return output.lines - output.loaded - output.skipped.length;
}

/** Lines of a text that are empty or begin with `#`. */
export function countBlank(text: string): number {
  return text.replace(/\n$/, '').split('\n').filter((line) => line.trim() === '' || line.trim().startsWith('#')).length;
}
