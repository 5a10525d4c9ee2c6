/** Checks a rule where it enters and says what it holds for: a content, a part of the web, or a text in URLs. */
import { fromHex, toHex } from '../base/bytes.js';
import { describeError, VedetteError } from '../base/errors.js';
import type { Json } from '../base/seams.js';
import type { ListRule } from './host-lists.js';
import { keywordPieces } from './keyword-index.js';
import { piecesOf } from './wildcard.js';

/**
 * The exact expression (`host/path?query`, canonical) of a URL in any spelling, undefined for what is no URL: step 0
 * knows URLs in this form only.
 */
export type Expression = (url: string) => string | undefined;

/** The port that a URL in any spelling leads to, and whether it names it; undefined where neither it nor its scheme tells. */
export type PortOf = (url: string) => { readonly port: number; readonly named: boolean } | undefined;

/** A test for a regular expression, in time linear in the text. Throws for an expression that is none. */
export type CompileRegex = (source: string) => (text: string) => boolean;

/** What rules are read with. Without `port` rules that name one are refused, without `compileRegex` expressions are. */
export interface RuleReader {
  readonly expression: Expression;
  readonly port?: PortOf | undefined;
  readonly compileRegex?: CompileRegex | undefined;
}

/** A host, and which ports and paths on it are meant. */
export interface UrlTarget {
  readonly kind: 'url';
  readonly host: string;
  readonly hosts: 'all' | 'exact' | 'subdomains';
  /** Absent for all. */
  readonly port?: number;
  /** A path or directory; with pieces, a pattern. */
  readonly path: string;
  readonly pieces?: readonly string[];
}

/** What a rule holds for, as the keys of an index. */
export type RuleTarget =
  /** Lower-case hex of the SHA-256. */
  | { readonly kind: 'hash'; readonly sha256: string }
  | UrlTarget
  | { readonly kind: 'keyword'; readonly pieces: readonly string[] }
  | { readonly kind: 'regex'; readonly test: (text: string) => boolean };

/** A rule that was checked: a copy of its own, and its target. */
export interface CheckedRule {
  readonly rule: ListRule;
  readonly target: RuleTarget;
}

/** Hosts that exist: letters, digits, `.`, `-`, `_`, or an IPv6 address in brackets. */
const plainHost = /^(?:[a-z0-9._-]+|\[[0-9a-f:]+\])$/;

/** Longest path pattern and longest expression, in characters. */
const maxPatternLength = 1024;
const maxRegexLength = 1000;

/**
 * @throws TypeError when a field has another shape than the interface says.
 * @throws VedetteError `url-invalid` when the URL is none, or its host cannot be one; `config-invalid` for a keyword or
 * an expression that cannot be used; `unsupported` for an expression, or a port, that nobody here can read.
 */
export function checkRule(rule: ListRule, reader: RuleReader): CheckedRule {
  assertShape(rule);
  const { id, effect, untilAt } = rule;
  const copy: ListRule = Object.freeze({
    id,
    effect,
    ...subjectOf(rule),
    ...(rule.exactHost === true ? { exactHost: true } : {}),
    ...(untilAt === undefined ? {} : { untilAt }),
  });
  return { rule: copy, target: targetOf(rule, reader) };
}

const subjects = ['sha256', 'url', 'keyword', 'regex'] as const;

function subjectOf(rule: ListRule): Pick<ListRule, (typeof subjects)[number]> {
  const given = subjects.find((one) => rule[one] !== undefined);
  return given === undefined ? {} : { [given]: rule[given] };
}

function assertShape(rule: ListRule): void {
  if (typeof rule.id !== 'string' || rule.id === '') {
    throw new TypeError('list rule: expected an id that is a text and not empty');
  }
  if (rule.effect !== 'approved' && rule.effect !== 'blocked') {
    throw new TypeError(`list rule '${rule.id}': expected the effect approved or blocked, got '${String(rule.effect)}'`);
  }
  if (subjects.filter((one) => rule[one] !== undefined).length !== 1) {
    throw new TypeError(`list rule '${rule.id}': expected exactly one of ${subjects.join(', ')}`);
  }
  if (rule.untilAt !== undefined && !Number.isFinite(rule.untilAt)) {
    throw new TypeError(`list rule '${rule.id}': expected untilAt in epoch ms, got ${String(rule.untilAt)}`);
  }
  if (rule.exactHost === true && rule.url === undefined) {
    throw new TypeError(`list rule '${rule.id}': exactHost is for rules with a url`);
  }
}

