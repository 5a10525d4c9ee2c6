/** Scan engines outside of vedette: what Node has, and Aho–Corasick from npm. They have the whole haystack at once. */
import type { Engine, Running } from '../definition.js';
import { running } from '../definition.js';
import { answerOf, nameOf } from '../inputs/literals.js';
import type { ScanInput } from '../inputs/scan-input.js';
import { importPeer, peerVersion } from '../peers.js';

/** One search for each literal. */
export const bufferIndexOf: Engine<ScanInput> = {
  name: 'Buffer.indexOf',
  start: ({ haystack, literals }) =>
    running({
      run(amount) {
        const bytes = haystack.subarray(0, amount);
        return literals.map((literal) => bytes.indexOf(literal) !== -1);
      },
      answer: (found) => answerOf(found.flatMap((isFound, i) => (isFound ? [nameOf(i)] : []))),
    }),
};

/** `ahocorasick`: the automaton as plain objects, the most downloaded one. */
export const ahocorasick: Engine<ScanInput> = {
  name: 'ahocorasick',
  version: peerVersion('ahocorasick'),
  async start(input) {
    const { default: AhoCorasick } = await importPeer<{ default: new (words: string[]) => { search(text: string): [number, string[]][] } }>('ahocorasick');
    const automaton = new AhoCorasick(wordsOf(input));
    return overText(input, (text) => automaton.search(text).flatMap(([, words]) => words));
  },
};

/** `@monyone/aho-corasick`, its fast form: a double array. */
export const doubleArray: Engine<ScanInput> = {
  name: '@monyone/aho-corasick',
  version: peerVersion('@monyone/aho-corasick'),
  async start(input) {
    const { AhoCorasick } = await importPeer<{
      AhoCorasick: new (words: string[]) => { matchInText(text: string): { keyword: string }[] };
    }>('@monyone/aho-corasick/fast');
    const automaton = new AhoCorasick(wordsOf(input));
    return overText(input, (text) => automaton.matchInText(text).map(({ keyword }) => keyword));
  },
};

function wordsOf({ literals }: ScanInput): string[] {
  return literals.map((literal) => literal.toString('latin1'));
}

/** They search texts: one UTF-16 unit for each byte. Making the text is not part of the time. */
function overText(input: ScanInput, search: (text: string) => string[]): Running {
  const nameByWord = new Map(wordsOf(input).map((word, i) => [word, nameOf(i)]));
  let text = '';
  return running({
    ready(amount) {
      if (text.length !== amount) {
        text = input.haystack.subarray(0, amount).toString('latin1');
      }
    },
    run: () => search(text),
    answer: (words) => answerOf(words.map((word) => nameByWord.get(word) ?? `unknown ${word}`)),
  });
}
