/** Places, and groups that are asked for. */
import { holds, neighbourAt } from '../automaton/context.js';
import { otherCase } from '../syntax/byte-set.js';
import type { Place } from '../syntax/node.js';
import { placeNumbers } from './program.js';
import type { MatchState } from './state.js';

const places = Object.keys(placeNumbers) as readonly Place[];

export function isAt(state: MatchState, place: number): boolean {
  if (place === placeNumbers['search-start']) {
    return state.pos === state.from;
  }
  return holds(places[place]!, neighbourAt(state.bytes, state.pos - 1), neighbourAt(state.bytes, state.pos));
}

/** The first group of the list that was set. */
export function setGroup(state: MatchState, groups: readonly number[]): number | undefined {
  return groups.find((group) => state.frames.registers[2 * group + 1]! >= 0);
}

export function sameAsGroup(state: MatchState, groups: readonly number[], ignoreCase: boolean): boolean {
  const group = setGroup(state, groups);
  if (group === undefined) {
    return false;
  }
  const bytes = state.bytes;
  const start = state.frames.registers[2 * group]!;
  const length = state.frames.registers[2 * group + 1]! - start;
  if (state.pos + length > bytes.length) {
    return false;
  }
  for (let at = 0; at < length; at++) {
    const wanted = bytes[start + at]!;
    const found = bytes[state.pos + at]!;
    if (found !== wanted && !(ignoreCase && otherCase(found) === wanted)) {
      state.steps += at >> 3;
      return false;
    }
  }
  state.steps += length >> 3;
  state.pos += length;
  return true;
}
