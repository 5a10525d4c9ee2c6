/** A text that every match contains: a subject without it is passed over at a fraction of the cost of a search. */
import type { StepCounter } from '../limits.js';
import type { ByteSet } from '../syntax/byte-set.js';
import type { ExpressionNode } from '../syntax/node.js';

/** Sets of few bytes, one after the other: a text whose letters may be of either case. */
export type RequiredText = readonly ByteSet[];

const maxChoices = 4;
const maxLength = 24;
const minLength = 2;

/** The longest such text of a relaxed tree, or undefined where there is none worth a search. */
function requiredText(root: ExpressionNode): RequiredText | undefined {
  const runs: ByteSet[][] = [[]];
  collectRuns(root, runs);
  const best = runs.reduce((longest, run) => (run.length > longest.length ? run : longest), []);
  return best.length < minLength ? undefined : best;
}

/** The search for the longest such text, or undefined where there is none. */
export function requiredSearch(root: ExpressionNode): RequiredSearch | undefined {
  const text = requiredText(root);
  return text === undefined ? undefined : new RequiredSearch(text);
}

/** Adds to the last run what must follow it; a new run begins behind what cannot be told. */
function collectRuns(node: ExpressionNode, runs: ByteSet[][]): void {
  switch (node.kind) {
    case 'set':
      addSet(node.set, runs);
      return;
    case 'sequence':
      node.items.forEach((item) => collectRuns(item, runs));
      return;
    case 'repeat':
      if (node.min > 0) {
        collectRuns(node.body, runs);
      }
      if (node.min !== 1 || node.max !== 1) {
        runs.push([]);
      }
      return;
    case 'empty':
    case 'place':
      return;
    default:
      runs.push([]);
  }
}

function addSet(set: ByteSet, runs: ByteSet[][]): void {
  const run = runs.at(-1);
  if (run === undefined || run.length >= maxLength || set.reduce((sum, member) => sum + member, 0) > maxChoices) {
    runs.push([]);
  } else {
    run.push(set);
  }
}

/** Looks for a required text, after Horspool: it steps over as many bytes as the byte under its end allows. */
export class RequiredSearch {
  readonly #text: RequiredText;
  readonly #skips = new Uint8Array(256);

  constructor(text: RequiredText) {
    this.#text = text;
    this.#skips.fill(text.length);
    text.slice(0, -1).forEach((set, index) => {
      set.forEach((member, byte) => {
        if (member === 1) {
          this.#skips[byte] = text.length - 1 - index;
        }
      });
    });
  }

  /** Where it first stands at or after `from`; -1 for nowhere, undefined when the steps ran out. */
  find(bytes: Uint8Array, from: number, counter: StepCounter): number | undefined {
    const last = this.#text.length - 1;
    const end = this.#text[last]!;
    let steps = 0;
    for (let at = from + last; at < bytes.length; at += this.#skips[bytes[at]!]!) {
      steps += 1;
      if (end[bytes[at]!] === 1) {
        const matched = this.#matchedBefore(bytes, at);
        if (matched === last) {
          return counter.spend(steps >> 2) ? at - last : undefined;
        }
        steps += matched;
      }
      if (steps > 4096) {
        if (!counter.spend(steps >> 2)) {
          return undefined;
        }
        steps = 0;
      }
    }
    return counter.spend(steps >> 2) ? -1 : undefined;
  }

  /** How many sets before the last one have their byte, from the last one backwards. */
  #matchedBefore(bytes: Uint8Array, at: number): number {
    const last = this.#text.length - 1;
    let matched = 0;
    while (matched < last && this.#text[last - 1 - matched]![bytes[at - 1 - matched]!] === 1) {
      matched += 1;
    }
    return matched;
  }
}
