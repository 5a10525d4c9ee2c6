/**
 * Whether a logical signature holds in a view of a content, once its bodies have been looked for. In this order, each
 * step only while the expression may still hold: bodies and macros are counted, byte comparisons read a number, PCREs
 * are searched for where their triggers hold.
 */
import type { ByteComparison, LogicalSignature, PcreSubsignature, Subsignature } from '../../pattern/signature.js';
import type { WorkBudget } from '../stream/work-budget.js';
import { comparesTrue } from './byte-comparison.js';
import type { DescribedContent } from './description.js';
import { isDescribed } from './description.js';
import { mayHold, tell } from './expression.js';
import { countMatches } from './expression-search.js';
import type { ExpressionBook } from './expression-book.js';
import type { MatchLog } from './match-log.js';
import { placementsOf } from './placement.js';
import type { RuleSet } from './rule-set.js';
import type { ViewBytes } from './view-bytes.js';

/** What a judge is told of the view and of what was found in it. */
export interface JudgedView extends DescribedContent {
  readonly set: RuleSet;
  readonly log: MatchLog;
  /** The first body of each rule. */
  readonly bytes: ViewBytes;
  readonly budget: WorkBudget;
  readonly expressions: ExpressionBook;
}

/** `limit`: what would have told could not be read or searched. */
export type Judgement = 'holds' | 'fails' | 'limit';

/** The first body number of every rule, for a set. */
export function firstBodies(set: RuleSet): readonly number[] {
  let next = set.signatures;
  return set.rules.map(({ signature }) => {
    const first = next;
    next += signature.parts.reduce((sum, part) => sum + (part.kind === 'bodies' ? part.bodies.length : 0), 0);
    return first;
  });
}

/** Judges one rule. @throws whatever reading throws. */
export async function judgeRule(rule: number, firstBody: number, view: JudgedView): Promise<Judgement> {
  const { signature, maxCount } = view.set.rules[rule]!;
  view.budget.spend(4 * signature.parts.length);
  if (!isDescribed(signature.description, view)) {
    return 'fails';
  }
  const counts = new Counts(signature);
  const bodies = bodiesOf(signature, firstBody);
  signature.parts.forEach((part, index) => counts.set(index, countOfBodies(part, { index, bodies, signature, view })));
  for (const [index, part] of signature.parts.entries()) {
    if (part.kind === 'byte-comparison' && counts.mayHold) {
      counts.set(index, await countComparison(part, { bodies, view }));
    }
  }
  for (const [index, part] of signature.parts.entries()) {
    if (part.kind === 'pcre' && counts.mayHold) {
      const count = tell(part.trigger, (one) => counts.of(one)).holds ? await countExpression(part, { key: `${rule}/${index}`, maxCount, view }) : 0;
      if (count === 'limit') {
        return 'limit';
      }
      counts.set(index, count);
    }
  }
  return counts.mayHold && tell(signature.expression, (part) => counts.of(part)).holds ? 'holds' : 'fails';
}

/** Counts of the parts of one signature; undefined where not counted yet. */
class Counts {
  readonly #counts: (number | undefined)[];
  readonly #signature: LogicalSignature;

  constructor(signature: LogicalSignature) {
    this.#signature = signature;
    this.#counts = signature.parts.map(() => undefined);
  }

  get mayHold(): boolean {
    return mayHold(this.#signature.expression, (part) => this.#counts[part]);
  }

  set(part: number, count: number | undefined): void {
    this.#counts[part] = count;
  }

  /** 0 for a part that has not been counted. */
  of(part: number): number {
    return this.#counts[part] ?? 0;
  }
}

type Bodies = readonly (readonly number[])[];

function bodiesOf({ parts }: LogicalSignature, first: number): Bodies {
  let next = first;
  return parts.map((part) => (part.kind === 'bodies' ? part.bodies.map(() => next++) : []));
}

function countOfBodies(part: Subsignature, at: { readonly index: number; readonly bodies: Bodies; readonly signature: LogicalSignature; readonly view: JudgedView }): number | undefined {
  const { log, budget } = at.view;
  switch (part.kind) {
    case 'bodies':
      return at.bodies[at.index]!.reduce((sum, body) => sum + (log.matchesOf(body)?.count ?? 0), 0);
    case 'macro': {
      const before = (at.bodies[at.index - 1] ?? []).flatMap((body) => log.matchesOf(body)?.starts ?? []).sort((a, b) => a - b);
      const macros = log.macroStarts(part.group, at.signature.description.target);
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
async function countComparison(comparison: ByteComparison, { bodies, view }: { readonly bodies: Bodies; readonly view: JudgedView }): Promise<number> {
  const matches = (bodies[comparison.part] ?? []).flatMap((body) => {
    const found = view.log.matchesOf(body);
    return found === undefined ? [] : [{ body, ...found }];
  });
  const last = matches.reduce<(typeof matches)[number] | undefined>((best, one) => (best === undefined || one.end > best.end ? one : best), undefined);
  if (last === undefined) {
    return 0;
  }
  const role = view.set.roleOf(last.body);
  const start = last.at ?? (role.kind === 'part' ? await view.bytes.startOf(role.body, last.end, view.budget) : undefined);
  const at = start === undefined ? -1 : start + comparison.offset;
  if (at < 0 || at + comparison.bytes > view.bytes.size) {
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
