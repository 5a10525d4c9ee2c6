/**
 * What one pass over one view of a content has found: names of byte signatures, and how often and where the parts of
 * logical signatures stand. The body search reports here.
 */
import type { Threat } from '../../../base/verdict.js';
import type { BodySink } from '../../body-search.js';
import type { WorkBudget } from '../../stream/work-budget.js';
import type { RuleSet } from '../rule-set.js';

/** Matches of a body of a logical signature. */
export interface BodyMatches {
  /** At most one more than matters. */
  readonly count: number;
  /** Of the match that ends last: its first byte, where that is known, and the position after its last byte. */
  readonly at: number | undefined;
  readonly end: number;
  /** First bytes of all matches, where places matter; unknown ones are left out. */
  readonly starts: readonly number[];
}

/** What a log is told. */
export interface MatchLogOptions {
  readonly set: RuleSet;
  /** Target types that the view is searched for. */
  readonly targets: readonly number[];
  readonly budget: WorkBudget;
  readonly allMatches: boolean;
  /** A byte signature was found. */
  found(threat: Threat, at: number | undefined): void;
}

interface Mutable {
  count: number;
  at: number | undefined;
  end: number;
  readonly starts: number[];
}

/** Places that one scan remembers for macros and byte comparisons. */
const maxPlaces = 65_536;

const nothing: readonly number[] = [];

/** The log of a pass. */
export class MatchLog implements BodySink {
  readonly #options: MatchLogOptions;
  #found: Set<number> | undefined;
  /** Of parts of rules: made with the first match, for most contents have none. */
  #matches: Map<number, Mutable> | undefined;
  #touched: Set<number> | undefined;
  #macros: Map<string, number[]> | undefined;
  #places = 0;

  constructor(options: MatchLogOptions) {
    this.#options = options;
  }

  get over(): boolean {
    return !this.#options.allMatches && this.#found !== undefined;
  }

  /** Rules of which a part was found; ascending. */
  get touched(): readonly number[] {
    return this.#touched === undefined ? nothing : [...this.#touched].sort((a, b) => a - b);
  }

  /** What was found of a body; undefined: nothing. */
  matchesOf(body: number): BodyMatches | undefined {
    return this.#matches?.get(body);
  }

  /** Where bodies of a macro group begin, for signatures of this target; not sorted. */
  macroStarts(group: number, target: number): readonly number[] {
    return this.#macros?.get(`${target}/${group}`) ?? nothing;
  }

  isDone(body: number): boolean {
    const { set, targets } = this.#options;
    if (body < set.signatures) {
      return this.#found?.has(body) === true || !targets.includes(set.targetOf(body));
    }
    const role = set.roleOf(body);
    if (!targets.includes(set.targetOf(body))) {
      return true;
    }
    if (role.kind !== 'part') {
      return false;
    }
    const { maxCount, placed } = set.rules[role.rule]!;
    return (this.#matches?.get(body)?.count ?? 0) >= maxCount && !placed.has(role.part);
  }

  hit(body: number, at: number | undefined, end: number): void {
    const { set } = this.#options;
    if (body < set.signatures) {
      this.#found ??= new Set();
      if (!this.#found.has(body)) {
        this.#found.add(body);
        this.#options.found(set.threatOf(body), at);
      }
      return;
    }
    const role = set.roleOf(body);
    if (role.kind === 'part') {
      (this.#touched ??= new Set()).add(role.rule);
      this.#count(body, { at, end, isPlaced: set.rules[role.rule]!.placed.has(role.part) });
    } else if (role.kind === 'macro') {
      this.#remember(this.#macroList(role.macro.target, role.macro.group), at);
    }
  }

  #count(body: number, match: { readonly at: number | undefined; readonly end: number; readonly isPlaced: boolean }): void {
    this.#matches ??= new Map();
    const known = this.#matches.get(body) ?? { count: 0, at: undefined, end: -1, starts: [] };
    this.#matches.set(body, known);
    known.count++;
    if (match.end > known.end) {
      known.end = match.end;
      known.at = match.at;
    }
    if (match.isPlaced) {
      this.#remember(known.starts, match.at);
    }
  }

  #macroList(target: number, group: number): number[] {
    const key = `${target}/${group}`;
    this.#macros ??= new Map();
    const list = this.#macros.get(key) ?? [];
    this.#macros.set(key, list);
    return list;
  }

  #remember(list: number[], at: number | undefined): void {
    if (at === undefined) {
      return;
    }
    if (++this.#places > maxPlaces) {
      this.#options.budget.exhaust();
      return;
    }
    list.push(at);
  }
}
