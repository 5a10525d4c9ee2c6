/**
 * A relaxed expression as the states of an automaton, after Thompson: a state takes a byte of a set, splits in two in
 * an order of preference, holds at a place only, or is the end. Built from back to front, for either direction.
 */
import { nullable } from '../analysis/first-bytes.js';
import type { ByteSet } from '../syntax/byte-set.js';
import { SetNumbers } from '../syntax/byte-set.js';
import type { ExpressionNode, Place, RepeatNode } from '../syntax/node.js';

/** Kinds of states. */
export const stateKind = { set: 0, split: 1, place: 2, end: 3, fail: 4 } as const;

/** The states; each has a kind and two numbers. */
export interface AutomatonProgram {
  readonly kinds: Uint8Array;
  /** Set: number of the set. Split: the preferred state. Place: number of the place. */
  readonly first: Int32Array;
  /** The state after; of a split the other one. */
  readonly second: Int32Array;
  readonly start: number;
  readonly sets: readonly ByteSet[];
  readonly places: readonly Place[];
}

/** Which way the subject is read. */
export type Direction = 'forward' | 'backward';

/** The automaton of a relaxed tree, or undefined where it would have more states than allowed. */
export function buildAutomaton(root: ExpressionNode, direction: Direction, maxStates: number): AutomatonProgram | undefined {
  const builder = new Builder(direction, maxStates);
  const start = builder.add(root, builder.state(stateKind.end, 0, 0));
  return builder.overflown ? undefined : builder.program(start);
}

/** What follows a part of a round: where the round has taken nothing yet, and where it has. */
interface RoundEnds {
  readonly untaken: number;
  readonly taken: number;
}

class Builder {
  readonly #direction: Direction;
  readonly #maxStates: number;
  readonly #kinds: number[] = [];
  readonly #first: number[] = [];
  readonly #second: number[] = [];
  readonly #sets = new SetNumbers();
  readonly #places: Place[] = [];

  constructor(direction: Direction, maxStates: number) {
    this.#direction = direction;
    this.#maxStates = maxStates;
  }

  get overflown(): boolean {
    return this.#kinds.length > this.#maxStates;
  }

  program(start: number): AutomatonProgram {
    return {
      kinds: Uint8Array.from(this.#kinds),
      first: Int32Array.from(this.#first),
      second: Int32Array.from(this.#second),
      start,
      sets: this.#sets.sets,
      places: this.#places,
    };
  }

  state(kind: number, first: number, second: number): number {
    this.#kinds.push(kind);
    this.#first.push(first);
    return this.#second.push(second) - 1;
  }

  /** The state with which the node begins when `next` follows it. */
  add(node: ExpressionNode, next: number): number {
    if (this.overflown) {
      return next;
    }
    switch (node.kind) {
      case 'set':
        return this.state(stateKind.set, this.#sets.numberOf(node.set), next);
      case 'sequence':
        return this.#sequence(node.items, next);
      case 'alternatives':
        return this.#alternatives(node.branches.map((branch) => this.add(branch, next)));
      case 'repeat':
        return this.#repeat(node, next);
      case 'place':
        return this.state(stateKind.place, this.#places.push(node.place) - 1, next);
      case 'empty':
        return next;
      default:
        return this.state(stateKind.fail, 0, 0);
    }
  }

  #sequence(items: readonly ExpressionNode[], next: number): number {
    const add = (following: number, item: ExpressionNode): number => this.add(item, following);
    return this.#direction === 'forward' ? items.reduceRight(add, next) : items.reduce(add, next);
  }

  #alternatives(starts: readonly number[]): number {
    return starts.slice(0, -1).reduceRight((other, start) => this.state(stateKind.split, start, other), starts.at(-1) ?? 0);
  }

  /** As many copies as are demanded (of nothing, one is enough), then a loop or the copies that are allowed beyond, one within the other. */
  #repeat(node: RepeatNode, next: number): number {
    const finite = Number.isFinite(node.max);
    let start = finite ? next : this.#loop(node, next);
    for (let copy = node.min; finite && copy < node.max && !this.overflown; copy++) {
      start = this.#split(node.lazy, this.add(node.body, start), next);
    }
    const demanded = finite || node.min === 0 ? node.min : node.min - 1;
    for (let copy = 0; copy < demanded && !this.overflown; copy++) {
      const before = start;
      start = this.add(node.body, start);
      if (start === before) {
        break;
      }
    }
    return start;
  }

  /**
   * At least one round where one is demanded; else the first round is a choice too. PCRE ends a loop with a round that
   * takes nothing, in the order of preference of that round, so such a round leads on and not back.
   */
  #loop(node: RepeatNode, next: number): number {
    const back = this.#split(node.lazy, 0, next);
    const tellsEmpty = this.#direction === 'forward' && nullable(node.body);
    const round = tellsEmpty ? this.#untaken(node.body, { untaken: next, taken: back }) : this.add(node.body, back);
    (node.lazy ? this.#second : this.#first)[back] = round;
    return node.min === 0 ? this.#split(node.lazy, round, next) : round;
  }

  /** The state with which a node begins in a round that has taken nothing yet; what follows depends on whether it has then. */
  #untaken(node: ExpressionNode, next: RoundEnds): number {
    if (this.overflown) {
      return next.untaken;
    }
    switch (node.kind) {
      case 'set':
        return this.add(node, next.taken);
      case 'sequence':
        return node.items.reduceRight<RoundEnds>((ends, item) => this.#bothBefore(item, ends), next).untaken;
      case 'alternatives':
        return this.#alternatives(node.branches.map((branch) => this.#untaken(branch, next)));
      case 'repeat':
        return this.#untakenRepeat(node, next);
      default:
        return this.add(node, next.untaken);
    }
  }

  #bothBefore(node: ExpressionNode, ends: RoundEnds): RoundEnds {
    return { untaken: this.#untaken(node, ends), taken: this.add(node, ends.taken) };
  }

  #untakenRepeat(node: RepeatNode, next: RoundEnds): number {
    const { body, min, max, lazy } = node;
    const finite = Number.isFinite(max);
    let ends = next;
    if (!finite) {
      const again = this.#loop({ ...node, min: 0 }, next.taken);
      const round = this.#untaken(body, { untaken: next.untaken, taken: again });
      ends =
        min === 0
          ? { untaken: this.#split(lazy, round, next.untaken), taken: again }
          : { untaken: round, taken: this.#loop({ ...node, min: 1 }, next.taken) };
    }
    for (let copy = min; finite && copy < max && !this.overflown; copy++) {
      const { untaken, taken } = this.#bothBefore(body, ends);
      ends = { untaken: this.#split(lazy, untaken, next.untaken), taken: this.#split(lazy, taken, next.taken) };
    }
    for (let copy = finite ? 0 : 1; copy < min && !this.overflown; copy++) {
      const before = ends;
      ends = this.#bothBefore(body, ends);
      if (ends.untaken === before.untaken && ends.taken === before.taken) {
        break;
      }
    }
    return ends.untaken;
  }

  #split(lazy: boolean, round: number, next: number): number {
    return lazy ? this.state(stateKind.split, next, round) : this.state(stateKind.split, round, next);
  }
}
