/** From a tree to the instructions of the backtracking matcher. Groups that nothing refers to leave no trace. */
import { firstBytes, firstOfRest, nullable } from '../analysis/first-bytes.js';
import { referencedGroups } from '../analysis/referenced.js';
import type { ByteSet } from '../syntax/byte-set.js';
import { SetNumbers } from '../syntax/byte-set.js';
import { branchesOf, fixedLength } from '../syntax/look-behind.js';
import type { ExpressionNode, LookNode, ParsedExpression, RepeatNode } from '../syntax/node.js';
import type { BacktrackProgram } from './program.js';
import { op, placeNumbers, unbounded } from './program.js';

/** Compiles a tree. Its cost is linear in the tree. */
export function compileBacktrack({ root, groups }: ParsedExpression): BacktrackProgram {
  const compiler = new Compiler(groups, referencedGroups(root));
  compiler.add(root);
  compiler.emit(op.match);
  return {
    code: Int32Array.from(compiler.code),
    sets: compiler.sets.sets,
    groupLists: compiler.groupLists,
    registers: compiler.registers,
    begins: nullable(root) ? undefined : firstBytes(root),
    leading: leadingRun(root),
  };
}

/** The set of an unbounded repeat with which the whole expression begins. */
function leadingRun(root: ExpressionNode): ByteSet | undefined {
  const first = root.kind === 'sequence' ? root.items[0] : root;
  return first?.kind === 'repeat' && first.body.kind === 'set' && !Number.isFinite(first.max) ? first.body.set : undefined;
}

class Compiler {
  readonly code: number[] = [];
  readonly sets = new SetNumbers();
  readonly groupLists: (readonly number[])[] = [];
  registers: number;
  readonly #referenced: ReadonlySet<number>;

  constructor(groups: number, referenced: ReadonlySet<number>) {
    this.registers = 2 * groups + 2;
    this.#referenced = referenced;
  }

  emit(...words: number[]): number {
    const at = this.code.length;
    this.code.push(...words);
    return at;
  }

  add(node: ExpressionNode, following?: ByteSet): void {
    switch (node.kind) {
      case 'empty':
        return;
      case 'fail':
        this.emit(op.fail);
        return;
      case 'set':
        this.emit(op.set, this.sets.numberOf(node.set));
        return;
      case 'sequence':
        node.items.forEach((item, index) => this.add(item, item.kind === 'repeat' ? firstOfRest(node.items, index + 1) : undefined));
        return;
      case 'alternatives':
        this.#alternatives(node.branches.map((branch) => () => this.add(branch)));
        return;
      case 'group':
        this.#group(node.index, node.body);
        return;
      case 'repeat':
        this.#repeat(node, following);
        return;
      case 'place':
        this.emit(op.place, placeNumbers[node.place]);
        return;
      case 'look':
        this.#look(node);
        return;
      case 'atomic':
        this.#atomic(node.body);
        return;
      case 'reference':
        this.emit(node.ignoreCase ? op.referenceIgnoringCase : op.reference, this.groupLists.push(node.groups) - 1);
        return;
      case 'conditional':
        this.#conditional(node);
        return;
      case 'keep':
        this.emit(op.keep);
    }
  }

  #alternatives(branches: readonly (() => void)[]): void {
    const ends: number[] = [];
    branches.forEach((branch, index) => {
      if (index === branches.length - 1) {
        branch();
        return;
      }
      const split = this.emit(op.split, 0);
      branch();
      ends.push(this.emit(op.jump, 0));
      this.#target(split + 1);
    });
    ends.forEach((jump) => this.#target(jump + 1));
  }

