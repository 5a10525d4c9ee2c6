/**
 * Step 0: what the host itself approved or blocked. Approved beats blocked, and both beat everything after them;
 * a listed URL is never asked about.
 */

/** One rule. Exactly one of `sha256`, `url`, `keyword` and `regex` is given. */
export interface ListRule {
  /** Chosen by the host; adding a rule with an id that is there replaces it. */
  readonly id: string;
  readonly effect: 'approved' | 'blocked';
  /** 64 hex digits. */
  readonly sha256?: string;
  /**
   * A URL or `host/path`: holds for this host and its subdomains, this path or what lies under it if it ends in `/`,
   * whatever the scheme. `*.example.com/` holds for the subdomains alone; a port that is named (`example.com:8443/`) is
   * the only one meant; `*` in the path (`example.com/get/*.exe`) stands for any characters, up to 1024 in all.
   */
  readonly url?: string;
  /** With `url`: its subdomains are not meant. */
  readonly exactHost?: boolean;
  /**
   * A text that occurs in the canonical URL, in upper or lower case; `*` in it stands for any characters. 3 to 256
   * characters, 3 of them in a row without `*`.
   */
  readonly keyword?: string;
  /**
   * A regular expression that matches somewhere in the canonical URL (`scheme://host/path?query`), in the syntax of
   * whatever `compileRegex` the lists were given; without one such rules are refused. Up to 1000 characters.
   */
  readonly regex?: string;
  /** Instant (epoch ms) from which the rule no longer holds. */
  readonly untilAt?: number;
}

/** What the lists are asked about. */
export interface ListKey {
  readonly sha256?: Uint8Array;
  /** The expressions of a canonical URL, the exact one first: rules are matched against all that this one stands under. */
  readonly expressions?: readonly string[];
  /** The canonical URL, for rules by keyword and regular expression; without it they see the exact expression. */
  readonly canonical?: string;
  /** The URL as it was given, for rules that name a port: without it blocked ones hold for every port, approved for none. */
  readonly url?: string;
}

/** What a list says: the effect and the id of the rule that it rests on. */
export interface ListJudgement {
  readonly effect: ListRule['effect'];
  readonly rule: string;
}

/** Approved and blocked subjects of one host or tenant. `judge` is synchronous and cheap: it is asked for every check. */
export interface HostLists {
  judge(key: ListKey): ListJudgement | undefined;
  /** False: there is no rule for URLs now, so nobody has to ask. Absent where that is not known. */
  hasUrlRules?(): boolean;
  /** The same of rules for files and digests. */
  hasFileRules?(): boolean;
  /**
   * @throws TypeError for a rule without, or with more than one of, `sha256`, `url`, `keyword` and `regex`; VedetteError
   * `url-invalid` for a bad URL, `config-invalid` for a bad keyword or expression, `unsupported` for an expression that
   * nobody here can compile.
   */
  add(rule: ListRule): Promise<void>;
  /** Removing what is not there is no error. */
  remove(id: string): Promise<void>;
  entries(): AsyncIterable<ListRule>;
}