function targetOf(rule: ListRule, reader: RuleReader): RuleTarget {
  if (rule.sha256 !== undefined) {
    return hashTarget(rule);
  }
  if (rule.keyword !== undefined) {
    return keywordTarget(rule);
  }
  return rule.regex === undefined ? urlTarget(rule, reader) : regexTarget(rule, reader);
}

function hashTarget({ id, sha256 }: ListRule): RuleTarget {
  const hash = typeof sha256 === 'string' ? fromHex(sha256) : undefined;
  if (hash?.length !== 32) {
    throw new TypeError(`list rule '${id}': expected a sha256 of 64 hex digits, got '${String(sha256)}'`);
  }
  return { kind: 'hash', sha256: toHex(hash) };
}

function urlTarget(rule: ListRule, reader: RuleReader): RuleTarget {
  const { id, url } = rule;
  const exact = typeof url === 'string' ? reader.expression(url) : undefined;
  const slash = exact?.indexOf('/') ?? -1;
  const named = exact?.slice(0, slash) ?? '';
  const isWild = named.startsWith('*.');
  const host = isWild ? named.slice(2) : named;
  if (exact === undefined || slash < 0 || !plainHost.test(host) || (isWild && !/[a-z]/.test(host))) {
    throw invalid('url-invalid', rule, `expected a URL, host/path or *.host/path, got '${String(url)}'`);
  }
  if (isWild && rule.exactHost === true) {
    throw new TypeError(`list rule '${id}': a host with *. is not an exact one`);
  }
  const path = exact.slice(slash);
  const port = namedPort(rule, reader);
  return {
    kind: 'url',
    host,
    hosts: isWild ? 'subdomains' : rule.exactHost === true ? 'exact' : 'all',
    path,
    ...(port === undefined ? {} : { port }),
    ...(path.includes('*') ? { pieces: pathPieces(rule, path) } : {}),
  };
}

function namedPort(rule: ListRule, reader: RuleReader): number | undefined {
  const found = reader.port?.(rule.url ?? '');
  return found?.named === true ? found.port : undefined;
}

/** A directory pattern holds for what lies below, as a directory does. */
function pathPieces(rule: ListRule, path: string): readonly string[] {
  if (path.length > maxPatternLength) {
    throw invalid('url-invalid', rule, `expected a path pattern of at most ${maxPatternLength} characters, got ${path.length}`);
  }
  return piecesOf(path.endsWith('/') ? `${path}*` : path);
}

function keywordTarget(rule: ListRule): RuleTarget {
  const pieces = typeof rule.keyword === 'string' ? keywordPieces(rule.keyword) : undefined;
  if (pieces === undefined) {
    throw invalid('config-invalid', rule, 'expected a keyword of at most 256 characters, 3 of them in a row without *');
  }
  return { kind: 'keyword', pieces };
}

function regexTarget(rule: ListRule, { compileRegex }: RuleReader): RuleTarget {
  const { regex } = rule;
  if (typeof regex !== 'string' || regex === '' || regex.length > maxRegexLength) {
    throw invalid('config-invalid', rule, `expected a regular expression of 1 to ${maxRegexLength} characters`);
  }
  if (compileRegex === undefined) {
    throw invalid('unsupported', rule, 'regular expressions need lists that were given compileRegex');
  }
  try {
    return { kind: 'regex', test: compileRegex(regex) };
  } catch (error) {
    throw invalid('config-invalid', rule, `expected a regular expression: ${describeError(error)}`);
  }
}

function invalid(code: 'url-invalid' | 'config-invalid' | 'unsupported', rule: ListRule, message: string): VedetteError {
  const detail: Json = { rule: rule.id, ...(rule.url === undefined ? {} : { url: String(rule.url) }) };
  return new VedetteError(code, `list rule '${rule.id}': ${message}`, { detail });
}
