/**
 * Which anchors sleep and which are awake in one pass: the first anchors of bodies that are found already sleep, those
 * of later segments wake when the segment before was found. The search's own state belongs to one pass at a time;
 * passes that run interleaved take it over from one another.
 */
import { laneCount } from '../kernel/abi.js';
import type { CellSearch } from '../kernel/cell-search.js';
import type { Program } from '../program.js';

const noAnchors: ReadonlySet<number> = new Set();

/** The marks of one pass. */
export class PassMarks {
  readonly #owner: MarkOwner;
  readonly #search: CellSearch;
  /** Made with the first mark: most contents have none. */
  #marked: Set<number> | undefined;
  /** Those of the search, until one wakes. */
  #lanes: readonly boolean[];
  #fresh: Set<number> | undefined;

  constructor(search: CellSearch, owner: MarkOwner) {
    this.#search = search;
    this.#owner = owner;
    this.#lanes = search.awake;
  }

  /** Makes the search's state that of this pass. */
  enter(): void {
    if (this.#owner.current !== this) {
      this.#owner.current?.leave();
      this.#owner.current = this;
      this.#marked?.forEach((anchor) => (this.#search.state[anchor] = 1));
    }
  }

  /** Lets go of the search's state, where it has it: the marks of another pass are that one's to take away. */
  leave(): void {
    if (this.#owner.current !== this) {
      return;
    }
    this.#marked?.forEach((anchor) => (this.#search.state[anchor] = 0));
    this.#owner.current = undefined;
  }

  /** True when the lane has anchors that are awake. */
  isLaneAwake(lane: number): boolean {
    return this.#lanes[lane]!;
  }

  /** Wakes an anchor of a segment that may follow now. */
  wake(anchor: number, lane: number): void {
    this.#marked ??= new Set();
    if (!this.#marked.has(anchor)) {
      this.#marked.add(anchor);
      this.#fresh ??= new Set();
      this.#fresh.add(anchor);
      this.#search.state[anchor] = 1;
      if (lane < laneCount && !this.isLaneAwake(lane)) {
        this.#lanes = this.#lanes.map((isAwake, one) => isAwake || one === lane);
      }
    }
  }

  /** Puts the anchor of a body that is found to sleep. */
  sleep(anchor: number, isFirst: boolean): void {
    if (isFirst) {
      this.#marked ??= new Set();
      this.#marked.add(anchor);
    } else {
      this.#marked?.delete(anchor);
    }
    this.#search.state[anchor] = isFirst ? 1 : 0;
  }

  /** The anchors that woke since the last call. */
  takeFresh(): ReadonlySet<number> {
    const fresh = this.#fresh ?? noAnchors;
    this.#fresh = undefined;
    return fresh;
  }
}

/** Whose marks the state of a search shows. */
export interface MarkOwner {
  current: PassMarks | undefined;
}

/** The marks of a new pass of the program. */
export function marksOf(program: Program): PassMarks {
  return new PassMarks(program.parts.search, program.marks);
}

/** Wakes the anchors of a segment. */
export function wake(program: Program, marks: PassMarks, segment: number): void {
  program.anchorsOf(segment).forEach(({ anchor, lane }) => marks.wake(anchor, lane));
}
