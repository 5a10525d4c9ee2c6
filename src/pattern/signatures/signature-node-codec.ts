/** The body of a signature in bytes: offset, nodes, runs. signature-codec.ts has the layout. */
import type { ByteReader } from '../bytes/byte-reader.js';
import type { ByteWriter } from '../bytes/byte-writer.js';
import { refused } from '../refused.js';
import { readCount } from './signature-fields.js';
import { packMask, unpackMask } from './signature-mask.js';
import { signatureLimits } from './signature-shape.js';
import type { SignatureNode, SignatureOffset } from '../signature.js';

type Run = { readonly value: Uint8Array; readonly mask: Uint8Array };

/** How many nodes and alternatives may still be read: an object each in memory, a byte or two in the file. */
export interface PartBudget {
  left: number;
  readonly max: number;
}

/** Where the body may begin. */
export function writeOffset(out: ByteWriter, offset: SignatureOffset): void {
  switch (offset.kind) {
    case 'any':
      out.u8(0);
      return;
    case 'start':
      out.u8(1);
      out.varint(offset.at);
      out.varint(offset.shift);
      return;
    case 'end':
      out.u8(2);
      out.varint(offset.before);
      out.varint(offset.shift);
  }
}

/** What `writeOffset` wrote. */
export function readOffset(reader: ByteReader): SignatureOffset {
  const at = reader.at;
  const kind = reader.u8();
  switch (kind) {
    case 0:
      return { kind: 'any' };
    case 1:
      return { kind: 'start', at: reader.varint(), shift: reader.varint() };
    case 2:
      return { kind: 'end', before: reader.varint(), shift: reader.varint() };
    default:
      throw refused('malformed', `signatures: offset kind ${kind}`, { at });
  }
}

/** One node. */
export function writeNode(out: ByteWriter, node: SignatureNode): void {
  switch (node.kind) {
    case 'bytes':
      out.u8(0);
      writeRun(out, node);
      return;
    case 'gap':
      out.u8(node.max === undefined ? 2 : 1);
      out.varint(node.min);
      if (node.max !== undefined) {
        out.varint(node.max);
      }
      return;
    case 'alternatives':
      out.u8(node.negated ? 4 : 3);
      out.varint(node.options.length);
      node.options.forEach((option) => writeRun(out, option));
  }
}

/** What `writeNode` wrote. */
export function readNode(reader: ByteReader, parts: PartBudget): SignatureNode {
  const at = reader.at;
  const kind = reader.u8();
  switch (kind) {
    case 0:
      return { kind: 'bytes', ...readRun(reader) };
    case 1:
      return { kind: 'gap', min: reader.varint(), max: reader.varint() };
    case 2:
      return { kind: 'gap', min: reader.varint() };
    case 3:
    case 4: {
      const options = Array.from({ length: readParts(reader, 'alternatives', parts) }, () => readRun(reader));
      return { kind: 'alternatives', negated: kind === 4, options };
    }
    default:
      throw refused('malformed', `signatures: node kind ${kind}`, { at });
  }
}

function writeRun(out: ByteWriter, run: Run): void {
  const { form, bytes } = packMask(run.mask);
  out.varint(run.value.length * 4 + form);
  out.bytes(run.value);
  out.bytes(bytes);
}

function readRun(reader: ByteReader): Run {
  const at = reader.at;
  const head = reader.varint();
  const length = Math.floor(head / 4);
  if (length > signatureLimits.maxBytes) {
    throw refused('limit', `signatures: a run of ${length} bytes`, { at, max: signatureLimits.maxBytes });
  }
  const value = reader.bytes(length);
  const mask = unpackMask(head % 4, length, (count) => reader.bytes(count));
  if (mask === undefined) {
    throw refused('malformed', `signatures: mask form ${head % 4}`, { at });
  }
  return { value, mask };
}

/** A count of nodes or alternatives, taken from the budget. */
export function readParts(reader: ByteReader, name: string, parts: PartBudget): number {
  const count = readCount(reader, name, Math.min(signatureLimits.maxNodes, signatureLimits.maxOptions));
  parts.left -= count;
  if (parts.left < 0) {
    throw refused('limit', `signatures: more than ${parts.max} nodes and alternatives`, { at: reader.at, max: parts.max });
  }
  return count;
}
