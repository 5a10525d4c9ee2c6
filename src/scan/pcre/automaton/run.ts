/** Reads a subject with an automaton: where the preferred match ends, and from there back to where it begins. */
import type { StepCounter } from '../limits.js';
import type { ByteSet } from '../syntax/byte-set.js';
import { neighbourAt } from './context.js';
import type { LazyAutomaton } from './lazy-automaton.js';
import { deadOffset, endedFlag, greatestOffset, restFlag, unknownTransition } from './state-table.js';

/** Bytes between two looks at the counter; four of them are a step. */
const stretch = 8192;

/** Where a search begins, and the bytes with which a match can: the others are passed over while nothing has begun. */
interface Subject {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly begins: ByteSet | undefined;
}

/** Where the preferred match that begins at or after `from` ends; -1 for none, undefined when the steps ran out. */
export function findEnd(automaton: LazyAutomaton, { bytes, from, begins }: Subject, counter: StepCounter): number | undefined {
  let end = -1;
  let state = automaton.start(neighbourAt(bytes, from - 1));
  for (let at = from; ; at++) {
    const passed = at;
    ({ at, state } = pass(automaton, bytes, { at, state }));
    const to = counter.spend(((at - passed) >> 2) + 1) ? transition(automaton, state, classAt(automaton, bytes, at), counter) : undefined;
    if (to === undefined) {
      return undefined;
    }
    end = (to & endedFlag) === 0 ? end : at;
    state = to & greatestOffset;
    if (at >= bytes.length || state === deadOffset) {
      return end;
    }
    if ((to & restFlag) !== 0 && begins !== undefined) {
      const next = nextOf(begins, bytes, at + 1);
      if (!counter.spend((next - at) >> 3)) {
        return undefined;
      }
      state = next === at + 1 ? state : automaton.start(neighbourAt(bytes, next - 1));
      at = next - 1;
    }
  }
}

/** Takes plain transitions as long as they are known, for one stretch; never the last byte, which may be a newline at the end. */
function pass(automaton: LazyAutomaton, bytes: Uint8Array, begin: { readonly at: number; readonly state: number }): { at: number; state: number } {
  const { classOf } = automaton.classes;
  const { rows } = automaton.table;
  let { at, state } = begin;
  const until = Math.min(at + stretch, bytes.length - 1);
  for (; at < until; at++) {
    const to = rows[state + classOf[bytes[at]!]!]!;
    if (to > greatestOffset) {
      break;
    }
    state = to;
  }
  return { at, state };
}

/** The class of what stands at an index. */
function classAt(automaton: LazyAutomaton, bytes: Uint8Array, at: number): number {
  const { classOf, outside, finalNewline } = automaton.classes;
  const byte = bytes[at];
  if (byte === undefined) {
    return outside;
  }
  return byte === 0x0a && at === bytes.length - 1 ? finalNewline : classOf[byte]!;
}

/** The least place, not before `from`, from which a match reaches to `end`; -1 for none, undefined when the steps ran out. */
export function findStart(
  automaton: LazyAutomaton,
  subject: { readonly bytes: Uint8Array; readonly from: number; readonly end: number },
  counter: StepCounter,
): number | undefined {
  const { bytes, from, end } = subject;
  let start = -1;
  let state = automaton.start(neighbourAt(bytes, end));
  for (let at = end; ; at--) {
    const to = transition(automaton, state, classAt(automaton, bytes, at - 1), counter);
    if (to === undefined || ((at & 3) === 0 && !counter.spend(1))) {
      return undefined;
    }
    start = (to & endedFlag) === 0 ? start : at;
    state = to & greatestOffset;
    if (at === from || state === deadOffset) {
      return start;
    }
  }
}

function transition(automaton: LazyAutomaton, state: number, byteClass: number, counter: StepCounter): number | undefined {
  const known = automaton.table.rows[state + byteClass]!;
  return known === unknownTransition ? automaton.step(state, byteClass, counter) : known;
}

/** The first place at or after `from` whose byte is in the set, or the end. */
export function nextOf(set: ByteSet, bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && set[bytes[at]!] === 0) {
    at += 1;
  }
  return at;
}
