/** The groups whose text matters: those that a reference or a condition asks for. */
import type { ExpressionNode } from '../syntax/node.js';

/** Their numbers. */
export function referencedGroups(root: ExpressionNode): ReadonlySet<number> {
  const groups = new Set<number>();
  collect(root, groups);
  return groups;
}

function collect(node: ExpressionNode, groups: Set<number>): void {
  switch (node.kind) {
    case 'reference':
      node.groups.forEach((group) => groups.add(group));
      return;
    case 'sequence':
      node.items.forEach((item) => collect(item, groups));
      return;
    case 'alternatives':
      node.branches.forEach((branch) => collect(branch, groups));
      return;
    case 'group':
    case 'repeat':
    case 'atomic':
    case 'look':
      collect(node.body, groups);
      return;
    case 'conditional':
      collectCondition(node, groups);
      return;
    case 'set':
    case 'place':
    case 'empty':
    case 'fail':
    case 'keep':
  }
}

function collectCondition({ condition, yes, no }: ExpressionNode & { readonly kind: 'conditional' }, groups: Set<number>): void {
  if (condition.kind === 'look') {
    collect(condition, groups);
  } else {
    condition.groups.forEach((group) => groups.add(group));
  }
  collect(yes, groups);
  collect(no, groups);
}
