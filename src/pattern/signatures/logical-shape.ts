/**
 * Which trees are logical signatures at all: references that lead somewhere, numbers in their ranges, bodies that
 * `signatureFault` has nothing against. The codec, `compile` and the rules of a scan rest on it.
 */
import type { ByteComparison, LogicalExpression, LogicalSignature, MacroBody, NumberRange, PcreSubsignature, SignatureBody, Subsignature } from '../signature.js';
import { signatureFault } from './signature-shape.js';

/** Largest values that pass. */
export const logicalLimits = {
  maxParts: 64,
  /** Nodes of one expression, and how deep they lie within each other: telling one takes three calls a level. */
  maxTerms: 4096,
  maxDepth: 256,
  maxCount: 0xffff_ffff,
  /** Numbers of macro groups, from 0. */
  maxGroup: 31,
  /** Bytes between a part and a macro body. */
  maxMacroDistance: 0xffff,
  /** Bytes of a PCRE. */
  maxSourceBytes: 65_536,
  /** Digits of a number in a byte comparison. */
  maxComparisonBytes: 1024,
  maxComparisonOffset: 0xffff_ffff,
} as const;

/** Stands for a body where only the rules around it are asked about. */
const anyRun = { kind: 'bytes', value: Uint8Array.of(0, 0), mask: Uint8Array.of(255, 255) } as const;

/** Flags that a PCRE may have. */
export const pcreFlags = 'gresimxAEU';

/** What is wrong with a logical signature, in words, or undefined. Never throws for data of the right types. */
export function logicalFault(signature: LogicalSignature): string | undefined {
  const { description, parts } = signature;
  if (parts.length === 0 || parts.length > logicalLimits.maxParts) {
    return `1 to ${logicalLimits.maxParts} subsignatures were expected, got ${parts.length}`;
  }
  const { fileSize, entryPoint, numberOfSections } = description;
  if ([fileSize, entryPoint, numberOfSections].some((range) => range !== undefined && !isRange(range))) {
    return 'a range of the description is none';
  }
  // Name and target keep the rules of byte signatures, even where no subsignature is a body.
  const fault = bodyFault({ offset: { kind: 'any' }, nodes: [anyRun] }, signature) ?? expressionFault(signature.expression, parts.length);
  if (fault !== undefined) {
    return fault;
  }
  for (const [index, part] of parts.entries()) {
    const reason = partFault(part, index, signature);
    if (reason !== undefined) {
      return `subsignature ${index}: ${reason}`;
    }
  }
  return undefined;
}

/** What is wrong with a macro body, or undefined. */
export function macroFault({ target, group, ...body }: MacroBody): string | undefined {
  return isCount(group, 0, logicalLimits.maxGroup) ? bodyFault(body, { threat: { name: '-', type: '-' }, description: { target } }) : 'a macro group that is none';
}

/** What is wrong with an expression over the first `parts` subsignatures, or undefined. */
export function expressionFault(expression: LogicalExpression, parts: number): string | undefined {
  let terms = 0;
  const check = (term: LogicalExpression, depth: number): string | undefined => {
    if (++terms > logicalLimits.maxTerms) {
      return 'an expression of too many terms';
    }
    if (depth > logicalLimits.maxDepth) {
      return `an expression nested deeper than ${logicalLimits.maxDepth}`;
    }
    switch (term.kind) {
      case 'part':
        return isCount(term.part, 0, parts - 1) ? undefined : 'an expression about a subsignature that is not there';
      case 'count':
        return isCount(term.count, 0, logicalLimits.maxCount) && isCount(term.distinct ?? 1, 1, logicalLimits.maxCount)
          ? check(term.of, depth + 1)
          : 'a count that is none';
      case 'and':
      case 'or':
        return term.terms.length < 2 ? 'an operator without two terms' : firstFault(term.terms, (one) => check(one, depth + 1));
    }
  };
  return check(expression, 1);
}

function partFault(part: Subsignature, index: number, signature: LogicalSignature): string | undefined {
  switch (part.kind) {
    case 'bodies':
      return part.bodies.length === 0 || part.bodies.length > 2
        ? 'one or two bodies were expected'
        : firstFault(part.bodies, (body) => bodyFault(body, signature));
    case 'macro':
      return isCount(part.group, 0, logicalLimits.maxGroup) && isCount(part.max, 0, logicalLimits.maxMacroDistance) && isCount(part.min, 0, part.max)
        ? undefined
        : 'a macro that is none';
    case 'byte-comparison':
      return comparisonFault(part, signature.parts);
    case 'pcre':
      return pcreFault(part, index, signature);
  }
}

function comparisonFault(part: ByteComparison, parts: readonly Subsignature[]): string | undefined {
  const asked = parts[part.part]?.kind;
  if (asked !== 'bodies' && asked !== 'macro') {
    return 'a byte comparison has to name a subsignature that is a body or a macro';
  }
  const isRaw = part.format !== 'raw' || [1, 2, 4, 8].includes(part.bytes);
  if (!isRaw || !isCount(part.bytes, 1, logicalLimits.maxComparisonBytes) || !isCount(Math.abs(part.offset), 0, logicalLimits.maxComparisonOffset)) {
    return 'a byte comparison of a place or a length that is none';
  }
  const areConditions = part.conditions.length === 1 || part.conditions.length === 2;
  return areConditions && part.conditions.every(({ value }) => BigInt.asIntN(64, value) === value) ? undefined : 'a byte comparison with conditions that are none';
}

function pcreFault(part: PcreSubsignature, index: number, { threat, description }: LogicalSignature): string | undefined {
  const trigger = index === 0 ? 'an expression has no subsignature before it' : expressionFault(part.trigger, index);
  if (trigger !== undefined) {
    return trigger;
  }
  if (part.source.length === 0 || part.source.length > logicalLimits.maxSourceBytes || !isByteText(part.source)) {
    return `an expression has 1 to ${logicalLimits.maxSourceBytes} bytes`;
  }
  const flags = new Set(part.flags);
  if (flags.size !== part.flags.length || [...flags].some((flag) => !pcreFlags.includes(flag))) {
    return 'an expression with flags that are none';
  }
  return bodyFault({ offset: part.offset, nodes: [anyRun] }, { threat, description });
}

function bodyFault(body: SignatureBody, { threat, description }: Pick<LogicalSignature, 'threat' | 'description'>): string | undefined {
  return signatureFault({ ...body, threat, target: description.target });
}

function isByteText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0xff) {
      return false;
    }
  }
  return true;
}

function isRange({ min, max }: NumberRange): boolean {
  return isCount(min, 0, Number.MAX_SAFE_INTEGER) && (max === undefined || isCount(max, min, Number.MAX_SAFE_INTEGER));
}

function isCount(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}

function firstFault<T>(items: readonly T[], faultOf: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const fault = faultOf(item);
    if (fault !== undefined) {
      return fault;
    }
  }
  return undefined;
}
