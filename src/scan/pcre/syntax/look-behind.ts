/** The lengths of look-behinds: each branch must have one. */
import type { ExpressionNode, LookNode } from './node.js';
import type { PatternReader } from './reader.js';

/** PCRE's bound. */
const greatest = 65_535;

/** The look itself, where it can be used. @throws VedetteError `unsupported` where a branch has no one length. */
export function checkedLook(look: LookNode, reader: PatternReader): LookNode {
  if (look.behind && branchesOf(look.body).some((branch) => !(fixedLength(branch) <= greatest))) {
    throw reader.fault('a branch of a look-behind has no fixed length');
  }
  return look;
}

/** The alternatives of a node, or the node itself. */
export function branchesOf(node: ExpressionNode): readonly ExpressionNode[] {
  return node.kind === 'alternatives' ? node.branches : [node];
}

/** How many bytes every match takes; NaN where that differs or cannot be told. */
export function fixedLength(node: ExpressionNode): number {
  switch (node.kind) {
    case 'set':
      return 1;
    case 'sequence':
      return node.items.reduce((sum, item) => sum + fixedLength(item), 0);
    case 'alternatives':
      return common(node.branches.map(fixedLength));
    case 'group':
    case 'atomic':
      return fixedLength(node.body);
    case 'repeat':
      return node.min === node.max ? node.min * fixedLength(node.body) : Number.NaN;
    case 'conditional':
      return common([fixedLength(node.yes), fixedLength(node.no)]);
    case 'reference':
      return Number.NaN;
    case 'empty':
    case 'fail':
    case 'place':
    case 'look':
    case 'keep':
      return 0;
  }
}

function common(lengths: readonly number[]): number {
  const [first = 0] = lengths;
  return lengths.every((length) => length === first) ? first : Number.NaN;
}