  #group(index: number, body: ExpressionNode): void {
    if (!this.#referenced.has(index)) {
      this.add(body);
      return;
    }
    const register = this.registers++;
    this.emit(op.open, register);
    this.add(body);
    this.emit(op.close, index, register);
  }

  #repeat(node: RepeatNode, following: ByteSet | undefined): void {
    const { body, min, max, lazy } = node;
    if (max === 0) {
      return;
    }
    if (body.kind === 'set') {
      this.#run(lazy ? op.runLazy : op.runGreedy, node, following);
    } else if (max === 1) {
      this.#optional(body, lazy);
    } else if (max === Number.POSITIVE_INFINITY && min <= 1 && !nullable(body)) {
      this.#simpleLoop(node);
    } else {
      this.#countedLoop(node, min);
    }
  }

  #run(instruction: number, { body, min, max }: RepeatNode, following: ByteSet | undefined): void {
    const set = body.kind === 'set' ? this.sets.numberOf(body.set) : 0;
    this.emit(instruction, set, min, Math.min(max, unbounded), following === undefined ? -1 : this.sets.numberOf(following));
  }

  #optional(body: ExpressionNode, lazy: boolean): void {
    const split = this.emit(lazy ? op.splitLazy : op.split, 0);
    this.add(body);
    this.#target(split + 1);
  }

  /** Rounds that take bytes and need no count. */
  #simpleLoop({ body, min, lazy }: RepeatNode): void {
    const start = this.code.length;
    if (min === 1) {
      this.add(body);
      this.emit(lazy ? op.split : op.splitLazy, start);
      return;
    }
    const split = this.emit(lazy ? op.splitLazy : op.split, 0);
    this.add(body);
    this.emit(op.jump, start);
    this.#target(split + 1);
  }

  #countedLoop({ body, max, lazy }: RepeatNode, min: number): void {
    const register = this.registers;
    this.registers += 2;
    this.emit(op.loopEnter, register);
    const head = this.emit(op.loopHead, register, min, Math.min(max, unbounded), 0, lazy ? 1 : 0);
    this.emit(op.loopTake, register);
    this.add(body);
    this.emit(op.loopBack, register, Number.isFinite(max) ? unbounded : min, head);
    this.#target(head + 4);
  }

  #look({ negative, behind, body }: LookNode): void {
    const register = this.registers;
    this.registers += 2;
    const enter = negative ? this.emit(op.denyEnter, register, 0) : this.emit(op.lookEnter, register);
    const branches = branchesOf(body).map((branch) => () => {
      if (behind) {
        this.emit(op.back, fixedLength(branch));
      }
      this.add(branch);
    });
    this.#alternatives(branches);
    this.emit(negative ? op.denyLeave : op.lookLeave, register);
    if (negative) {
      this.#target(enter + 2);
    }
  }

  #atomic(body: ExpressionNode): void {
    if (body.kind === 'repeat' && body.body.kind === 'set') {
      // What is lazy and has no second thoughts takes no more than it must.
      this.#run(op.runPossessive, body.lazy ? { ...body, max: body.min } : body, undefined);
      return;
    }
    const register = this.registers++;
    this.emit(op.mark, register);
    this.add(body);
    this.emit(op.cut, register);
  }

  /** Once its condition was told, a conditional has no second thoughts about it. */
  #conditional({ condition, yes, no }: ExpressionNode & { readonly kind: 'conditional' }): void {
    if (condition.kind === 'set-group') {
      const unless = this.emit(op.unlessSet, this.groupLists.push(condition.groups) - 1, 0);
      this.#either(yes, no, unless + 2);
      return;
    }
    const register = this.registers++;
    this.emit(op.mark, register);
    const split = this.emit(op.split, 0);
    this.#look({ ...condition, negative: false });
    this.emit(op.cut, register);
    const { negative } = condition;
    this.#either(negative ? no : yes, negative ? yes : no, split + 1);
  }

  #either(first: ExpressionNode, other: ExpressionNode, toOther: number): void {
    this.add(first);
    const end = this.emit(op.jump, 0);
    this.#target(toOther);
    this.add(other);
    this.#target(end + 1);
  }

  /** Fills in the operand: it leads here. */
  #target(operand: number): void {
    this.code[operand] = this.code.length;
  }
}
