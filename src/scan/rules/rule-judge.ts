/**
 * Whether a logical signature holds in a view of a content, once its bodies have been looked for. In this order, each
 * step only while the expression may still hold: bodies and macros are counted, byte comparisons read a number, PCREs
 * are searched for where their triggers hold.
 */
import type { ByteComparison, PcreSubsignature } from '../../pattern/signature.js';
import type { WorkBudget } from '../stream/work-budget.js';
import { comparesTrue } from './byte-comparison.js';
import type { DescribedContent } from './description.js';
import { isDescribed } from './description.js';
import { mayHold, tell } from './expressions/expression.js';
import { countMatches } from './expressions/expression-search.js';
import type { ExpressionBook } from './expressions/expression-book.js';
import type { MatchLog } from './expressions/match-log.js';
import { placementsOf } from './placement.js';
import type { Rule, RuleSet } from './rule-set.js';
import type { ViewBytes } from './views/view-bytes.js';

/** What a judge is told of the view and of what was found in it. */
export interface JudgedView extends DescribedContent {
  readonly set: RuleSet;
  readonly log: MatchLog;
  readonly bytes: ViewBytes;
  readonly budget: WorkBudget;
  readonly expressions: ExpressionBook;
}

/** `limit`: what would have told could not be read or searched. */
export type Judgement = 'holds' | 'fails' | 'limit';

/**
 * What the counts of bodies say about a rule: that it fails, that it holds, or that the rest of its parts have to be
 * looked at. Most rules of which anything was found end here.
 */
export function judgeBodies(rule: Rule, view: JudgedView): 'fails' | 'holds' | 'open' {
  const { signature } = rule;
  view.budget.spend(rule.cost);
  const countOf = (part: number): number | undefined => countOfBodies(rule, part, view);
  if (!mayHold(signature.expression, countOf) || !isDescribed(signature.description, view)) {
    return 'fails';
  }
  const isOpen = signature.parts.some(({ kind }) => kind === 'byte-comparison' || kind === 'pcre');
  return isOpen ? 'open' : tell(signature.expression, (part) => countOf(part) ?? 0).holds ? 'holds' : 'fails';
}

/** Judges a rule that `judgeBodies` left open. `number`: of the rule in its set. @throws whatever reading throws. */
export async function judgeOpen(rule: Rule, number: number, view: JudgedView): Promise<Judgement> {
  const { signature, maxCount } = rule;
  const counts = signature.parts.map((_, part) => countOfBodies(rule, part, view));
  const isPossible = (): boolean => mayHold(signature.expression, (part) => counts[part]);
  for (const [index, part] of signature.parts.entries()) {
    if (part.kind === 'byte-comparison' && isPossible()) {
      counts[index] = await countComparison(part, rule, view);
    }
  }
  for (const [index, part] of signature.parts.entries()) {
    if (part.kind === 'pcre' && isPossible()) {
      const isTriggered = tell(part.trigger, (one) => counts[one] ?? 0).holds;
      const count = isTriggered ? await countExpression(part, { key: `${number}/${index}`, maxCount, view }) : 0;
      if (count === 'limit') {
        return 'limit';
      }
      counts[index] = count;
    }
  }
  return isPossible() && tell(signature.expression, (part) => counts[part] ?? 0).holds ? 'holds' : 'fails';
}

/** How often a part matched; undefined for one that is not made of bodies. */
function countOfBodies({ signature, bodies }: Rule, index: number, { log, budget }: JudgedView): number | undefined {
  const part = signature.parts[index]!;
  switch (part.kind) {
    case 'bodies':
      return bodies[index]!.reduce((sum, body) => sum + (log.matchesOf(body)?.count ?? 0), 0);
    case 'macro': {
      const before = (bodies[index - 1] ?? []).flatMap((body) => log.matchesOf(body)?.starts ?? []).sort((a, b) => a - b);
      const macros = log.macroStarts(part.group, signature.description.target);
      budget.spend(before.length + macros.length);
      return macros.filter((start) => hasWithin(before, start - part.max, start - part.min)).length;
    }
    case 'byte-comparison':
    case 'pcre':
      return undefined;
  }
}

function hasWithin(sorted: readonly number[], from: number, to: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < from) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < sorted.length && sorted[low]! <= to;
}

/** 1 or 0: the comparison is about the last match of the part. */
async function countComparison(comparison: ByteComparison, rule: Rule, view: JudgedView): Promise<number> {
  const matches = (rule.bodies[comparison.part] ?? []).flatMap((body) => {
    const found = view.log.matchesOf(body);
    return found === undefined ? [] : [{ body, at: found.at, end: found.end }];
  });
  const last = matches.sort((a, b) => a.end - b.end).pop();
  if (last === undefined) {
    return 0;
  }
  const role = view.set.roleOf(last.body);
  const start = last.at ?? (role.kind === 'part' ? await view.bytes.startOf(role.body, last.end, view.budget) : undefined);
  const at = start === undefined ? 0 : start + comparison.offset;
  // The first byte of a content is never compared (as observed of clamscan).
  if (at < 1 || at + comparison.bytes > view.bytes.size) {
    return 0;
  }
  return comparesTrue(comparison, await view.bytes.read(at, comparison.bytes)) ? 1 : 0;
}

async function countExpression(
  part: PcreSubsignature,
  { key, maxCount, view }: { readonly key: string; readonly maxCount: number; readonly view: JudgedView },
): Promise<number | 'limit'> {
  const placements = part.offset.kind === 'any' ? [undefined] : placementsOf(part.offset, { size: view.bytes.size, executable: view.executable });
  const expression = placements.length === 0 ? undefined : await view.expressions.get(key, part);
  const bytes = expression === undefined ? undefined : await view.bytes.whole();
  if (placements.length === 0) {
    return 0;
  }
  if (expression === undefined || bytes === undefined) {
    return 'limit';
  }
  let count = 0;
  for (const placement of placements) {
    const flags = { isRolling: part.flags.includes('r'), isConfined: part.flags.includes('e'), all: part.flags.includes('g') };
    const found = countMatches(expression, bytes, { ...flags, ...(placement === undefined ? {} : { placement }), maxCount, counter: view.budget });
    if (found === 'budget') {
      view.budget.exhaust();
      return 0;
    }
    count += found;
  }
  return count;
}
