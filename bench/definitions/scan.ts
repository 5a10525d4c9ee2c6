/** Scan: many literals in one pass over mixed content. */
import type { Definition } from '../definition.js';
import { Unavailable } from '../definition.js';
import { matcherEngine, naiveMatcher, vedetteMatcher } from '../engines/matchers.js';
import { ahocorasick, bufferIndexOf, doubleArray } from '../engines/string-search.js';
import { loadHaystack } from '../haystacks/store.js';
import { quickHaystack } from '../haystacks/quick.js';
import type { ScanInput } from '../inputs/scan-input.js';
import { scanInput } from '../inputs/scan-input.js';
import { formatBytes } from '../report/numbers.js';

/** 1,000 literals. */
export const scan1k: Definition<ScanInput> = scanDefinition('scan-1k', { full: 1_000, quick: 12 });

/** 10,000 literals. */
export const scan10k: Definition<ScanInput> = scanDefinition('scan-10k', { full: 10_000, quick: 60 });

/** Eight blocks, the smallest part that has all kinds of content, and eight times as much each time. */
const allSteps: readonly number[] = [32_768, 262_144, 2_097_152, 16_777_216];

function scanDefinition(name: string, count: { readonly full: number; readonly quick: number }): Definition<ScanInput> {
  return {
    name,
    title: ({ literals, haystack }) =>
      `${literals.length.toLocaleString('en')} literals of 8 to 64 bytes in ${formatBytes(haystack.length)} of mixed content`,
    unit: { name: 'MB', per: 1e6 },
    clock: 'cpu',
    baseline: 'Buffer.indexOf',
    analysis:
      'Which of the literals occur. Buffer.indexOf searches once for each of them, so its cost grows with their ' +
      'number; the others read the content once. Both Aho–Corasick packages search strings and walk an automaton ' +
      'byte by byte, with a look-up in a hash table or an array for each; the text is made for them outside of the ' +
      'time. vedette is fed 64 KiB at a time, as from a file, and looks only at places where the rarest bytes of a ' +
      'literal may stand. The naive matcher is the oracle of our tests, and skipped where its smallest pass would take ' +
      'too long. An engine is measured on as much of the haystack as it can do in a pass; each part from the ' +
      'beginning has the same mixture of contents.',
    engines: [bufferIndexOf, ahocorasick, doubleArray, vedetteMatcher, naiveMatcher],
    prepare({ size, dataDir }) {
      const haystack = size === 'quick' ? quickHaystack() : loadHaystack(dataDir);
      if (haystack === undefined) {
        throw new Unavailable('no haystack');
      }
      return scanInput(haystack, count[size]);
    },
    amounts: ({ haystack }) => ({ probe: 1_024, steps: [...allSteps.filter((step) => step < haystack.length), haystack.length] }),
    expected: (input, amount) => input.expected(amount),
    host: ({ name: host, createMatcher }) => (createMatcher === undefined ? undefined : matcherEngine(host, createMatcher)),
  };
}
