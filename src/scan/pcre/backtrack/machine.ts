/**
 * The backtracking matcher: tries what is preferred, remembers what else there was, and returns to it. It can take
 * exponentially many steps and is only ever run on a counter of them.
 */
import { nextOf } from '../automaton/run.js';
import type { StepCounter } from '../limits.js';
import { undo } from './frames.js';
import { loopStep, rareStep, simpleStep } from './instructions.js';
import type { BacktrackProgram } from './program.js';
import { op } from './program.js';
import { giveBack, takeMore } from './runs.js';
import { MatchState } from './state.js';

/** Where and how to search. */
export interface BacktrackRequest {
  readonly bytes: Uint8Array;
  /** The search begins here: `\G`. */
  readonly from: number;
  /** No match begins before. */
  readonly first: number;
  /** A match begins at `first` or nowhere. */
  readonly anchored: boolean;
}

/** The first match. `given-up`: out of steps or of room. */
export type BacktrackResult =
  | { readonly kind: 'match'; readonly start: number; readonly end: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'given-up' };

/** Steps between two looks at the counter. */
const stretch = 256;
const givenUp = -2;

/** Runs one program. Holds its frames between searches. */
export class Backtracker {
  readonly #state: MatchState;

  constructor(program: BacktrackProgram, maxFrames: number) {
    this.#state = new MatchState(program, maxFrames);
  }

  /** Tries one start after the other. */
  search(request: BacktrackRequest, counter: StepCounter): BacktrackResult {
    this.#state.bytes = request.bytes;
    this.#state.from = request.from;
    const { begins, leading } = this.#state.program;
    for (let start = request.first; start <= request.bytes.length; start++) {
      if (begins !== undefined && !request.anchored) {
        const next = nextOf(begins, request.bytes, start);
        this.#state.steps += (next - start) >> 3;
        start = next;
      }
      const end = this.#matchAt(start, counter);
      if (end === givenUp) {
        return this.#over({ kind: 'given-up' });
      }
      if (end >= 0) {
        return this.#over({ kind: 'match', start: this.#state.frames.registers[0]!, end });
      }
      if (request.anchored) {
        break;
      }
      if (leading !== undefined) {
        start = this.#endOfRun(leading, start);
      }
    }
    return this.#over({ kind: 'none' });
  }

  #over(result: BacktrackResult): BacktrackResult {
    this.#state.bytes = new Uint8Array(0);
    this.#state.frames.release();
    return result;
  }

  /** The index behind the bytes of the set that follow each other from here on; the byte there begins no match either. */
  #endOfRun(set: Uint8Array, start: number): number {
    let at = start;
    while (at < this.#state.bytes.length && set[this.#state.bytes[at]!] === 1) {
      at += 1;
    }
    this.#state.steps += (at - start) >> 3;
    return at;
  }

  /** Where a match that begins here ends; -1 for none. */
  #matchAt(start: number, counter: StepCounter): number {
    const state = this.#state;
    state.frames.begin();
    state.steps += state.frames.registers.length >> 6;
    state.frames.registers[0] = start;
    state.pc = 0;
    state.pos = start;
    for (;;) {
      if (++state.steps > stretch) {
        if (!counter.spend(state.steps) || state.frames.overflown) {
          return givenUp;
        }
        state.steps = 0;
      }
      const code = state.code[state.pc]!;
      if (code === op.match) {
        return state.frames.overflown ? givenUp : state.pos;
      }
      const held = code <= op.runPossessive ? simpleStep(state, code) : code <= op.loopBack ? loopStep(state, code) : rareStep(state, code);
      if (!held && !this.#return()) {
        return state.frames.overflown ? givenUp : -1;
      }
    }
  }

  /** Goes back to what else there was; false when there is nothing left. */
  #return(): boolean {
    const state = this.#state;
    const frames = state.frames;
    while (frames.height > 0) {
      const top = frames.height - 3;
      const third = frames.stack[top + 2]!;
      if (third === undo) {
        frames.registers[frames.stack[top + 1]!] = frames.stack[top]!;
        frames.height = top;
      } else if (third >= 0) {
        frames.height = top;
        state.pos = frames.stack[top]!;
        state.pc = third;
        return true;
      } else if (state.code[-2 - third] === op.runGreedy ? giveBack(state, top, -2 - third) : takeMore(state, top, -2 - third)) {
        return true;
      }
    }
    return false;
  }
}
