/**
 * Byte comparisons (docs.clamav.net, "Byte Compare Subsignatures"): `part(>>offset#options#comparison[,comparison])`.
 *
 * As observed of clamscan 1.4.6: numbers may be octal (`010`), the order of the letters behind the type is free, values
 * beyond 64 signed bits are the last that fits. It loads `h`, `a` and `i` without `l` or `b` and never finds anything
 * with them, as it does with an empty offset or a part that cannot be asked: these are reported.
 */
import type { ByteComparison } from '../../../pattern/signature.js';

/** A byte comparison, or why it is none. */
export type ParsedComparison = { readonly kind: 'ok'; readonly part: ByteComparison } | { readonly kind: 'fault'; readonly reason: string };

const formats = { h: 'hex', d: 'decimal', a: 'auto', i: 'raw' } as const;

/** Digits that clamscan takes of a hexadecimal number. */
const maxHexBytes = 18;

const maxBytes = 1024;
const maxOffset = 0xffff_ffff;
const maxValue = 2n ** 63n - 1n;
const minValue = -(2n ** 63n);

type Condition = ByteComparison['conditions'][number];

/** True for a subsignature that is meant as a byte comparison. */
export function isComparison(text: string): boolean {
  return text.includes('#') && text.includes('(');
}

/** Parses a byte comparison. */
export function parseComparison(text: string): ParsedComparison {
  const parts = /^(\d{1,4})\((>>|<<)([+-]?[0-9a-fx]{1,12})#([hdai])([lbe]{0,2})([0-9a-fx]{1,12})#([^#()]{1,100})\)$/i.exec(text);
  const [, id = '', direction, distance = '', type = '', letters = '', length = '', comparison = ''] = parts ?? [];
  const [offset, bytes] = [parseNumber(distance), parseNumber(length)];
  if (parts === null || offset === undefined || bytes === undefined || type !== type.toLowerCase()) {
    return fault('the byte comparison is not of the form part(>>offset#[hdai][lb][e]bytes#comparison)');
  }
  const format = formats[type as keyof typeof formats];
  const conditions = comparison.split(',').map(parseCondition);
  const reason = optionsFault(format, letters) ?? lengthFault(format, bytes) ?? conditionsFault(conditions);
  if (reason !== undefined) {
    return fault(reason);
  }
  if (offset > maxOffset || offset < -maxOffset) {
    return fault('the offset of the byte comparison has over 32 bits');
  }
  const sign = direction === '>>' || offset === 0n ? 1n : -1n;
  const part: ByteComparison = {
    kind: 'byte-comparison',
    part: Number(id),
    offset: Number(sign * offset),
    format,
    endian: letters.includes('l') ? 'little' : 'big',
    exact: letters.includes('e') || format === 'raw',
    bytes: Number(bytes),
    conditions: conditions.filter((one) => one !== undefined),
  };
  return { kind: 'ok', part };
}

function optionsFault(format: ByteComparison['format'], letters: string): string | undefined {
  const hasBoth = letters.includes('l') && letters.includes('b');
  if (/[^lbe]|(.)\1/.test(letters) || hasBoth) {
    return 'the options of the byte comparison are not of the form [hdai][lb][e]';
  }
  if (format === 'decimal' && letters.includes('l')) {
    return 'a decimal number is big-endian';
  }
  return format === 'decimal' || /[lb]/.test(letters) ? undefined : 'the byte comparison says neither l nor b';
}

function lengthFault(format: ByteComparison['format'], bytes: bigint): string | undefined {
  if (format === 'raw') {
    return [1n, 2n, 4n, 8n].includes(bytes) ? undefined : 'a raw number has 1, 2, 4 or 8 bytes';
  }
  const max = format === 'hex' ? maxHexBytes : maxBytes;
  return bytes >= 1n && bytes <= max ? undefined : `the number of the byte comparison has 1 to ${max} characters`;
}

function conditionsFault(conditions: readonly (Condition | undefined)[]): string | undefined {
  if (conditions.length > 2) {
    return 'a byte comparison has one or two conditions';
  }
  return conditions.includes(undefined) ? 'a condition of the byte comparison is not of the form <, > or = and a number' : undefined;
}

function parseCondition(text: string): Condition | undefined {
  const [, compare, digits = ''] = /^([<>=]) *([+-]?[0-9a-fx]{1,40})$/i.exec(text) ?? [];
  const value = parseNumber(digits);
  if (compare === undefined || value === undefined) {
    return undefined;
  }
  const fitting = value > maxValue ? maxValue : value < minValue ? minValue : value;
  return { compare: compare as Condition['compare'], value: fitting };
}

/** Decimal, `0x` hexadecimal, or octal after a 0. */
function parseNumber(text: string): bigint | undefined {
  const [, sign, hex, octal, decimal] = /^([+-]?)(?:0x([0-9a-f]+)|0([0-7]+)|(0|[1-9]\d*))$/i.exec(text) ?? [];
  if (hex === undefined && octal === undefined && decimal === undefined) {
    return undefined;
  }
  const value = BigInt(hex !== undefined ? `0x${hex}` : octal !== undefined ? `0o${octal}` : decimal!);
  return sign === '-' ? -value : value;
}

function fault(reason: string): ParsedComparison {
  return { kind: 'fault', reason };
}
