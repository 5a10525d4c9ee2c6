/** Checks a rule where it enters and says what it holds for: one content, or a host with everything below a path. */
import { fromHex, toHex } from '../base/bytes.js';
import { VedetteError } from '../base/errors.js';
import type { ListRule } from './host-lists.js';

/**
 * The exact expression (`host/path?query`, canonical) of a URL in any spelling, undefined for what is no URL: step 0
 * knows URLs in this form only.
 */
export type Expression = (url: string) => string | undefined;

/** What a rule holds for, as the keys of an index. */
export type RuleTarget =
  /** Lower-case hex of the SHA-256. */
  | { readonly kind: 'hash'; readonly sha256: string }
  | { readonly kind: 'url'; readonly host: string; readonly path: string };

/** A rule that was checked: a copy of its own, and its target. */
export interface CheckedRule {
  readonly rule: ListRule;
  readonly target: RuleTarget;
}

/** Hosts that exist: letters, digits, `.`, `-`, `_`, or an IPv6 address in brackets. */
const plainHost = /^(?:[a-z0-9._-]+|\[[0-9a-f:]+\])$/;

/**
 * @throws TypeError when a field has another shape than the interface says.
 * @throws VedetteError `url-invalid` when the URL is none, or its host cannot be one (`*.example.com`: rules hold for
 * subdomains without a wildcard).
 */
export function checkRule(rule: ListRule, expression: Expression): CheckedRule {
  assertShape(rule);
  const { id, effect, sha256, url, untilAt } = rule;
  const copy: ListRule = Object.freeze({
    id,
    effect,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(url === undefined ? {} : { url }),
    ...(untilAt === undefined ? {} : { untilAt }),
  });
  return { rule: copy, target: sha256 === undefined ? urlTarget(rule, expression) : hashTarget(rule) };
}

function assertShape(rule: ListRule): void {
  if (typeof rule.id !== 'string' || rule.id === '') {
    throw new TypeError('list rule: expected an id that is a text and not empty');
  }
  if (rule.effect !== 'approved' && rule.effect !== 'blocked') {
    throw new TypeError(`list rule '${rule.id}': expected the effect approved or blocked, got '${String(rule.effect)}'`);
  }
  if ((rule.sha256 === undefined) === (rule.url === undefined)) {
    throw new TypeError(`list rule '${rule.id}': expected exactly one of sha256 and url`);
  }
  if (rule.untilAt !== undefined && !Number.isFinite(rule.untilAt)) {
    throw new TypeError(`list rule '${rule.id}': expected untilAt in epoch ms, got ${String(rule.untilAt)}`);
  }
}

function hashTarget({ id, sha256 }: ListRule): RuleTarget {
  const hash = typeof sha256 === 'string' ? fromHex(sha256) : undefined;
  if (hash?.length !== 32) {
    throw new TypeError(`list rule '${id}': expected a sha256 of 64 hex digits, got '${String(sha256)}'`);
  }
  return { kind: 'hash', sha256: toHex(hash) };
}

function urlTarget({ id, url }: ListRule, expression: Expression): RuleTarget {
  const exact = typeof url === 'string' ? expression(url) : undefined;
  const slash = exact?.indexOf('/') ?? -1;
  if (exact === undefined || slash < 0 || !plainHost.test(exact.slice(0, slash))) {
    throw new VedetteError('url-invalid', `list rule '${id}': expected a URL or host/path, got '${String(url)}'`, {
      detail: { rule: id, url: String(url) },
    });
  }
  return { kind: 'url', host: exact.slice(0, slash), path: exact.slice(slash) };
}
