/** Repeats of single bytes: one frame each, however many bytes they take. */
import type { ByteSet } from '../syntax/byte-set.js';
import type { MatchState } from './state.js';

/** Takes as many bytes of a set as there are; those beyond the least number are given back one by one. */
export function run(state: MatchState, pc: number, givesBack: boolean): boolean {
  const { bytes, pos, code } = state;
  const at = endOfRun(state.program.sets[code[pc + 1]!]!, bytes, { from: pos, to: Math.min(bytes.length, pos + code[pc + 3]!) });
  state.steps += (at - pos) >> 2;
  const least = pos + code[pc + 2]!;
  state.pc = pc + 5;
  state.pos = at;
  if (at > least && givesBack) {
    // Not yet a place to go on from: the frame is the place behind, from which `giveBack` takes one.
    state.frames.push(at + 1, least, -2 - pc);
    return false;
  }
  return at >= least;
}

/** Takes as few bytes of a set as it must; more are taken one by one. */
export function runLazy(state: MatchState, pc: number): boolean {
  const { bytes, pos, code } = state;
  const least = pos + code[pc + 2]!;
  if (least > bytes.length) {
    return false;
  }
  const at = endOfRun(state.program.sets[code[pc + 1]!]!, bytes, { from: pos, to: least });
  state.steps += (at - pos) >> 2;
  if (at < least) {
    return false;
  }
  // One less than the place to go on from: `takeMore` takes none the first time.
  state.frames.push(-1 - at, Math.min(bytes.length, pos + code[pc + 3]!), -2 - pc);
  return false;
}

/** One byte less of a greedy run, or as many as it takes until what must follow can. */
export function giveBack(state: MatchState, top: number, pc: number): boolean {
  const { bytes, code, frames } = state;
  const least = frames.stack[top + 1]!;
  const behind = code[pc + 4]!;
  const start = frames.stack[top]! - 1;
  let at = start;
  if (behind >= 0) {
    const following = state.program.sets[behind]!;
    while (at >= least && following[bytes[at]!] !== 1) {
      at -= 1;
    }
  }
  state.steps += 1 + ((start - at) >> 2);
  if (at > least) {
    frames.stack[top] = at;
  } else {
    frames.height = top;
  }
  state.pos = at;
  state.pc = pc + 5;
  return at >= least;
}

/** One byte more of a lazy run, or as many as it takes until what must follow can. */
export function takeMore(state: MatchState, top: number, pc: number): boolean {
  const { bytes, code, frames } = state;
  const most = frames.stack[top + 1]!;
  const set = state.program.sets[code[pc + 1]!]!;
  const first = frames.stack[top]!;
  // The byte at `first` is taken when one more is wanted; the first time none is.
  let held = first < 0 || (first < most && set[bytes[first]!] === 1);
  const start = first < 0 ? -1 - first : first + 1;
  let at = start;
  const behind = code[pc + 4]!;
  if (behind >= 0) {
    const following = state.program.sets[behind]!;
    while (held && following[bytes[at]!] !== 1) {
      held = at < most && set[bytes[at]!] === 1;
      at += 1;
    }
  }
  state.steps += 1 + ((at - start) >> 2);
  if (held) {
    frames.stack[top] = at;
  } else {
    frames.height = top;
  }
  state.pos = at;
  state.pc = pc + 5;
  return held;
}

/** The index behind the bytes of the set that follow each other from here, at most up to `to`. */
function endOfRun(set: ByteSet, bytes: Uint8Array, { from, to }: { readonly from: number; readonly to: number }): number {
  let at = from;
  while (at < to && set[bytes[at]!] === 1) {
    at += 1;
  }
  return at;
}
