/** What each instruction does to an attempt. All return whether the attempt may go on from where it stands then. */
import { op } from './program.js';
import { isAt, sameAsGroup, setGroup } from './references.js';
import { run, runLazy } from './runs.js';
import type { MatchState } from './state.js';

/** Single bytes, choices and runs. */
export function simpleStep(state: MatchState, code: number): boolean {
  const pc = state.pc;
  const operand = state.code[pc + 1]!;
  switch (code) {
    case op.set:
      state.pc = pc + 2;
      return state.program.sets[operand]![state.bytes[state.pos++]!] === 1;
    case op.split:
      state.frames.push(state.pos, 0, operand);
      state.pc = pc + 2;
      return true;
    case op.splitLazy:
      state.frames.push(state.pos, 0, pc + 2);
      state.pc = operand;
      return true;
    case op.jump:
      state.pc = operand;
      return true;
    case op.place:
      state.pc = pc + 2;
      return isAt(state, operand);
    case op.runGreedy:
    case op.runPossessive:
      return run(state, pc, code === op.runGreedy);
    case op.runLazy:
      return runLazy(state, pc);
    default:
      return false;
  }
}

/** Captures and counted loops. */
export function loopStep(state: MatchState, code: number): boolean {
  const pc = state.pc;
  const operand = state.code[pc + 1]!;
  const frames = state.frames;
  switch (code) {
    case op.open:
      frames.set(operand, state.pos);
      state.pc = pc + 2;
      return true;
    case op.close:
      frames.set(2 * operand, frames.registers[state.code[pc + 2]!]!);
      frames.set(2 * operand + 1, state.pos);
      state.pc = pc + 3;
      return true;
    case op.loopEnter:
      frames.set(operand, 0);
      state.pc = pc + 2;
      return true;
    case op.loopHead:
      anotherRound(state, pc);
      return true;
    case op.loopTake:
      frames.set(operand, frames.registers[operand]! + 1);
      frames.set(operand + 1, state.pos);
      state.pc = pc + 2;
      return true;
    default: {
      const head = state.code[pc + 3]!;
      const empty = frames.registers[operand + 1] === state.pos && frames.registers[operand]! >= state.code[pc + 2]!;
      state.pc = empty ? state.code[head + 4]! : head;
      return true;
    }
  }
}

function anotherRound(state: MatchState, pc: number): void {
  const rounds = state.frames.registers[state.code[pc + 1]!]!;
  const exit = state.code[pc + 4]!;
  const lazy = state.code[pc + 5] === 1;
  if (rounds >= state.code[pc + 3]!) {
    state.pc = exit;
    return;
  }
  if (rounds >= state.code[pc + 2]!) {
    state.frames.push(state.pos, 0, lazy ? pc + 6 : exit);
    state.pc = lazy ? exit : pc + 6;
    return;
  }
  state.pc = pc + 6;
}

/** Looks, atomic groups, references and conditions. */
export function rareStep(state: MatchState, code: number): boolean {
  const pc = state.pc;
  const operand = state.code[pc + 1]!;
  const frames = state.frames;
  state.pc = pc + 2;
  switch (code) {
    case op.mark:
      frames.registers[operand] = frames.height;
      return true;
    case op.cut:
      state.steps += frames.cut(frames.registers[operand]!) >> 2;
      return true;
    case op.lookEnter:
      frames.registers[operand] = frames.height;
      frames.registers[operand + 1] = state.pos;
      return true;
    case op.lookLeave:
      state.steps += frames.cut(frames.registers[operand]!) >> 2;
      state.pos = frames.registers[operand + 1]!;
      return true;
    case op.denyEnter:
      frames.registers[operand] = frames.height;
      frames.push(state.pos, 0, state.code[pc + 2]!);
      state.pc = pc + 3;
      return true;
    case op.denyLeave:
      state.steps += (frames.height - frames.registers[operand]!) >> 3;
      frames.unwind(frames.registers[operand]!);
      return false;
    case op.back:
      state.pos -= operand;
      return state.pos >= 0;
    case op.reference:
    case op.referenceIgnoringCase:
      return sameAsGroup(state, state.program.groupLists[operand]!, code === op.referenceIgnoringCase);
    case op.unlessSet:
      state.pc = setGroup(state, state.program.groupLists[operand]!) === undefined ? state.code[pc + 2]! : pc + 3;
      return true;
    case op.keep:
      frames.set(0, state.pos);
      state.pc = pc + 1;
      return true;
    default:
      return false;
  }
}
