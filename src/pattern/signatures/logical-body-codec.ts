/**
 * The bodies of logical signatures and macros in bytes, small: most of them are short texts in either case.
 *
 *   body   u8 4·offset kind + 2·wide + fullword, the numbers of the offset, varint count of nodes, nodes
 *   offset 0 any | 1 start at, shift | 2 end before, shift | 3 entry point ±by, shift | 4 section, ±by, shift
 *          | 5 last section ±by, shift | 6 in section | 7 version information (all varints; ± zigzag)
 *   node   varint 8·n + kind: 0 to 3 run of n bytes in that form | 4 gap of n to n + varint | 5 gap of n or more
 *          | 6 alternatives, n = 2·count + negated, each a varint 4·length + form and its bytes | 7 class, n = 2·index + negated
 *   run    its bytes, then the mask: form 0 all ff, 1 df for capital letters and ff else, 2 two bits a byte (0 ff, 1 f0,
 *          2 0f, 3 00), 3 as it is
 */
import type { ByteReader } from '../bytes/byte-reader.js';
import type { ByteWriter } from '../bytes/byte-writer.js';
import { refused } from '../refused.js';
import type { MaskedBytes, SignatureBody, SignatureNode, SignatureOffset } from '../signature.js';
import { maskForm, maskOf, writeMask } from './logical-mask.js';
import type { ObjectBudget } from './object-budget.js';
import { signatureLimits } from './signature-shape.js';

const classes = ['word-boundary', 'line-boundary', 'non-alphanumeric'] as const;

/** Appends a body. */
export function writeBody(out: ByteWriter, { offset, nodes, fullword, wide }: SignatureBody): void {
  const numbers = offsetNumbers(offset);
  out.u8(numbers.kind * 4 + (wide === true ? 2 : 0) + (fullword === true ? 1 : 0));
  numbers.values.forEach((value) => out.varint(value));
  out.varint(nodes.length);
  nodes.forEach((node) => writeNode(out, node));
}

/** What `writeBody` wrote; whether it keeps the rules of bodies is for the caller to ask. Its bytes are views. */
export function readBody(reader: ByteReader, budget: ObjectBudget): SignatureBody {
  const head = reader.u8();
  const offset = readOffset(reader, head >> 2);
  const count = budget.take(reader, reader.varint());
  const nodes = Array.from({ length: count }, () => readNode(reader, budget));
  return { offset, nodes, ...((head & 1) === 0 ? {} : { fullword: true }), ...((head & 2) === 0 ? {} : { wide: true }) };
}

/** Appends where a PCRE may begin. */
export function writeOffset(out: ByteWriter, offset: SignatureOffset): void {
  const { kind, values } = offsetNumbers(offset);
  out.u8(kind);
  values.forEach((value) => out.varint(value));
}

/** What `writeOffset` wrote, or the rest of it where `kind` is known already. */
export function readOffset(reader: ByteReader, kind: number = reader.u8()): SignatureOffset {
  switch (kind) {
    case 0:
      return { kind: 'any' };
    case 1:
      return { kind: 'start', at: reader.varint(), shift: reader.varint() };
    case 2:
      return { kind: 'end', before: reader.varint(), shift: reader.varint() };
    case 3:
      return { kind: 'entry-point', by: unzigzag(reader.varint()), shift: reader.varint() };
    case 4:
      return { kind: 'section', section: reader.varint(), by: unzigzag(reader.varint()), shift: reader.varint() };
    case 5:
      return { kind: 'section', section: 'last', by: unzigzag(reader.varint()), shift: reader.varint() };
    case 6:
      return { kind: 'in-section', section: reader.varint() };
    case 7:
      return { kind: 'version-information' };
    default:
      throw refused('malformed', `signatures: offset kind ${kind}`, { at: reader.at });
  }
}

/** A number that may be negative as one that is not: small ones stay small. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

/** What `zigzag` was given. */
export function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function offsetNumbers(offset: SignatureOffset): { readonly kind: number; readonly values: readonly number[] } {
  switch (offset.kind) {
    case 'any':
      return { kind: 0, values: [] };
    case 'start':
      return { kind: 1, values: [offset.at, offset.shift] };
    case 'end':
      return { kind: 2, values: [offset.before, offset.shift] };
    case 'entry-point':
      return { kind: 3, values: [zigzag(offset.by), offset.shift] };
    case 'section':
      return offset.section === 'last'
        ? { kind: 5, values: [zigzag(offset.by), offset.shift] }
        : { kind: 4, values: [offset.section, zigzag(offset.by), offset.shift] };
    case 'in-section':
      return { kind: 6, values: [offset.section] };
    case 'version-information':
      return { kind: 7, values: [] };
  }
}

function writeNode(out: ByteWriter, node: SignatureNode): void {
  switch (node.kind) {
    case 'bytes': {
      const form = maskForm(node);
      out.varint(8 * node.value.length + form);
      writeRun(out, node, form);
      return;
    }
    case 'gap':
      out.varint(8 * node.min + (node.max === undefined ? 5 : 4));
      if (node.max !== undefined) {
        out.varint(node.max - node.min);
      }
      return;
    case 'alternatives':
      out.varint(8 * (2 * node.options.length + (node.negated ? 1 : 0)) + 6);
      for (const option of node.options) {
        const form = maskForm(option);
        out.varint(4 * option.value.length + form);
        writeRun(out, option, form);
      }
      return;
    case 'class':
      out.varint(8 * (2 * classes.indexOf(node.of) + (node.negated ? 1 : 0)) + 7);
  }
}

function readNode(reader: ByteReader, budget: ObjectBudget): SignatureNode {
  const head = reader.varint();
  const [kind, n] = [head % 8, Math.floor(head / 8)];
  switch (kind) {
    case 4:
      return { kind: 'gap', min: n, max: n + reader.varint() };
    case 5:
      return { kind: 'gap', min: n };
    case 6: {
      const count = budget.take(reader, Math.floor(n / 2));
      return { kind: 'alternatives', negated: n % 2 === 1, options: Array.from({ length: count }, () => readOption(reader)) };
    }
    case 7: {
      const of = classes[Math.floor(n / 2)];
      if (of === undefined) {
        throw refused('malformed', 'signatures: a character class that is none', { at: reader.at });
      }
      return { kind: 'class', of, negated: n % 2 === 1 };
    }
    default:
      return { kind: 'bytes', ...readRun(reader, n, kind) };
  }
}

function readOption(reader: ByteReader): MaskedBytes {
  const head = reader.varint();
  return readRun(reader, Math.floor(head / 4), head % 4);
}

function writeRun(out: ByteWriter, run: MaskedBytes, form: number): void {
  out.bytes(run.value);
  writeMask(out, run.mask, form);
}

function readRun(reader: ByteReader, length: number, form: number): MaskedBytes {
  if (length > signatureLimits.maxBytes) {
    throw refused('limit', `signatures: a run of ${length} bytes`, { at: reader.at, max: signatureLimits.maxBytes });
  }
  const value = reader.bytes(length);
  return { value, mask: maskOf(value, form, (count) => reader.bytes(count)) };
}
