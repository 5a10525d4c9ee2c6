/**
 * All that an agent pattern looks for in contents, as bodies with numbers: first the byte signatures, then the bodies of
 * logical signatures, then those that only macros name. Whoever hears of a match asks here what the body stands for.
 */
import type { StoredAnchors } from '../../pattern/anchors/stored-anchors.js';
import type { Threat } from '../../base/verdict.js';
import type { ByteSignature, LogicalExpression, LogicalSignature, MacroBody, SignatureBody } from '../../pattern/signature.js';
import type { SurveyedSignature } from '../../pattern/signatures/signature-walk.js';
import type { BodyList, SearchedBody } from '../body-search.js';
import { costOf, largestCount, mayHold } from './expressions/expression.js';
import { createRecall } from './expressions/recall.js';

/** Byte signatures, read where they lie or from a list. */
export interface SignatureList {
  readonly count: number;
  at(index: number): ByteSignature;
  /** Visits all of them in order, without making them. */
  survey?(visit: (index: number, signature: SurveyedSignature) => void): void;
  /** Anchors that came along, handed over once. */
  takeAnchors?(): StoredAnchors | undefined;
}

/** What is looked for. */
export interface RuleSource {
  readonly signatures: SignatureList;
  readonly logical: readonly LogicalSignature[];
  readonly macros: readonly MacroBody[];
}

/** A logical signature as the scan sees it. */
export interface Rule {
  readonly signature: LogicalSignature;
  /** By part: the numbers of its bodies. */
  readonly bodies: readonly (readonly number[])[];
  /** More matches of a part than this change nothing. */
  readonly maxCount: number;
  /** For which parts it matters where they matched: byte comparisons and macros count from there. */
  readonly placed: ReadonlySet<number>;
  /** Steps that telling it from the counts of its bodies may take. */
  readonly cost: number;
  /** It may hold in a content in which nothing of it was found. */
  readonly holdsOnNothing: boolean;
}

/** What a body stands for. */
export type BodyRole =
  | { readonly kind: 'signature'; readonly signature: ByteSignature }
  | { readonly kind: 'part'; readonly rule: number; readonly part: number; readonly body: SignatureBody }
  | { readonly kind: 'macro'; readonly macro: MacroBody };

/** A compiled pattern. Immutable; scans share it. */
export interface RuleSet {
  readonly bodies: BodyList;
  readonly rules: readonly Rule[];
  /** Bodies below this number are byte signatures. */
  readonly signatures: number;
  /** Rules that are tried on every content of their target. */
  readonly unprompted: readonly number[];
  roleOf(body: number): BodyRole;
  /** Target type of what a body belongs to. */
  targetOf(body: number): number;
  /** Of a byte signature. */
  threatOf(body: number): Threat;
}

/** Compiles a pattern. Trees are kept, not copied; they are ones that the pattern's decoder or `signatureFault` has passed. */
export function createRuleSet({ signatures, logical, macros }: RuleSource): RuleSet {
  let next = signatures.count;
  const rules = logical.map((signature) => ruleOf(signature, () => next++));
  const parts = rules.flatMap((rule, number) =>
    rule.signature.parts.flatMap((part, index) => (part.kind === 'bodies' ? part.bodies.map((body) => ({ kind: 'part' as const, rule: number, part: index, body })) : [])),
  );
  const firstMacro = signatures.count + parts.length;
  const roleOf = (body: number): BodyRole => {
    if (body < signatures.count) {
      return { kind: 'signature', signature: signatures.at(body) };
    }
    return body < firstMacro ? parts[body - signatures.count]! : { kind: 'macro', macro: macros[body - firstMacro]! };
  };
  const recall = createRecall(signatures);
  return {
    bodies: { count: firstMacro + macros.length, at: (body) => searchedBody(roleOf(body), rules), takeAnchors: () => signatures.takeAnchors?.() },
    rules,
    signatures: signatures.count,
    unprompted: rules.flatMap((rule, number) => (rule.holdsOnNothing ? [number] : [])),
    roleOf,
    targetOf: (body) => (body < signatures.count ? recall.targetOf(body) : targetOfRole(roleOf(body), rules)),
    threatOf: (body) => recall.threatOf(body),
  };
}

function targetOfRole(role: BodyRole, rules: readonly Rule[]): number {
  switch (role.kind) {
    case 'signature':
      return role.signature.target;
    case 'part':
      return rules[role.rule]!.signature.description.target;
    case 'macro':
      return role.macro.target;
  }
}

function searchedBody(role: BodyRole, rules: readonly Rule[]): SearchedBody {
  switch (role.kind) {
    case 'signature':
      return { body: role.signature, wanted: 'one' };
    case 'part': {
      const { maxCount, placed } = rules[role.rule]!;
      return { body: role.body, wanted: maxCount > 1 || placed.has(role.part) ? 'all' : 'one' };
    }
    case 'macro':
      return { body: role.macro, wanted: 'all' };
  }
}

function ruleOf(signature: LogicalSignature, nextBody: () => number): Rule {
  const { parts, expression } = signature;
  const expressions: readonly LogicalExpression[] = [expression, ...parts.flatMap((part) => (part.kind === 'pcre' ? [part.trigger] : []))];
  const placed = new Set(
    parts.flatMap((part, index) => (part.kind === 'byte-comparison' ? [part.part] : part.kind === 'macro' ? [index - 1] : [])),
  );
  const countOfNothing = (part: number): number | undefined => (isPcreWithoutBodies(signature, part) ? undefined : 0);
  return {
    signature,
    bodies: parts.map((part) => (part.kind === 'bodies' ? part.bodies.map(nextBody) : [])),
    maxCount: 1 + Math.max(...expressions.map(largestCount)),
    placed,
    cost: parts.length + costOf(expression, parts.length),
    holdsOnNothing: mayHold(expression, countOfNothing),
  };
}

/** A PCRE whose trigger holds where nothing was found may match anywhere. */
function isPcreWithoutBodies({ parts }: LogicalSignature, part: number): boolean {
  const one = parts[part];
  return one?.kind === 'pcre' && mayHold(one.trigger, (other) => (parts[other]?.kind === 'pcre' ? undefined : 0));
}
