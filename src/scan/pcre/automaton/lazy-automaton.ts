/**
 * A deterministic automaton that is built while it runs: a state is the list of program states that a match could be
 * in, in order of preference, and a transition is worked out when it is first taken. Places hold by what stands on both
 * sides, so a match is known one byte late, as a flag of the transition that takes the byte behind it.
 */
import type { StepCounter } from '../limits.js';
import type { ByteClasses } from './byte-classes.js';
import { holds } from './context.js';
import type { AutomatonProgram, Direction } from './program.js';
import { stateKind } from './program.js';
import { deadFlag, deadOffset, endedFlag, restFlag, StateTable } from './state-table.js';

/** What is looked for. */
export interface AutomatonOptions {
  readonly direction: Direction;
  /** A match may begin at any byte, not only at the first. */
  readonly searching: boolean;
  /** Only the preferred match counts: all that is less preferred ends with it. Else all matches do. */
  readonly preferred: boolean;
  /** Transitions to a state that only waits are to be told apart. */
  readonly resting: boolean;
  readonly maxTableBytes: number;
}

/** The automaton of one program. It remembers its states between searches. */
export class LazyAutomaton {
  readonly classes: ByteClasses;
  readonly table: StateTable;
  readonly #program: AutomatonProgram;
  readonly #options: AutomatonOptions;
  /** Program states of the step at hand, in order; each once. */
  readonly #list: Int32Array;
  readonly #marks: Uint32Array;
  readonly #stack: number[] = [];
  readonly #starts: number[] = [];
  #mark = 0;

  constructor(program: AutomatonProgram, classes: ByteClasses, options: AutomatonOptions) {
    this.#program = program;
    this.classes = classes;
    this.#options = options;
    this.#list = new Int32Array(program.kinds.length + 1);
    this.#marks = new Uint32Array(program.kinds.length);
    this.table = new StateTable(classes.count, options.maxTableBytes);
  }

  /** The row to begin with, beside a neighbour of this kind. */
  start(behind: number): number {
    const known = this.#starts[behind];
    if (known !== undefined) {
      return known;
    }
    this.#makeRoom();
    this.#list[0] = this.#program.start;
    const offset = this.#rowOf(1, behind, this.#options.searching);
    this.#starts[behind] = offset;
    return offset;
  }

  /** Gives the tables back when they are greater than this. */
  shrink(keptBytes: number): void {
    if (this.table.bytes > keptBytes) {
      this.#clear();
    }
  }

  /** Works out a transition and writes it down; undefined when the steps ran out. The table may be another then. */
  step(offset: number, byteClass: number, counter: StepCounter): number | undefined {
    const state = this.table.stateAt(offset);
    const neighbour = this.classes.neighbours[byteClass]!;
    const closed = this.#closed(state.threads, state.behind, neighbour);
    if (!counter.spend(closed + (this.classes.count >> 2) + 16)) {
      return undefined;
    }
    const { ended, count } = this.#advance(closed, byteClass);
    const searching = state.searching && !ended;
    const emptied = this.#makeRoom();
    const next = this.#rowOf(this.#withStart(count, searching), neighbour, searching);
    const transition = next | (ended ? endedFlag : 0) | (next === deadOffset ? deadFlag : 0) | (this.#options.resting && searching && count === 0 ? restFlag : 0);
    if (!emptied) {
      this.table.rows[offset + byteClass] = transition;
    }
    return transition;
  }

  /** Leaves the program states to which the closed list leads with this byte in the list. */
  #advance(closed: number, byteClass: number): { readonly ended: boolean; readonly count: number } {
    const { kinds, first, second, sets } = this.#program;
    const sample = byteClass === this.classes.outside ? -1 : this.classes.sample[byteClass]!;
    this.#mark += 1;
    let ended = false;
    let count = 0;
    for (let index = 0; index < closed; index++) {
      const at = this.#list[index]!;
      if (kinds[at] === stateKind.end) {
        ended = true;
        if (this.#options.preferred) {
          break;
        }
      } else if (sample >= 0 && sets[first[at]!]![sample] === 1) {
        // Never ahead of what is still to be read: each program state leads to one.
        count = this.#append(second[at]!, count);
      }
    }
    return { ended, count };
  }

  #withStart(count: number, searching: boolean): number {
    return searching ? this.#append(this.#program.start, count) : count;
  }

  #append(thread: number, count: number): number {
    if (this.#marks[thread] === this.#mark) {
      return count;
    }
    this.#marks[thread] = this.#mark;
    this.#list[count] = thread;
    return count + 1;
  }

  /** Follows splits and the places that hold, in order of preference, into the list; returns how many there are. */
  #closed(threads: Int32Array, behind: number, ahead: number): number {
    const { kinds, first, second } = this.#program;
    const stack = this.#stack;
    this.#mark += 1;
    let count = 0;
    for (const thread of threads) {
      stack.push(thread);
      while (stack.length > 0) {
        const at = stack.pop()!;
        if (this.#marks[at] === this.#mark) {
          continue;
        }
        this.#marks[at] = this.#mark;
        const kind = kinds[at]!;
        if (kind === stateKind.split) {
          stack.push(second[at]!, first[at]!);
        } else if (kind === stateKind.place) {
          if (this.#holds(first[at]!, behind, ahead)) {
            stack.push(second[at]!);
          }
        } else if (kind !== stateKind.fail) {
          this.#list[count++] = at;
          if (kind === stateKind.end && this.#options.preferred) {
            stack.length = 0;
            return count;
          }
        }
      }
    }
    return count;
  }

  #holds(place: number, behind: number, ahead: number): boolean {
    const forward = this.#options.direction === 'forward';
    return holds(this.#program.places[place]!, forward ? behind : ahead, forward ? ahead : behind);
  }

  /** Without places the neighbour does not matter, and splits are followed at once: fewer states are told apart. */
  #rowOf(count: number, neighbour: number, searching: boolean): number {
    if (count === 0 && !searching) {
      return deadOffset;
    }
    const plain = this.#program.places.length === 0;
    const threads = this.#list.slice(0, count);
    const kept = plain ? this.#list.slice(0, this.#closed(threads, 0, 0)) : threads;
    return this.table.offsetOf({ threads: kept, behind: plain ? 0 : neighbour, searching });
  }

  #makeRoom(): boolean {
    const { full } = this.table;
    if (full) {
      this.#clear();
    }
    return full;
  }

  #clear(): void {
    this.table.clear();
    this.#starts.length = 0;
  }
}
