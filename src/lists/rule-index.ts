/** The rules of one list by what they hold for, so that a judgement costs a few look-ups however many rules there are. */
import { toHex } from '../base/bytes.js';
import type { ListJudgement, ListKey, ListRule } from './host-lists.js';
import { createKeywordIndex } from './keyword-index.js';
import type { CheckedRule, PortOf, RuleTarget } from './list-rule.js';
import { createUrlIndex } from './url-index.js';

/** Rules by target. */
export interface RuleIndex {
  /** Rules with a regular expression: each costs a pass over every URL that nothing else decides. */
  readonly regexes: number;
  /** Rules for URLs of any kind: with none, nobody has to ask about a URL. */
  readonly urlRules: number;
  /** Rules for files and digests. */
  readonly hashRules: number;
  add(checked: CheckedRule): void;
  remove(checked: CheckedRule): void;
  /**
   * Approved beats blocked; of several with one effect, hashes come first, then the closest host and longest path, then
   * keywords, then expressions.
   */
  judge(key: ListKey, now: number): ListJudgement | undefined;
}

/** What a judgement is about. */
interface Asked {
  readonly sha256: string | undefined;
  /** The exact expression. */
  readonly exact: string | undefined;
  readonly canonical: string;
  readonly port: () => number | undefined;
  /** The rule has not ended. */
  readonly holds: (rule: ListRule) => boolean;
}

/** The rules of one kind of target. */
type Part = Pick<RuleIndex, 'add' | 'remove'> & { matching(asked: Asked): Iterable<ListRule> };

/** An empty index. `port` tells which port a URL leads to. */
export function createRuleIndex(port?: PortOf): RuleIndex {
  const regexes = new Map<string, { readonly rule: ListRule; readonly test: (text: string) => boolean }>();
  const parts: Readonly<Record<RuleTarget['kind'], Part>> = {
    hash: createHashes(),
    url: createUrls(),
    keyword: createKeywords(),
    regex: createRegexes(regexes),
  };
  let urlRules = 0;
  let hashRules = 0;
  return {
    get regexes() {
      return regexes.size;
    },
    get urlRules() {
      return urlRules;
    },
    get hashRules() {
      return hashRules;
    },
    add(checked) {
      parts[checked.target.kind].add(checked);
      urlRules += checked.target.kind === 'hash' ? 0 : 1;
      hashRules += checked.target.kind === 'hash' ? 1 : 0;
    },
    remove(checked) {
      parts[checked.target.kind].remove(checked);
      urlRules -= checked.target.kind === 'hash' ? 0 : 1;
      hashRules -= checked.target.kind === 'hash' ? 1 : 0;
    },
    judge(key, now) {
      const exact = key.expressions?.[0];
      // Most lists have no rules for files, and most files are judged thousands at a time.
      if (exact === undefined && key.canonical === undefined && hashRules === 0) {
        return undefined;
      }
      const asked: Asked = {
        sha256: key.sha256 === undefined ? undefined : toHex(key.sha256),
        exact,
        canonical: key.canonical ?? exact ?? '',
        port: once(() => (key.url === undefined ? undefined : port?.(key.url)?.port)),
        holds: (rule) => rule.untilAt === undefined || now < rule.untilAt,
      };
      return strongest(Object.values(parts), asked);
    },
  };
}

function strongest(parts: readonly Part[], asked: Asked): ListJudgement | undefined {
  let blocked: ListJudgement | undefined;
  for (const part of parts) {
    for (const rule of part.matching(asked)) {
      if (asked.holds(rule)) {
        if (rule.effect === 'approved') {
          return { effect: 'approved', rule: rule.id };
        }
        blocked ??= { effect: 'blocked', rule: rule.id };
      }
    }
  }
  return blocked;
}

function createHashes(): Part {
  const byHash = new Map<string, ListRule[]>();
  const keyOf = ({ target }: CheckedRule): string => (target.kind === 'hash' ? target.sha256 : '');
  return {
    add: (checked) => void byHash.set(keyOf(checked), [...(byHash.get(keyOf(checked)) ?? []), checked.rule]),
    remove(checked) {
      const kept = (byHash.get(keyOf(checked)) ?? []).filter((one) => one.id !== checked.rule.id);
      if (kept.length === 0) {
        byHash.delete(keyOf(checked));
      } else {
        byHash.set(keyOf(checked), kept);
      }
    },
    matching: ({ sha256 }) => (sha256 === undefined ? undefined : byHash.get(sha256)) ?? [],
  };
}

function createUrls(): Part {
  const index = createUrlIndex();
  return {
    add: ({ target, rule }) => (target.kind === 'url' ? index.add(target, rule) : undefined),
    remove: ({ target, rule }) => (target.kind === 'url' ? index.remove(target, rule) : undefined),
    matching: ({ exact, port }) => (exact === undefined ? [] : index.matching(exact, port)),
  };
}

function createKeywords(): Part {
  const index = createKeywordIndex();
  return {
    add: ({ target, rule }) => (target.kind === 'keyword' ? index.add(target.pieces, rule) : undefined),
    remove: ({ target, rule }) => (target.kind === 'keyword' ? index.remove(target.pieces, rule) : undefined),
    matching: ({ canonical }) => (index.size === 0 ? [] : index.matching(canonical)),
  };
}

function createRegexes(regexes: Map<string, { readonly rule: ListRule; readonly test: (text: string) => boolean }>): Part {
  return {
    add({ target, rule }) {
      if (target.kind === 'regex') {
        regexes.set(rule.id, { rule, test: target.test });
      }
    },
    remove: ({ rule }) => void regexes.delete(rule.id),
    *matching({ canonical, holds }) {
      for (const { rule, test } of canonical === '' ? [] : regexes.values()) {
        // An expression that has ended is not worth its pass over the URL.
        if (holds(rule) && test(canonical)) {
          yield rule;
        }
      }
    },
  };
}

function once<T>(work: () => T): () => T {
  let done: { readonly value: T } | undefined;
  return () => {
    done ??= { value: work() };
    return done.value;
  };
}
