/**
 * Which trees are signatures at all. The codec and the matchers rest on these rules, so that none of them has to ask
 * what an empty part or two gaps in a row would mean; `compile` keeps them because ClamAV's format does.
 */
import { toUtf8 } from '../../base/bytes.js';
import type { ByteSignature, SignatureNode, SignatureOffset } from '../signature.js';

/** Largest values that pass. */
export const signatureLimits = {
  /** Bytes of literal and masked text in one signature, all alternatives counted. */
  maxBytes: 65_536,
  maxNodes: 1024,
  /** Alternatives in one node. */
  maxOptions: 1024,
  /** Bounds of a gap, and offsets, in bytes: 2^40. */
  maxDistance: 1_099_511_627_776,
  /** UTF-8 bytes. */
  maxNameBytes: 1024,
  maxTypeBytes: 64,
  /** UTF-8 bytes of a threat's detail as JSON. */
  maxDetailBytes: 4096,
} as const;

/** What is wrong with a signature, in words, or undefined. Never throws for data of the right types. */
export function signatureFault(signature: ByteSignature): string | undefined {
  const { name, type, detail } = signature.threat;
  if (!isText(name, signatureLimits.maxNameBytes)) {
    return `a name of 1 to ${signatureLimits.maxNameBytes} bytes was expected`;
  }
  if (!isText(type, signatureLimits.maxTypeBytes)) {
    return `a threat type of 1 to ${signatureLimits.maxTypeBytes} bytes was expected`;
  }
  if (detail !== undefined && !isText(JSON.stringify(detail), signatureLimits.maxDetailBytes)) {
    return `a threat detail of at most ${signatureLimits.maxDetailBytes} bytes was expected`;
  }
  if (!isCount(signature.target, 255)) {
    return 'the target type is no number from 0 to 255';
  }
  return offsetFault(signature.offset) ?? nodesFault(signature.nodes);
}

/** Bytes that a node passes over at least and at most. */
export function nodeLength(node: SignatureNode): { readonly min: number; readonly max: number } {
  switch (node.kind) {
    case 'bytes':
      return { min: node.value.length, max: node.value.length };
    case 'gap':
      return { min: node.min, max: node.max ?? Number.POSITIVE_INFINITY };
    case 'alternatives': {
      const lengths = node.options.map((option) => option.value.length);
      return { min: Math.min(...lengths), max: Math.max(...lengths) };
    }
    case 'class':
      return { min: 0, max: 2 };
  }
}

function offsetFault(offset: SignatureOffset): string | undefined {
  return numbersOf(offset).every((number) => isCount(number, signatureLimits.maxDistance))
    ? undefined
    : `an offset is no number from 0 to ${signatureLimits.maxDistance}`;
}

/** The numbers in an offset; those that may be negative without their sign. */
function numbersOf(offset: SignatureOffset): number[] {
  switch (offset.kind) {
    case 'any':
    case 'version-information':
      return [];
    case 'start':
      return [offset.at, offset.shift];
    case 'end':
      return [offset.before, offset.shift];
    case 'entry-point':
      return [Math.abs(offset.by), offset.shift];
    case 'section':
      return [offset.section === 'last' ? 0 : offset.section, Math.abs(offset.by), offset.shift];
    case 'in-section':
      return [offset.section];
  }
}

function nodesFault(nodes: readonly SignatureNode[]): string | undefined {
  if (nodes.length === 0 || nodes.length > signatureLimits.maxNodes) {
    return `1 to ${signatureLimits.maxNodes} nodes were expected, got ${nodes.length}`;
  }
  if (nodes[0]?.kind === 'gap' || nodes[nodes.length - 1]?.kind === 'gap') {
    return 'a body begins or ends with a gap';
  }
  for (const node of nodes) {
    const fault = nodeFault(node);
    if (fault !== undefined) {
      return fault;
    }
  }
  return bytesIn(nodes) > signatureLimits.maxBytes
    ? `a body has more than ${signatureLimits.maxBytes} bytes`
    : partFault(nodes);
}

function nodeFault(node: SignatureNode): string | undefined {
  switch (node.kind) {
    case 'bytes':
      return node.value.length === 0 || node.value.length !== node.mask.length ? 'bytes and mask differ in length' : undefined;
    case 'gap':
      return isGap(node.min, node.max) ? undefined : 'a gap needs 0 <= min <= max';
    case 'alternatives':
      return alternativesFault(node);
    case 'class':
      return undefined;
  }
}

function alternativesFault(node: Extract<SignatureNode, { kind: 'alternatives' }>): string | undefined {
  if (node.options.length === 0 || node.options.length > signatureLimits.maxOptions) {
    return `1 to ${signatureLimits.maxOptions} alternatives were expected, got ${node.options.length}`;
  }
  if (node.options.some((option) => option.value.length !== option.mask.length)) {
    return 'bytes and mask of an alternative differ in length';
  }
  const { min, max } = nodeLength(node);
  return node.negated && (min !== max || min === 0) ? 'negated alternatives need one length' : undefined;
}

/** Between two gaps, something has to stand: a part that may be empty has no place of its own. */
function partFault(nodes: readonly SignatureNode[]): string | undefined {
  let length = 0;
  for (const node of nodes) {
    if (node.kind !== 'gap') {
      length += nodeLength(node).min;
    } else if (length === 0) {
      return 'a part between two gaps may be empty';
    } else {
      length = 0;
    }
  }
  return length === 0 ? 'the last part may be empty' : undefined;
}

export function bytesIn(nodes: readonly SignatureNode[]): number {
  let bytes = 0;
  for (const node of nodes) {
    if (node.kind === 'bytes') {
      bytes += node.value.length;
    } else if (node.kind === 'alternatives') {
      bytes += node.options.reduce((sum, option) => sum + option.value.length, 0);
    }
  }
  return bytes;
}

function isGap(min: number, max: number | undefined): boolean {
  return isCount(min, signatureLimits.maxDistance) && (max === undefined || (isCount(max, signatureLimits.maxDistance) && min <= max));
}

function isCount(value: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= max;
}

function isText(text: string, maxBytes: number): boolean {
  return text.length > 0 && text.length <= maxBytes && toUtf8(text).length <= maxBytes;
}
