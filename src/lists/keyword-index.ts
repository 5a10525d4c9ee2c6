/**
 * Rules by keyword, found in one pass over the URL however many there are. Each keyword waits under three characters of
 * its own in a row, chosen so that as few others as possible wait there too; only what waits under three characters of
 * the URL is compared. Sets of trigrams are the classic index for this (Cox, "Regular Expression Matching with a
 * Trigram Index", 2012).
 */
import { toUtf8 } from '../base/bytes.js';
import type { ListRule } from './host-lists.js';
import { occursInOrder } from './wildcard.js';

const maxKeywordLength = 256;
const gramLength = 3;

/** One keyword with all rules for it. */
interface Keyword {
  readonly key: string;
  readonly pieces: readonly string[];
  /** The piece that its characters in the index are from, and where in the piece they stand. */
  readonly piece: string;
  readonly offset: number;
  rules: ListRule[];
}

/** Keywords with their rules. */
export interface KeywordIndex {
  readonly size: number;
  add(pieces: readonly string[], rule: ListRule): void;
  remove(pieces: readonly string[], rule: ListRule): void;
  /** The rules whose keyword occurs in the canonical URL, in whatever case. */
  matching(canonical: string): Generator<ListRule>;
}

/**
 * The pieces of a keyword as they stand in a canonical URL: lower case, what URLs do not have as it is (`#` too) in
 * percent escapes. Undefined for a keyword that cannot be used.
 */
export function keywordPieces(keyword: string): readonly string[] | undefined {
  if (keyword.length > maxKeywordLength) {
    return undefined;
  }
  const escaped = keyword.toLowerCase().replaceAll(/[^\x21\x22\x24-\x7e]+/g, (text) => [...toUtf8(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
  const pieces = escaped.split('*').filter((piece) => piece !== '');
  return pieces.some((piece) => piece.length >= gramLength) ? pieces : undefined;
}

/** An empty index. */
export function createKeywordIndex(): KeywordIndex {
  const byKey = new Map<string, Keyword>();
  const byGram = new Map<number, Keyword[]>();

  function* matching(canonical: string): Generator<ListRule> {
    const text = canonical.toLowerCase();
    const compared = new Set<Keyword>();
    let gram = 0;
    for (let end = 0; end < text.length; end++) {
      gram = nextGram(gram, text.charCodeAt(end));
      const waiting = end < gramLength - 1 ? undefined : byGram.get(gram);
      for (const keyword of waiting ?? []) {
        const at = end - gramLength + 1 - keyword.offset;
        if (at >= 0 && text.startsWith(keyword.piece, at) && !compared.has(keyword)) {
          compared.add(keyword);
          yield* keyword.pieces.length === 1 || occursInOrder(keyword.pieces, text) ? keyword.rules : [];
        }
      }
    }
  }

  return {
    get size() {
      return byKey.size;
    },
    matching,
    add(pieces, rule) {
      const key = pieces.join('*');
      const known = byKey.get(key);
      if (known !== undefined) {
        known.rules.push(rule);
        return;
      }
      const { gram, ...place } = emptiestPlace(pieces, byGram);
      const keyword: Keyword = { key, pieces, ...place, rules: [rule] };
      byKey.set(key, keyword);
      const waiting = byGram.get(gram);
      if (waiting === undefined) {
        byGram.set(gram, [keyword]);
      } else {
        waiting.push(keyword);
      }
    },
    remove(pieces, rule) {
      const keyword = byKey.get(pieces.join('*'));
      if (keyword === undefined) {
        return;
      }
      keyword.rules = keyword.rules.filter((one) => one.id !== rule.id);
      if (keyword.rules.length === 0) {
        byKey.delete(keyword.key);
        dropFrom(byGram, keyword);
      }
    },
  };
}

/** Three characters of 7 bits: keys and canonical URLs are ASCII. What is not (a host's own extractor) finds nothing. */
function nextGram(gram: number, code: number): number {
  return ((gram << 7) | (code & 0x7f)) & 0x1fffff;
}

function emptiestPlace(pieces: readonly string[], byGram: ReadonlyMap<number, Keyword[]>): { gram: number; piece: string; offset: number } {
  let best = { gram: 0, piece: '', offset: 0 };
  let fewest = Number.POSITIVE_INFINITY;
  for (const piece of pieces) {
    let gram = 0;
    for (let end = 0; end < piece.length; end++) {
      gram = nextGram(gram, piece.charCodeAt(end));
      const load = byGram.get(gram)?.length ?? 0;
      if (end >= gramLength - 1 && load < fewest) {
        best = { gram, piece, offset: end - gramLength + 1 };
        fewest = load;
      }
    }
  }
  return best;
}

function dropFrom(byGram: Map<number, Keyword[]>, keyword: Keyword): void {
  let gram = 0;
  for (const character of keyword.piece.slice(keyword.offset, keyword.offset + gramLength)) {
    gram = nextGram(gram, character.charCodeAt(0));
  }
  const rest = (byGram.get(gram) ?? []).filter((one) => one !== keyword);
  if (rest.length === 0) {
    byGram.delete(gram);
  } else {
    byGram.set(gram, rest);
  }
}
