/** Which bytes a match can begin with: what lets a search pass over all others. */
import type { ByteSet } from '../syntax/byte-set.js';
import { addSet } from '../syntax/byte-set.js';
import type { ExpressionNode } from '../syntax/node.js';

/** True unless every match takes at least one byte. References count as able to be empty. */
export function nullable(node: ExpressionNode): boolean {
  switch (node.kind) {
    case 'set':
    case 'fail':
      return false;
    case 'sequence':
      return node.items.every(nullable);
    case 'alternatives':
      return node.branches.some(nullable);
    case 'group':
    case 'atomic':
      return nullable(node.body);
    case 'repeat':
      return node.min === 0 || nullable(node.body);
    case 'conditional':
      return nullable(node.yes) || nullable(node.no);
    case 'empty':
    case 'place':
    case 'look':
    case 'reference':
    case 'keep':
      return true;
  }
}

/** A set that has the first byte of every match that takes any; more may be in it. */
export function firstBytes(node: ExpressionNode): ByteSet {
  const set = new Uint8Array(256);
  addFirst(node, set);
  return set;
}

/** Items that are looked through before it is given up to tell what follows. */
const maxLookThrough = 8;

/** The first bytes of what remains of a sequence, or undefined where it may be empty or too many of its items may. */
export function firstOfRest(items: readonly ExpressionNode[], from: number): ByteSet | undefined {
  const set = new Uint8Array(256);
  const rest = items.slice(from, from + maxLookThrough);
  return addFirstOfSequence(rest, set) ? undefined : set;
}

/** Adds the first bytes of a node to a set; true where it may take none, so that those of what follows count too. */
function addFirst(node: ExpressionNode, into: Uint8Array): boolean {
  switch (node.kind) {
    case 'set':
      addSet(into, node.set);
      return false;
    case 'sequence':
      return addFirstOfSequence(node.items, into);
    case 'alternatives':
      return node.branches.map((branch) => addFirst(branch, into)).includes(true);
    case 'group':
    case 'atomic':
      return addFirst(node.body, into);
    case 'repeat':
      return addFirst(node.body, into) || node.min === 0;
    case 'conditional':
      return [node.yes, node.no].map((branch) => addFirst(branch, into)).includes(true);
    case 'reference':
      into.fill(1);
      return true;
    case 'fail':
      return false;
    case 'empty':
    case 'place':
    case 'look':
    case 'keep':
      return true;
  }
}

function addFirstOfSequence(items: readonly ExpressionNode[], into: Uint8Array): boolean {
  return items.every((item) => addFirst(item, into));
}
