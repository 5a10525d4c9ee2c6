/** One attempt of the backtracking matcher: where it stands in the program and in the subject. */
import { Frames } from './frames.js';
import type { BacktrackProgram } from './program.js';

/** Mutable: the functions of this folder move it. */
export class MatchState {
  readonly program: BacktrackProgram;
  readonly code: Int32Array;
  readonly frames: Frames;
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the search began. */
  from = 0;
  pc = 0;
  pos = 0;
  /** Steps since the counter was told. */
  steps = 0;

  constructor(program: BacktrackProgram, maxFrames: number) {
    this.program = program;
    this.code = program.code;
    this.frames = new Frames(program.registers, maxFrames);
  }
}
