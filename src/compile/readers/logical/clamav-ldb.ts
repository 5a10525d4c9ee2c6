/**
 * ClamAV's logical signatures (docs.clamav.net, "Logical signatures"):
 * `Name;TargetDescriptionBlock;LogicalExpression;Subsig0;Subsig1;…`.
 *
 * A line is read to its end even where it is already known to be for another engine or to need what vedette has not, so
 * that a report names what is wrong with the line before what vedette lacks.
 */
import type { LogicalSignature, Subsignature } from '../../../pattern/signature.js';
import { logicalFault } from '../../../pattern/signatures/logical-shape.js';
import type { LineResult } from '../../lines.js';
import { isBlank, readLines } from '../../lines.js';
import type { Reader, ReaderContext } from '../reader.js';
import { nothingRead } from '../reader.js';
import { threatFromName } from '../threat-from-name.js';
import { parseDescription } from './description.js';
import { maxParts, parseExpression } from './expression.js';
import { parseSubsignature } from './subsignature.js';

/** Reads .ldb: logical signatures. */
export const readLdb: Reader = (text, context) => {
  const { items, ...account } = readLines(text, (line) => readSignature(line, context));
  return { ...nothingRead, logical: items, ...account };
};

function readSignature(line: string, context: ReaderContext): LineResult<LogicalSignature> {
  if (isBlank(line)) {
    return { kind: 'blank' };
  }
  const [name = '', description, expression, ...subsignatures] = fieldsOf(line);
  const skipped = (reason: string): LineResult<LogicalSignature> => ({ kind: 'skipped', reason, signature: name === '' ? undefined : name });
  if (description === undefined || expression === undefined || subsignatures.length === 0) {
    return skipped('expected name;description;expression and at least one subsignature');
  }
  const read = readFields({ name, description, expression, subsignatures }, context);
  return typeof read === 'string' ? skipped(read) : { kind: 'loaded', items: [read] };
}

/** A semicolon between the slashes of an expression parts no fields, as it does not for clamscan. */
function fieldsOf(line: string): string[] {
  const fields: string[] = [];
  let start = 0;
  let isExpression = false;
  for (let i = 0; i < line.length && fields.length < 4 + maxParts; i++) {
    if (line[i] === '/' && line[i - 1] !== '\\' && fields.length >= 3) {
      isExpression = !isExpression;
    } else if (line[i] === ';' && !isExpression) {
      fields.push(line.slice(start, i));
      start = i + 1;
    }
  }
  return [...fields, line.slice(start)];
}

interface Fields {
  readonly name: string;
  readonly description: string;
  readonly expression: string;
  readonly subsignatures: readonly string[];
}

/** The signature, or why there is none. */
function readFields(fields: Fields, context: ReaderContext): LogicalSignature | string {
  const description = parseDescription(fields.description);
  if (description.kind === 'fault') {
    return description.reason;
  }
  const expression = parseExpression(fields.expression);
  if (expression.kind === 'fault') {
    return expression.reason;
  }
  if (expression.maxPart + 1 !== fields.subsignatures.length) {
    return `the expression is about ${expression.maxPart + 1} subsignatures, the line has ${fields.subsignatures.length}`;
  }
  const { target } = description.description;
  const parts = readParts(fields.subsignatures, target, context);
  if (typeof parts === 'string') {
    return parts;
  }
  const signature: LogicalSignature = {
    threat: threatFromName(fields.name),
    description: description.description,
    expression: expression.expression,
    parts: parts.parts,
  };
  return logicalFault(signature) ?? description.needs ?? parts.needs ?? signature;
}

function readParts(
  texts: readonly string[],
  target: number,
  context: ReaderContext,
): { readonly parts: readonly Subsignature[]; readonly needs: string | undefined } | string {
  const parts: Subsignature[] = [];
  let needs: string | undefined;
  for (const [index, text] of texts.entries()) {
    const parsed = parseSubsignature(text, { index, target }, context);
    if (parsed.kind === 'fault') {
      return `subsignature ${index}: ${parsed.reason}`;
    }
    if (parsed.kind === 'needs') {
      needs ??= `subsignature ${index}: ${parsed.reason}`;
      // Keeps the numbers of the others; the signature is not going to be used.
      parts.push({ kind: 'macro', min: 0, max: 0, group: 0 });
    } else {
      parts.push(parsed.part);
    }
  }
  return { parts, needs };
}
