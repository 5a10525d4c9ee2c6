/**
 * The regular expression behind an expression: looks are left out, references become what their group can match,
 * second thoughts come back. It matches wherever the expression does, and more; where nothing had to be changed it is
 * the same, and the automaton's answer is final.
 */
import type { ByteSet } from '../syntax/byte-set.js';
import { foldSet, setKey, setOf } from '../syntax/byte-set.js';
import type { ExpressionNode } from '../syntax/node.js';
import { alternativesOf } from '../syntax/node.js';

/** A tree of sets, sequences, alternatives, repeats and places only. */
export interface RelaxedExpression {
  readonly root: ExpressionNode;
  /** True where both expressions find the same matches. */
  readonly exact: boolean;
}

/** Nodes that references may be written out to; beyond, they stand for anything. */
const maxWrittenOut = 5_000;
/** References within what references were written out to. */
const maxWithin = 4;

/** Relaxes a whole tree. */
export function relax(root: ExpressionNode): RelaxedExpression {
  const relaxation = new Relaxation(root);
  const relaxed = relaxation.relax(root);
  return { root: relaxed, exact: relaxation.exact };
}

class Relaxation {
  exact = true;
  readonly #bodies = new Map<number, ExpressionNode[]>();
  readonly #open = new Set<number>();
  readonly #folded = new Map<string, ByteSet>();
  readonly #anything: ExpressionNode = {
    kind: 'repeat',
    body: { kind: 'set', set: setOf(() => true) },
    min: 0,
    max: Number.POSITIVE_INFINITY,
    lazy: false,
  };
  #folding = false;
  #written = 0;

  constructor(root: ExpressionNode) {
    collectGroups(root, this.#bodies);
  }

  relax(node: ExpressionNode): ExpressionNode {
    this.#written += this.#open.size > 0 ? 1 : 0;
    switch (node.kind) {
      case 'set':
        return this.#folding ? { kind: 'set', set: this.#fold(node.set) } : node;
      case 'sequence':
        return { kind: 'sequence', items: node.items.map((item) => this.relax(item)) };
      case 'alternatives':
        return alternativesOf(node.branches.map((branch) => this.relax(branch)));
      case 'group':
        return this.relax(node.body);
      case 'repeat':
        return node.max === 0 ? { kind: 'empty' } : { ...node, body: this.relax(node.body) };
      case 'place':
        return node.place === 'search-start' ? this.#inexact({ kind: 'empty' }) : node;
      case 'atomic':
        return this.#inexact(this.relax(node.body));
      case 'conditional':
        return this.#inexact(alternativesOf([this.relax(node.yes), this.relax(node.no)]));
      case 'reference':
        return this.#inexact(alternativesOf(node.groups.map((group) => this.#writeOut(group, node.ignoreCase))));
      case 'look':
      case 'keep':
        return this.#inexact({ kind: 'empty' });
      case 'empty':
      case 'fail':
        return node;
    }
  }

  #inexact(node: ExpressionNode): ExpressionNode {
    this.exact = false;
    return node;
  }

  /** What the group can have matched. A group within itself, or too much of it all, can be anything. */
  #writeOut(group: number, ignoreCase: boolean): ExpressionNode {
    const bodies = this.#bodies.get(group) ?? [];
    this.#written += bodies.length;
    if (this.#open.has(group) || this.#written > maxWrittenOut || this.#open.size >= maxWithin) {
      return this.#anything;
    }
    const folding = this.#folding;
    this.#open.add(group);
    this.#folding ||= ignoreCase;
    const written = alternativesOf(bodies.map((body) => this.relax(body)));
    this.#folding = folding;
    this.#open.delete(group);
    return withoutPlaces(written);
  }

  #fold(set: ByteSet): ByteSet {
    const key = setKey(set);
    const folded = this.#folded.get(key) ?? foldSet(set);
    this.#folded.set(key, folded);
    return folded;
  }
}

/** A copy of a text need not stand where the text stood. */
function withoutPlaces(node: ExpressionNode): ExpressionNode {
  switch (node.kind) {
    case 'place':
      return { kind: 'empty' };
    case 'sequence':
      return { kind: 'sequence', items: node.items.map(withoutPlaces) };
    case 'alternatives':
      return { kind: 'alternatives', branches: node.branches.map(withoutPlaces) };
    case 'repeat':
      return { ...node, body: withoutPlaces(node.body) };
    default:
      return node;
  }
}

function collectGroups(node: ExpressionNode, bodies: Map<number, ExpressionNode[]>): void {
  switch (node.kind) {
    case 'group':
      addBody(bodies, node.index, node.body);
      collectGroups(node.body, bodies);
      return;
    case 'sequence':
      node.items.forEach((item) => collectGroups(item, bodies));
      return;
    case 'alternatives':
      node.branches.forEach((branch) => collectGroups(branch, bodies));
      return;
    case 'repeat':
    case 'atomic':
    case 'look':
      collectGroups(node.body, bodies);
      return;
    case 'conditional':
      if (node.condition.kind === 'look') {
        collectGroups(node.condition.body, bodies);
      }
      collectGroups(node.yes, bodies);
      collectGroups(node.no, bodies);
      return;
    default:
  }
}

function addBody(bodies: Map<number, ExpressionNode[]>, index: number, body: ExpressionNode): void {
  const known = bodies.get(index);
  if (known === undefined) {
    bodies.set(index, [body]);
  } else {
    known.push(body);
  }
}
