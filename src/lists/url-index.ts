/**
 * Rules for parts of the web, by host: a URL is looked up from its exact expression, its host and every parent of it,
 * and for a host that has rules the path with query, the path, and every directory above. That is wider than the 30
 * expressions that leave the machine: a rule for `github.io/` or for a directory ten levels deep holds as it says, under
 * either host rule.
 */
import type { ListRule } from './host-lists.js';
import type { UrlTarget } from './list-rule.js';
import { matchesWhole } from './wildcard.js';

/** Parents longer than this are no host names (RFC 1035), and looking them up would cost a hostile URL's length each. */
const maxHostLength = 253;

interface UrlRule {
  readonly rule: ListRule;
  readonly target: UrlTarget;
}

/** The rules of one host. */
interface HostRules {
  readonly byPath: Map<string, UrlRule[]>;
  /** Length of the longest path that ever had a rule: longer directories need no look-up. */
  longest: number;
  /** Rules whose path is a pattern. */
  patterns: UrlRule[];
}

/** Rules by host and path. */
export interface UrlIndex {
  add(target: UrlTarget, rule: ListRule): void;
  remove(target: UrlTarget, rule: ListRule): void;
  /** The rules that hold for the URL, the closest host first. `port` is called only where a rule names one. */
  matching(exact: string, port: () => number | undefined): Generator<ListRule>;
}

/** An empty index. */
export function createUrlIndex(): UrlIndex {
  const byHost = new Map<string, HostRules>();

  function* matching(exact: string, port: () => number | undefined): Generator<ListRule> {
    if (byHost.size === 0) {
      return;
    }
    const slash = exact.indexOf('/');
    const path = exact.slice(slash);
    let isOwn = true;
    for (const host of hostAndParents(exact.slice(0, slash))) {
      const rules = byHost.get(host);
      for (const { rule, target } of rules === undefined ? [] : onHost(rules, path)) {
        if (meansHost(target, isOwn) && meansPort(target, rule, port)) {
          yield rule;
        }
      }
      isOwn = false;
    }
  }

  return {
    matching,
    add(target, rule) {
      const rules: HostRules = byHost.get(target.host) ?? { byPath: new Map(), longest: 0, patterns: [] };
      byHost.set(target.host, rules);
      if (target.pieces !== undefined) {
        rules.patterns.push({ rule, target });
        return;
      }
      rules.longest = Math.max(rules.longest, target.path.length);
      const known = rules.byPath.get(target.path);
      if (known === undefined) {
        rules.byPath.set(target.path, [{ rule, target }]);
      } else {
        known.push({ rule, target });
      }
    },
    remove(target, rule) {
      const rules = byHost.get(target.host);
      if (rules === undefined) {
        return;
      }
      const others = (some: readonly UrlRule[]): UrlRule[] => some.filter((one) => one.rule.id !== rule.id);
      if (target.pieces !== undefined) {
        rules.patterns = others(rules.patterns);
      } else {
        const kept = others(rules.byPath.get(target.path) ?? []);
        if (kept.length === 0) {
          rules.byPath.delete(target.path);
        } else {
          rules.byPath.set(target.path, kept);
        }
      }
      if (rules.byPath.size === 0 && rules.patterns.length === 0) {
        byHost.delete(target.host);
      }
    },
  };
}

function meansHost({ hosts }: UrlTarget, isOwn: boolean): boolean {
  return hosts === 'all' || (hosts === 'exact') === isOwn;
}

/** Where nobody knows the port, a block is not to be got around, nor an approval to be had, by that. */
function meansPort(target: UrlTarget, rule: ListRule, port: () => number | undefined): boolean {
  if (target.port === undefined) {
    return true;
  }
  const actual = port();
  return actual === undefined ? rule.effect === 'blocked' : actual === target.port;
}

function* onHost(rules: HostRules, path: string): Generator<UrlRule> {
  if (rules.byPath.size > 0) {
    for (const prefix of pathAndDirectories(path, rules.longest)) {
      yield* rules.byPath.get(prefix) ?? [];
    }
  }
  const mark = path.indexOf('?');
  const bare = mark < 0 ? path : path.slice(0, mark);
  for (const one of rules.patterns) {
    const pieces = one.target.pieces ?? [];
    if (matchesWhole(pieces, path) || (mark >= 0 && matchesWhole(pieces, bare))) {
      yield one;
    }
  }
}

/** `a.b.c`, `b.c`, `c`. No rule has part of an address as its host, so addresses need no exception. */
function* hostAndParents(host: string): Generator<string> {
  yield host;
  const from = Math.max(0, host.length - maxHostLength - 1);
  for (let dot = host.indexOf('.', from); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    yield host.slice(dot + 1);
  }
}

/** `/a/b?q`, `/a/b`, `/a/`, `/`, each once. */
function* pathAndDirectories(path: string, longest: number): Generator<string> {
  const mark = path.indexOf('?');
  const bare = mark < 0 ? path : path.slice(0, mark);
  if (mark >= 0 && path.length <= longest) {
    yield path;
  }
  if (bare.length <= longest) {
    yield bare;
  }
  for (let end = Math.min(bare.length - 1, longest); end > 0; end--) {
    end = bare.lastIndexOf('/', end - 1) + 1;
    if (end > 0) {
      yield bare.slice(0, end);
    }
  }
}
