/**
 * One view of a content (its bytes, or a normalised form of them) searched for everything that is asked of it. What is
 * found is told when the view has ended: byte signatures by then, logical ones after their rules have been judged.
 */
import type { Signal } from '../../../base/seams.js';
import type { ByteSource } from '../../../base/subject.js';
import type { BodyPass, BodySearch } from '../../body-search.js';
import type { Scratch } from '../../content/scratch.js';
import type { Finding } from '../../matcher.js';
import type { WorkBudget } from '../../stream/work-budget.js';
import type { DescribedContent } from '../description.js';
import type { ExpressionBook } from '../expressions/expression-book.js';
import { MatchLog } from '../expressions/match-log.js';
import { placementsOf } from '../placement.js';
import { judgeBodies, judgeOpen } from '../rule-judge.js';
import type { RuleSet } from '../rule-set.js';
import { ViewBytes } from './view-bytes.js';
import type { ViewSearches } from './view-searches.js';

/** What all views of all contents share. */
export interface ScanParts {
  readonly set: RuleSet;
  readonly search: BodySearch;
  readonly views: ViewSearches;
  readonly expressions: ExpressionBook;
  /** Of normalisers. */
  readonly scratch: Scratch;
}

/** What a view is told. */
export interface ViewOptions {
  readonly parts: ScanParts;
  readonly search: BodySearch;
  readonly targets: readonly number[];
  readonly budget: WorkBudget;
  readonly allMatches: boolean;
}

/** What a view is told at its end. */
export interface ViewEnd extends DescribedContent {
  readonly source: ByteSource;
  /** The content went on, but nobody will see how: nothing can be said about its end. */
  readonly isCut: boolean;
}

/** A pass over one view. */
export class ViewScan {
  readonly findings: Finding[] = [];
  readonly #options: ViewOptions;
  readonly #log: MatchLog;
  readonly #pass: BodyPass;
  #size = 0;

  constructor(options: ViewOptions) {
    const { parts, search, targets, budget, allMatches } = options;
    this.#options = options;
    const found = (threat: Finding['threat'], at: number | undefined): void => void this.findings.push({ threat, ...(at === undefined ? {} : { at }) });
    this.#log = new MatchLog({ set: parts.set, targets, budget, allMatches, found });
    this.#pass = search.open({ sink: this.#log, budget });
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  /** True when more bytes cannot change what is found. */
  get over(): boolean {
    return this.#log.over || this.#options.budget.exhausted;
  }

  /** True when its work was cut short. */
  get exhausted(): boolean {
    return this.#options.budget.exhausted;
  }

  /** The next bytes. */
  push(chunk: Uint8Array): void {
    this.#size += chunk.length;
    this.#pass.push(chunk);
  }

  /** Ends the view. @returns true when everything could be told. @throws whatever reading throws. */
  finish(end: ViewEnd, options: Signal): boolean | Promise<boolean> {
    this.#pass.finish();
    const placing = this.#finishPlaced(end, options);
    if (typeof placing === 'boolean' && this.#rulesToJudge().length === 0) {
      return placing;
    }
    return this.#finishJudged(placing, end, options);
  }

  async #finishJudged(placing: boolean | Promise<boolean>, end: ViewEnd, options: Signal): Promise<boolean> {
    const isPlaced = await placing;
    return (await this.#judge(end, options)) && isPlaced;
  }

  #finishPlaced({ source, isCut, executable }: ViewEnd, options: Signal): boolean | Promise<boolean> {
    if (this.over) {
      return true;
    }
    let isAsked = false;
    const isWhole = this.#pass.placed(
      (offset) => {
        const placements = placementsOf(offset, { size: this.#size, executable });
        // The headers of a cut executable are not read: where they would place a body is not known either.
        isAsked ||= placements.length > 0 || (isCut && this.#isExecutable());
        return isCut ? [] : placements;
      },
      source,
      options,
    );
    const isTold = (whole: boolean): boolean => whole && !(isCut && isAsked && !this.over);
    return typeof isWhole === 'boolean' ? isTold(isWhole) : isWhole.then(isTold);
  }

  #isExecutable(): boolean {
    return this.#options.targets.some((target) => target === 1 || target === 6 || target === 9);
  }

  async #judge(end: ViewEnd, options: Signal): Promise<boolean> {
    const { parts, allMatches, budget } = this.#options;
    const bytes = new ViewBytes(this.#size, end.source, options);
    const view = { ...parts, ...end, log: this.#log, bytes, budget };
    const numbers = this.#rulesToJudge();
    let isTold = true;
    for (const number of numbers) {
      if (budget.exhausted || (!allMatches && this.findings.length > 0)) {
        return isTold;
      }
      const rule = parts.set.rules[number]!;
      const byBodies = judgeBodies(rule, view);
      const judgement = byBodies === 'open' ? await judgeOpen(rule, number, view) : byBodies;
      isTold &&= judgement !== 'limit';
      if (judgement === 'holds') {
        this.findings.push({ threat: rule.signature.threat });
      }
    }
    // What depends on size and end cannot be told of a content that was cut.
    return isTold && !(end.isCut && numbers.length > 0 && (allMatches || this.findings.length === 0));
  }

  /** Rules of which anything was found, and those that may hold on nothing; ascending. */
  #rulesToJudge(): readonly number[] {
    const { parts, targets } = this.#options;
    const { rules, unprompted } = parts.set;
    const asked = unprompted.filter((rule) => targets.includes(rules[rule]!.signature.description.target));
    return asked.length === 0 ? this.#log.touched : [...new Set([...this.#log.touched, ...asked])].sort((a, b) => a - b);
  }
}
