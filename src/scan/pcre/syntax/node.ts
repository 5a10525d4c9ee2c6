/**
 * What a pattern text means: a tree in which flags, names and ways of writing are gone. Case is part of the sets,
 * `.` and classes are sets, possessive repeats are atomic groups, names are numbers.
 */
import type { ByteSet } from './byte-set.js';

/** A condition on a place in the subject that takes no bytes. */
export type Place =
  | 'text-start'
  | 'line-start'
  | 'text-end'
  | 'text-end-or-final-newline'
  | 'line-end'
  | 'word-boundary'
  | 'no-word-boundary'
  | 'search-start';

/** A look-ahead or look-behind. The branches of a look-behind have one length each. */
export interface LookNode {
  readonly kind: 'look';
  readonly behind: boolean;
  readonly negative: boolean;
  readonly body: ExpressionNode;
}

/** A repeat; `max` is Infinity where there is no bound. */
export interface RepeatNode {
  readonly kind: 'repeat';
  readonly body: ExpressionNode;
  readonly min: number;
  readonly max: number;
  readonly lazy: boolean;
}

/** What a conditional asks: whether one of the groups was set, or a look. No groups: never true. */
export type Condition = LookNode | { readonly kind: 'set-group'; readonly groups: readonly number[] };

/** A part of an expression. */
export type ExpressionNode =
  | { readonly kind: 'empty' }
  | { readonly kind: 'fail' }
  | { readonly kind: 'set'; readonly set: ByteSet }
  | { readonly kind: 'sequence'; readonly items: readonly ExpressionNode[] }
  | { readonly kind: 'alternatives'; readonly branches: readonly ExpressionNode[] }
  | { readonly kind: 'group'; readonly index: number; readonly body: ExpressionNode }
  | RepeatNode
  | { readonly kind: 'place'; readonly place: Place }
  | LookNode
  | { readonly kind: 'atomic'; readonly body: ExpressionNode }
  | { readonly kind: 'reference'; readonly groups: readonly number[]; readonly ignoreCase: boolean }
  | { readonly kind: 'conditional'; readonly condition: Condition; readonly yes: ExpressionNode; readonly no: ExpressionNode }
  | { readonly kind: 'keep' };

/** A whole expression. */
export interface ParsedExpression {
  readonly root: ExpressionNode;
  /** Number of the last capturing group. */
  readonly groups: number;
}

/** The items as one node. */
export function sequenceOf(items: readonly ExpressionNode[]): ExpressionNode {
  const [only] = items;
  if (only === undefined) {
    return { kind: 'empty' };
  }
  return items.length === 1 ? only : { kind: 'sequence', items };
}

/** The branches as one node. */
export function alternativesOf(branches: readonly ExpressionNode[]): ExpressionNode {
  const [only] = branches;
  return only !== undefined && branches.length === 1 ? only : { kind: 'alternatives', branches };
}
