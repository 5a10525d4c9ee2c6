/**
 * Step 0: what the host itself approved or blocked. Approved beats blocked, and both beat everything after them;
 * a listed URL is never asked about.
 */

/** One rule. Exactly one of `sha256` and `url` is given. */
export interface ListRule {
  /** Chosen by the host; adding a rule with an id that is there replaces it. */
  readonly id: string;
  readonly effect: 'approved' | 'blocked';
  /** 64 hex digits. */
  readonly sha256?: string;
  /** A URL or `host/path`: holds for this host and its subdomains, this path or what lies under it if it ends in `/`. */
  readonly url?: string;
  /** Instant (epoch ms) from which the rule no longer holds. */
  readonly untilAt?: number;
}

/** What the lists are asked about. */
export interface ListKey {
  readonly sha256?: Uint8Array;
  /** The expressions of a canonical URL, the exact one first: rules are matched against all that this one stands under. */
  readonly expressions?: readonly string[];
}

/** What a list says: the effect and the id of the rule that it rests on. */
export interface ListJudgement {
  readonly effect: ListRule['effect'];
  readonly rule: string;
}

/** Approved and blocked subjects of one host or tenant. `judge` is synchronous and cheap: it is asked for every check. */
export interface HostLists {
  judge(key: ListKey): ListJudgement | undefined;
  /** @throws TypeError for a rule without, or with both, `sha256` and `url`; VedetteError `url-invalid` for a bad URL. */
  add(rule: ListRule): Promise<void>;
  /** Removing what is not there is no error. */
  remove(id: string): Promise<void>;
  entries(): AsyncIterable<ListRule>;
}
