/**
 * The places to which a backtracking matcher may return, and the registers that it has to put back on the way: one
 * stack of numbers, three for each frame, that grows up to a bound. Nothing recurses.
 */

/** The third number of a frame that puts a register back: (old value, register, undo). */
export const undo = -1;

/** The stack and the registers. */
export class Frames {
  readonly registers: Int32Array;
  readonly #maxFrames: number;
  stack: Int32Array = new Int32Array(3 * 256);
  /** Numbers in use. */
  height = 0;
  /** True once a frame had no room: what was found since counts for nothing. */
  overflown = false;

  constructor(registers: number, maxFrames: number) {
    this.registers = new Int32Array(registers);
    this.#maxFrames = maxFrames;
  }

  /** Forgets everything. */
  begin(): void {
    this.height = 0;
    this.overflown = false;
    this.registers.fill(-1);
  }

  /** Gives a stack back that grew large. */
  release(): void {
    if (this.stack.length > 3 * 16_384) {
      this.stack = new Int32Array(3 * 256);
    }
  }

  push(first: number, second: number, third: number): void {
    if (this.height + 3 > this.stack.length) {
      this.#grow();
    }
    const { stack, height } = this;
    stack[height] = first;
    stack[height + 1] = second;
    stack[height + 2] = third;
    this.height = height + 3;
  }

  /** Sets a register so that a return to before puts it back. */
  set(register: number, value: number): void {
    this.push(this.registers[register]!, register, undo);
    this.registers[register] = value;
  }

  /** Puts the registers back that were set since the stack was this high. */
  unwind(height: number): void {
    while (this.height > height) {
      this.height -= 3;
      if (this.stack[this.height + 2] === undo) {
        this.registers[this.stack[this.height + 1]!] = this.stack[this.height]!;
      }
    }
  }

  /** Drops the places to return to above this height, and keeps what puts registers back; returns what that cost. */
  cut(height: number): number {
    const { stack } = this;
    const cost = (this.height - height) / 3;
    let kept = height;
    for (let at = height; at < this.height; at += 3) {
      if (stack[at + 2] === undo) {
        stack.copyWithin(kept, at, at + 3);
        kept += 3;
      }
    }
    this.height = kept;
    return cost;
  }

  #grow(): void {
    if (this.stack.length >= 3 * this.#maxFrames) {
      // The search is given up at the next look at the steps; until then frames overwrite the last one.
      this.overflown = true;
      this.height -= 3;
      return;
    }
    const larger = new Int32Array(Math.min(this.stack.length * 2, 3 * this.#maxFrames));
    larger.set(this.stack);
    this.stack = larger;
  }
}
