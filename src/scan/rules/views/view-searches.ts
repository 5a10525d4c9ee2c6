/**
 * A search for each kind of normalised view: where few of the bodies can stand in such views, one of their own; where none
 * can, none, and the view need not even be made.
 *
 * Finding out takes a walk over all signatures (10 ms for 100,000), and a search of its own tables (200 ms for the 4,300 of
 * them that can stand in texts). So contents are searched for everything at first, until so many bytes have been
 * normalised that the work is likely to be paid back.
 */
import type { BodyContext, BodyList, BodyPass, BodySearch, BodySink } from '../../body-search.js';
import type { RuleSet, SignatureList } from '../rule-set.js';
import type { SearchedView } from './view-bodies.js';
import { bodiesInView } from './view-bodies.js';

/** Kinds of normalised views. */
export type ViewKind = 'text' | 'html';

/** What they are searched for. Any byte may occur in HTML: references stand for it, and targets of links keep theirs. */
const views: Readonly<Record<ViewKind, SearchedView>> = {
  text: { targets: [0, 7], has: (byte) => byte >= 0x20 && byte < 0x80 && !(byte >= 0x41 && byte <= 0x5a) },
  html: { targets: [0, 3] },
};

/** Normalised bytes for each body before it is asked where they can stand, and before a search of its own is made. */
const surveyedAfter = 64;
const ownAfter = 1024;
/** A search of its own is made for at most this share of all bodies: it costs memory. */
const ownShare = 1 / 4;

/** What searches are made of. */
export interface ViewSearchParts {
  readonly set: RuleSet;
  readonly signatures: SignatureList;
  /** For all bodies. */
  readonly search: BodySearch;
  readonly create: (bodies: BodyList) => BodySearch;
}

/** Searches by kind of view. */
export class ViewSearches {
  readonly #parts: ViewSearchParts;
  readonly #numbers = new Map<ViewKind, Uint32Array>();
  readonly #own = new Map<ViewKind, BodySearch>();
  #passed = 0;

  constructor(parts: ViewSearchParts) {
    this.#parts = parts;
  }

  /** So many bytes of contents with normalised views have passed. */
  pass(bytes: number): void {
    this.#passed += bytes;
  }

  /** The search of a kind of view, or `nothing` where nothing can be found in it. */
  of(kind: ViewKind): BodySearch | 'nothing' {
    const { set, search } = this.#parts;
    if (this.#passed < surveyedAfter * set.bodies.count) {
      return search;
    }
    const numbers = this.#numbersOf(kind);
    if (numbers.length === 0 && !this.#hasUnprompted(kind)) {
      return 'nothing';
    }
    const isWorthIt = this.#passed >= ownAfter * set.bodies.count && numbers.length <= ownShare * set.bodies.count;
    return isWorthIt ? this.#ownOf(kind, numbers) : search;
  }

  #numbersOf(kind: ViewKind): Uint32Array {
    const { set, signatures } = this.#parts;
    const numbers = this.#numbers.get(kind) ?? bodiesInView(set, signatures, views[kind]);
    this.#numbers.set(kind, numbers);
    return numbers;
  }

  #hasUnprompted(kind: ViewKind): boolean {
    const { rules, unprompted } = this.#parts.set;
    return unprompted.some((rule) => views[kind].targets.includes(rules[rule]!.signature.description.target));
  }

  #ownOf(kind: ViewKind, numbers: Uint32Array): BodySearch {
    const { set, create } = this.#parts;
    const made = this.#own.get(kind) ?? createNumbered(create({ count: numbers.length, at: (index) => set.bodies.at(numbers[index]!) }), numbers);
    this.#own.set(kind, made);
    return made;
  }
}

/** A search whose sinks hear the numbers of the whole set. */
function createNumbered(search: BodySearch, numbers: Uint32Array): BodySearch {
  return { open: (context) => openNumbered(search, numbers, context) };
}

function openNumbered(search: BodySearch, numbers: Uint32Array, { sink, budget }: BodyContext): BodyPass {
  const numbered: BodySink = {
    hit: (body, at, end) => sink.hit(numbers[body]!, at, end),
    isDone: (body) => sink.isDone(numbers[body]!),
    get over() {
      return sink.over;
    },
  };
  return search.open({ sink: numbered, budget });
}
