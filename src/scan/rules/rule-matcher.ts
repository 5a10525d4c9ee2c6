/** The matcher of an agent pattern: byte signatures, logical signatures and hashes of parts, each on the files it is for. */
import type { HashTable } from '../../pattern/hashes/hash-table.js';
import type { BodyList, BodySearch } from '../body-search.js';
import { createBodySearch } from '../body-search.js';
import type { Kernel } from '../kernel/kernel.js';
import { Scratch } from '../content/scratch.js';
import type { Matcher } from '../matcher.js';
import type { Tuning } from '../stream/tuning.js';
import type { BudgetOptions } from '../stream/work-budget.js';
import { defaultBudget } from '../stream/work-budget.js';
import { ContentSession } from './content-session.js';
import type { SessionParts } from './content-session.js';
import { ExpressionBook } from './expressions/expression-book.js';
import type { CreatePartHash } from './part-hashes.js';
import { createPartHashes } from './part-hashes.js';
import type { RuleSource } from './rule-set.js';
import { createRuleSet } from './rule-set.js';
import { ViewSearches } from './views/view-searches.js';

/** What a matcher is made from. */
export interface RuleMatcherSource extends RuleSource {
  readonly sectionHashes?: HashTable;
  readonly importHashes?: HashTable;
}

/** Options of `createRuleMatcher`. */
export interface RuleMatcherOptions {
  /** What a subject may cost before its scan ends as `incomplete: 'budget'`. */
  readonly budget?: Partial<BudgetOptions> | undefined;
  /** Sizes that change the cost only. */
  readonly tuning?: Partial<Tuning> | undefined;
  /** The kernel of `vedette/wasm`; without one, the search runs in TypeScript. */
  readonly kernel?: Kernel | undefined;
  /** For hashes of sections and import tables; without it they are not looked for. */
  readonly createHash?: CreatePartHash | undefined;
}

/** Compiles a pattern into a matcher. What it is made from is kept, not copied. */
export function createRuleMatcher(source: RuleMatcherSource, options: RuleMatcherOptions = {}): Matcher {
  const set = createRuleSet(source);
  const create = (bodies: BodyList): BodySearch => createBodySearch(bodies, { tuning: options.tuning, kernel: options.kernel });
  const search = create(set.bodies);
  const parts: SessionParts = {
    set,
    search,
    views: new ViewSearches({ set, signatures: source.signatures, search, create }),
    expressions: new ExpressionBook(),
    scratch: new Scratch(),
    partHashes: partHashesOf(source, options.createHash),
  };
  const budget = { ...defaultBudget, ...options.budget };
  return { open: (context) => new ContentSession(parts, context, budget) };
}

function partHashesOf({ sectionHashes, importHashes }: RuleMatcherSource, createHash: CreatePartHash | undefined): SessionParts['partHashes'] {
  return sectionHashes === undefined || importHashes === undefined || createHash === undefined ? undefined : createPartHashes(sectionHashes, importHashes, createHash);
}
