/**
 * Where a run of nodes can end that begins here, and where one can begin that ends here. All places, not the first:
 * after a gap of n to m bytes the right continuation may belong to any of them. Every place tried is paid for.
 */
import type { WorkBudget } from '../stream/work-budget.js';
import type { PositionSet, PositionSetBuilder } from './position-set.js';
import { append, interval, spread, union } from './position-set.js';
import type { ClassNode } from './character-class.js';
import { holdsBeside, takenFrom } from './character-class.js';
import type { SegmentNode } from './split.js';

/** A stretch of the subject in memory. Positions of these functions are indices into `bytes`. */
export interface Stretch {
  readonly bytes: Uint8Array;
  /** The first index that is not part of the subject: nothing matches beyond it. */
  readonly end: number;
}

interface Run {
  readonly value: Uint8Array;
  readonly mask: Uint8Array;
}

/** Where a walk over nodes begins. */
export interface WalkStart {
  readonly position: number;
  readonly stretch: Stretch;
  readonly budget: WorkBudget;
}

/** The ends of `nodes[from…]` begun at `at`; empty when they do not match or the budget is gone. */
export function endsFrom(nodes: readonly SegmentNode[], from: number, at: WalkStart): PositionSet {
  const walk: Walk = { stretch: at.stretch, budget: at.budget, direction: 1 };
  let { position } = at;
  let i = from;
  for (; i < nodes.length; i++) {
    const next = passFixed(nodes[i]!, position, walk);
    if (next === nowhere) {
      return nothing;
    }
    if (next === severalPlaces) {
      break;
    }
    position = next;
  }
  let set: PositionSet = interval(position, position);
  for (; i < nodes.length && set.length > 0; i++) {
    set = step(nodes[i]!, set, walk);
  }
  return set;
}

/** The beginnings of `nodes[…upTo - 1]` that end at `at`. */
export function startsBefore(nodes: readonly SegmentNode[], upTo: number, at: WalkStart): PositionSet {
  const walk: Walk = { stretch: at.stretch, budget: at.budget, direction: -1 };
  let { position } = at;
  let i = upTo - 1;
  for (; i >= 0; i--) {
    const next = passFixed(nodes[i]!, position, walk);
    if (next === nowhere) {
      return nothing;
    }
    if (next === severalPlaces) {
      break;
    }
    position = next;
  }
  let set: PositionSet = interval(position, position);
  for (; i >= 0 && set.length > 0; i--) {
    set = step(nodes[i]!, set, walk);
  }
  return set;
}

/** True when nodes that leave no choice (runs, gaps of one length) stand at `start`; the one that is known to stand is passed over. */
export function standRigid(nodes: readonly SegmentNode[], known: number, { position: start, stretch, budget }: WalkStart): boolean {
  let position = start;
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i]!;
    if (node.kind === 'bytes') {
      if (i !== known && !(budget.spend(1 + (node.value.length >> 4)) && runMatches(node, stretch, position))) {
        return false;
      }
      position += node.value.length;
    } else if (node.kind === 'gap') {
      position += node.min;
    }
  }
  return start >= 0 && position <= stretch.end;
}

const nothing: PositionSet = [];
const nowhere = -1;
const severalPlaces = -2;

/** The one position on the other side of a node, without a set for it: most nodes leave no choice, and most candidates end here. */
function passFixed(node: SegmentNode, position: number, { stretch, budget, direction }: Walk): number {
  if (node.kind === 'bytes') {
    const { length } = node.value;
    const start = direction === 1 ? position : position - length;
    return budget.spend(1 + (length >> 4)) && runMatches(node, stretch, start) ? position + direction * length : nowhere;
  }
  if (node.kind !== 'gap' || node.min !== node.max) {
    return severalPlaces;
  }
  const next = position + direction * node.min;
  return next >= 0 && next <= stretch.end ? next : nowhere;
}

interface Walk {
  readonly stretch: Stretch;
  readonly budget: WorkBudget;
  /** 1: positions are beginnings and become ends; -1: the other way round. */
  readonly direction: 1 | -1;
}

function step(node: SegmentNode, set: PositionSet, walk: Walk): PositionSet {
  switch (node.kind) {
    case 'bytes':
      return passRun(node, set, walk);
    case 'gap': {
      const bounds = { from: 0, to: walk.stretch.end };
      return walk.direction === 1 ? spread(set, node, bounds) : spread(set, { min: -node.max, max: -node.min }, bounds);
    }
    case 'alternatives':
      if (node.negated) {
        return passNegated(node.options, set, walk);
      }
      return node.options.reduce<PositionSet>((all, option) => union(all, passRun(option, set, walk)), []);
    case 'class':
      return passClass(node, set, walk);
  }
}

function passClass(node: ClassNode, set: PositionSet, walk: Walk): PositionSet {
  const out: PositionSetBuilder = [];
  for (let i = 0; i < set.length; i += 2) {
    for (let position = set[i]!; position <= set[i + 1]!; position++) {
      if (!walk.budget.spend(1)) {
        return [];
      }
      for (const next of pastClass(node, position, walk)) {
        append(out, next, next);
      }
    }
  }
  return out;
}

/** The positions on the other side of a class, ascending. */
function pastClass(node: ClassNode, position: number, { stretch, direction }: Walk): number[] {
  if (node.edge !== undefined) {
    return holdsBeside(node, stretch, position) ? [position] : [];
  }
  if (direction === 1) {
    const taken = takenFrom(node, stretch, position);
    return taken === 0 ? [] : [position + taken];
  }
  return [2, 1].filter((taken) => takenFrom(node, stretch, position - taken) === taken).map((taken) => position - taken);
}

function passRun(run: Run, set: PositionSet, walk: Walk): PositionSet {
  const { stretch, direction } = walk;
  const length = run.value.length;
  const out: PositionSetBuilder = [];
  for (let i = 0; i < set.length; i += 2) {
    for (let position = set[i]!; position <= set[i + 1]!; position++) {
      if (!walk.budget.spend(1 + (length >> 4))) {
        return [];
      }
      const start = direction === 1 ? position : position - length;
      if (runMatches(run, stretch, start)) {
        append(out, position + direction * length, position + direction * length);
      }
    }
  }
  return out;
}

function passNegated(options: readonly Run[], set: PositionSet, walk: Walk): PositionSet {
  const { stretch, direction } = walk;
  const length = options[0]!.value.length;
  const out: PositionSetBuilder = [];
  for (let i = 0; i < set.length; i += 2) {
    for (let position = set[i]!; position <= set[i + 1]!; position++) {
      if (!walk.budget.spend(options.length)) {
        return [];
      }
      const start = direction === 1 ? position : position - length;
      const fits = start >= 0 && start + length <= stretch.end;
      if (fits && !options.some((option) => runMatches(option, stretch, start))) {
        append(out, position + direction * length, position + direction * length);
      }
    }
  }
  return out;
}

/** True when the run stands at `start`, within the subject. */
export function runMatches(run: Run, stretch: Stretch, start: number): boolean {
  const { value, mask } = run;
  if (start < 0 || start + value.length > stretch.end) {
    return false;
  }
  const { bytes } = stretch;
  for (let i = 0; i < value.length; i++) {
    if (((bytes[start + i]! ^ value[i]!) & mask[i]!) !== 0) {
      return false;
    }
  }
  return true;
}
