/** Aho–Corasick from npm. Both search texts: one UTF-16 unit for each byte; making the text is not part of the time. */
import { Unavailable } from '../../definition.js';
import { importPeer } from '../../peers.js';
import type { EngineInput, InProcessScan } from '../in-process.js';

/** `ahocorasick`: the automaton as plain objects, the most downloaded one. */
export async function startAhoCorasick(input: EngineInput): Promise<InProcessScan<string, Set<string>>> {
  const words = wordsOf(input);
  const { default: AhoCorasick } = await importPeer<{ default: new (words: string[]) => { search(text: string): [number, string[]][] } }>('ahocorasick');
  const automaton = new AhoCorasick(words);
  return overText(words, (text) => new Set(automaton.search(text).flatMap(([, found]) => found)));
}

/** `@monyone/aho-corasick`, its fast form: a double array. */
export async function startDoubleArray(input: EngineInput): Promise<InProcessScan<string, Set<string>>> {
  const words = wordsOf(input);
  const { AhoCorasick } = await importPeer<{
    AhoCorasick: new (words: string[]) => { matchInText(text: string): { keyword: string }[] };
  }>('@monyone/aho-corasick/fast');
  const automaton = new AhoCorasick(words);
  return overText(words, (text) => new Set(automaton.matchInText(text).map(({ keyword }) => keyword)));
}

/** @throws Unavailable for signatures that are no literals. */
function wordsOf({ signatures }: EngineInput): string[] {
  return signatures.map(({ nodes }) => {
    const [node] = nodes;
    if (node?.kind !== 'bytes' || nodes.length > 1 || node.mask.some((mask) => mask !== 0xff)) {
      throw new Unavailable('knows no wildcards');
    }
    return Buffer.from(node.value).toString('latin1');
  });
}

function overText(words: readonly string[], search: (text: string) => Set<string>): InProcessScan<string, Set<string>> {
  return {
    prepare: (bytes) => bytes.toString('latin1'),
    scan: search,
    found: (found) => words.flatMap((word, i) => (found.has(word) ? [i] : [])),
  };
}
