/**
 * The words for what was found out about a subject (verdict) and for what follows from it (decision).
 * They are apart on purpose: a verdict states facts, a policy turns it into a decision.
 */
import type { Json } from './seams.js';
import type { WebClass } from './web-reputation.js';

/** What a subject is held to be. `unknown` always carries a reason and is never a polite form of clean. */
export type Disposition = 'malicious' | 'suspicious' | 'clean' | 'unknown';

/** What the host does with the request, now. */
export type Access = 'allow' | 'warn' | 'hold' | 'block';

/** What an `ActionHandler` does to the object. */
export type Remedy = 'none' | 'quarantine' | 'delete' | 'rename';

/** What follows from a verdict. */
export interface Decision {
  readonly access: Access;
  readonly remedy: Remedy;
  /** Tried when the first remedy turns out to be unable. */
  readonly second?: Remedy;
}

/** Every reason, once: the type, the configuration and whoever lists them take them from here. */
export const reasons = [
  'unreachable',
  'throttled',
  'bad-answer',
  'server-behind',
  'pattern-expired',
  'no-pattern',
  'not-asked',
  'deadline',
  'overloaded',
  'limit',
  'budget',
  'encrypted',
  'unsupported',
  'unreadable',
  'changed',
  'gone',
  'no-content',
  'untested',
  'pending-full',
  'internal',
] as const;

/** Why a verdict is unknown, or why it was reached with less than everything. */
export type Reason = (typeof reasons)[number];

/** Generation numbers of the components that a verdict rests on; a component that is not there has no number. */
export interface Generations {
  readonly agent?: number;
  readonly filter?: number;
  readonly server?: number;
  readonly lists?: number;
  /** Of the site's action table. */
  readonly actions?: number;
}

/** A named threat. `type` is the family of threat (`trojan`, `exploit`, `phishing`, …), `unclassified` if not known. */
export interface Threat {
  readonly name: string;
  readonly type: string;
  readonly detail?: Json;
}

/** Which layer of the story gave the answer. */
export type VerdictSource = 'list' | 'scan' | 'filter' | 'cache' | 'query' | 'none';

/** What is known about a subject. */
export interface Verdict {
  readonly disposition: Disposition;
  /** Sorted by name, unique by name; empty unless malicious or suspicious. */
  readonly threats: readonly Threat[];
  readonly source: VerdictSource;
  /** Which list rule, source or server it was, where there is one to name. */
  readonly by?: string;
  /** Always there when unknown; beside a find it says why the search for more was cut short. */
  readonly reason?: Reason;
  /** Web reputation, 0 (worst) to 100, only when a source rated the subject. */
  readonly score?: number;
  /** What the rating amounts to. Absent where a threat list spoke: it beats every rating, and `score` only informs. */
  readonly class?: WebClass;
  /** What a source files the URL under (`gambling`, `newly-registered`), sorted and unique; absent where none says. */
  readonly categories?: readonly string[];
  /** The expression (`host/path`) of a URL that the verdict rests on: what was listed or rated. */
  readonly expression?: string;
  /** Instant (epoch ms) after which the verdict is to be asked for again, where an answer set one. */
  readonly expiresAt?: number;
  readonly generations: Generations;
}

const severity: Readonly<Record<Disposition, number>> = { malicious: 3, suspicious: 2, unknown: 1, clean: 0 };

/** Orders dispositions by DESIGN rule 2: malicious > suspicious > unknown > clean. Positive when `a` is the worse. */
export function compareDispositions(a: Disposition, b: Disposition): number {
  return severity[a] - severity[b];
}

const pendingReasons: ReadonlySet<Reason> = new Set<Reason>([
  'unreachable',
  'throttled',
  'bad-answer',
  'server-behind',
  'pattern-expired',
  'deadline',
]);

/** True for the reasons that a server can settle later: only those are worth a pending entry (DESIGN rule 2). */
export function isPendingReason(reason: Reason): boolean {
  return pendingReasons.has(reason);
}

/** Threats sorted by name, each name once (the first one given wins). */
export function uniqueThreats(threats: Iterable<Threat>): Threat[] {
  const byName = new Map<string, Threat>();
  for (const threat of threats) {
    if (!byName.has(threat.name)) {
      byName.set(threat.name, threat);
    }
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}
