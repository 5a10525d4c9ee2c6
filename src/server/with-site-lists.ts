/**
 * A site's own rules in the answers of its server: what the site blocked is listed, what it approved is said to be clean,
 * whatever the server pattern says. Rules by keyword and expression stay with the agents: a server sees four bytes.
 */
import { compareBytes, equalBytes } from '../base/bytes.js';
import type { AnswerRecord, FingerprintKind } from '../base/fingerprint.js';
import type { Clock } from '../base/seams.js';
import { prefixNumber } from '../pattern/hashes/hash-groups.js';
import type { ReputationStore } from './reputation-store.js';

/** A rule about one SHA-256: of a file, or of a URL expression. */
export interface SiteRule {
  readonly kind: FingerprintKind;
  readonly hash: Uint8Array;
  readonly effect: 'approved' | 'blocked';
  /** Epoch ms from which it no longer holds. */
  readonly untilAt?: number | undefined;
}

/** The name under which a blocked subject is listed. */
export const siteThreat = { name: 'Site.Blocked', type: 'site-list' } as const;

/**
 * The same store with the rules in its answers. An approval beats a block. Rules that change while the server runs are given as a
 * function; the same list from it is not read again.
 */
export function withSiteLists(store: ReputationStore, rules: readonly SiteRule[] | (() => readonly SiteRule[]), clock: Pick<Clock, 'now'>): ReputationStore {
  const current = typeof rules === 'function' ? rules : (): readonly SiteRule[] => rules;
  let indexed = { rules: current(), byPrefix: byPrefixOf(current()) };
  const inForce = (): ReadonlyMap<string, readonly SiteRule[]> => {
    const now = current();
    indexed = indexed.rules === now ? indexed : { rules: now, byPrefix: byPrefixOf(now) };
    return indexed.byPrefix;
  };
  const applied = (kind: FingerprintKind, prefix: Uint8Array, records: readonly AnswerRecord[]): readonly AnswerRecord[] => {
    const now = clock.now();
    const holding = inForce().get(keyOf(kind, prefix))?.filter((rule) => rule.untilAt === undefined || now < rule.untilAt) ?? [];
    return holding.length === 0 ? records : withRules(records, holding);
  };
  return {
    get generation() {
      return store.generation;
    },
    get entries() {
      return store.entries;
    },
    lookup(kind, algorithm, prefixes) {
      const found = store.lookup(kind, algorithm, prefixes);
      if (algorithm !== 'sha256') {
        return found;
      }
      const apply = (lists: readonly (readonly AnswerRecord[])[]): (readonly AnswerRecord[])[] => lists.map((records, i) => applied(kind, prefixes[i]!, records));
      return found instanceof Promise ? found.then(apply) : apply(found);
    },
  };
}

function byPrefixOf(rules: readonly SiteRule[]): ReadonlyMap<string, readonly SiteRule[]> {
  const byPrefix = new Map<string, SiteRule[]>();
  for (const rule of rules) {
    const key = keyOf(rule.kind, rule.hash);
    const before = byPrefix.get(key);
    if (before === undefined) {
      byPrefix.set(key, [rule]);
    } else {
      before.push(rule);
    }
  }
  return byPrefix;
}

function withRules(records: readonly AnswerRecord[], rules: readonly SiteRule[]): readonly AnswerRecord[] {
  const others = records.filter((record) => !rules.some((rule) => equalBytes(rule.hash, record.hash)));
  const own = rules
    .filter((rule, i) => rules.findIndex((one) => equalBytes(one.hash, rule.hash)) === i)
    .map(({ hash }): AnswerRecord => {
      const isApproved = rules.some((one) => one.effect === 'approved' && equalBytes(one.hash, hash));
      return isApproved ? { hash, disposition: 'clean', threats: [] } : { hash, disposition: 'malicious', threats: [siteThreat] };
    });
  return [...others, ...own].sort((a, b) => compareBytes(a.hash, b.hash));
}

function keyOf(kind: FingerprintKind, hash: Uint8Array): string {
  return `${kind} ${prefixNumber(hash)}`;
}
