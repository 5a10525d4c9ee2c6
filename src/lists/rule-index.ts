/**
 * The rules of one list by what they hold for, so that a judgement costs a few look-ups however many rules there are.
 *
 * A URL is looked up from its exact expression: its host and every parent of it, and for a host that has rules the
 * path with query, the path, and every directory above. That is wider than the 30 expressions that leave the machine:
 * a rule for `github.io/` or for a directory ten levels deep holds as it says, under either host rule.
 */
import { toHex } from '../base/bytes.js';
import type { ListJudgement, ListKey, ListRule } from './host-lists.js';
import type { CheckedRule } from './list-rule.js';

/** Parents longer than this are no host names (RFC 1035), and looking them up would cost a hostile URL's length each. */
const maxHostLength = 253;

/** The rules of one host. */
interface HostRules {
  readonly byPath: Map<string, ListRule[]>;
  /** Length of the longest path that ever had a rule: longer directories need no look-up. */
  longest: number;
}

/** Rules by target. */
export interface RuleIndex {
  add(checked: CheckedRule): void;
  remove(checked: CheckedRule): void;
  /** Approved beats blocked; of several with one effect, hashes come first, then the closest host and longest path. */
  judge(key: ListKey, now: number): ListJudgement | undefined;
}

/** An empty index. */
export function createRuleIndex(): RuleIndex {
  const byHash = new Map<string, ListRule[]>();
  const byHost = new Map<string, HostRules>();
  return {
    add({ rule, target }) {
      if (target.kind === 'hash') {
        append(byHash, target.sha256, rule);
        return;
      }
      const rules: HostRules = byHost.get(target.host) ?? { byPath: new Map(), longest: 0 };
      rules.longest = Math.max(rules.longest, target.path.length);
      append(rules.byPath, target.path, rule);
      byHost.set(target.host, rules);
    },
    remove({ rule, target }) {
      if (target.kind === 'hash') {
        drop(byHash, target.sha256, rule);
        return;
      }
      const rules = byHost.get(target.host);
      if (rules !== undefined) {
        drop(rules.byPath, target.path, rule);
        if (rules.byPath.size === 0) {
          byHost.delete(target.host);
        }
      }
    },
    judge: (key, now) => strongest(matching(key, byHash, byHost), now),
  };
}

/** All rules that speak about the key, the closest first. */
function* matching(
  key: ListKey,
  byHash: ReadonlyMap<string, ListRule[]>,
  byHost: ReadonlyMap<string, HostRules>,
): Generator<ListRule> {
  if (key.sha256 !== undefined && byHash.size > 0) {
    yield* byHash.get(toHex(key.sha256)) ?? [];
  }
  const exact = key.expressions?.[0];
  if (exact === undefined || byHost.size === 0) {
    return;
  }
  const slash = exact.indexOf('/');
  const path = exact.slice(slash);
  for (const host of hostAndParents(exact.slice(0, slash))) {
    const rules = byHost.get(host);
    if (rules !== undefined) {
      for (const prefix of pathAndDirectories(path, rules.longest)) {
        yield* rules.byPath.get(prefix) ?? [];
      }
    }
  }
}

function strongest(rules: Iterable<ListRule>, now: number): ListJudgement | undefined {
  let blocked: ListJudgement | undefined;
  for (const rule of rules) {
    if (rule.untilAt !== undefined && now >= rule.untilAt) {
      continue;
    }
    if (rule.effect === 'approved') {
      return { effect: 'approved', rule: rule.id };
    }
    blocked ??= { effect: 'blocked', rule: rule.id };
  }
  return blocked;
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

function append(rules: Map<string, ListRule[]>, key: string, rule: ListRule): void {
  const known = rules.get(key);
  if (known === undefined) {
    rules.set(key, [rule]);
  } else {
    known.push(rule);
  }
}

function drop(rules: Map<string, ListRule[]>, key: string, rule: ListRule): void {
  const kept = (rules.get(key) ?? []).filter((one) => one.id !== rule.id);
  if (kept.length === 0) {
    rules.delete(key);
  } else {
    rules.set(key, kept);
  }
}
