/** The signatures of the contest in the languages of the engines: ClamAV's `.ndb`, YARA rules, regular expressions. */
import { nameOf } from './literals.js';
import type { BenchNode, BenchSignature } from './signature-set.js';

/** Lines of a `.ndb` file: any target, any offset. */
export function ndbOf(signatures: readonly BenchSignature[]): string {
  return signatures.map(({ nodes }, i) => `${nameOf(i)}:0:*:${nodes.map(ndbNode).join('')}\n`).join('');
}

/** One rule for each, named `s00042`. */
export function yaraOf(signatures: readonly BenchSignature[]): string {
  return signatures.map(({ nodes }, i) => `rule ${yaraName(i)} { strings: $a = { ${nodes.map(yaraNode).join(' ')} } condition: $a }\n`).join('');
}

/** The name of a rule. */
export function yaraName(index: number): string {
  return `s${String(index).padStart(5, '0')}`;
}

/** Lines `index<TAB>expression`, for engines that know `\x..`, `[...]`, `.{n,m}` and a dot that stands for any byte. */
export function regexOf(signatures: readonly BenchSignature[]): string {
  return signatures.map(({ nodes }, i) => `${i}\t${nodes.map(regexNode).join('')}\n`).join('');
}

function ndbNode(node: BenchNode): string {
  switch (node.kind) {
    case 'bytes':
      return maskedHex(node, '');
    case 'gap':
      return node.max === undefined ? '*' : node.min === node.max ? `{${node.min}}` : `{${node.min}-${node.max}}`;
    case 'alternatives':
      return `(${node.options.map((option) => maskedHex(option, '')).join('|')})`;
  }
}

function yaraNode(node: BenchNode): string {
  switch (node.kind) {
    case 'bytes':
      return maskedHex(node, ' ');
    case 'gap':
      return `[${node.min === node.max ? node.min : `${node.min}-${node.max ?? ''}`}]`;
    case 'alternatives':
      return `( ${node.options.map((option) => maskedHex(option, ' ')).join(' | ')} )`;
  }
}

function regexNode(node: BenchNode): string {
  switch (node.kind) {
    case 'bytes':
      return [...node.value].map((value, i) => regexByte(value, node.mask[i]!)).join('');
    case 'gap':
      return node.max === undefined ? '.*' : `.{${node.min},${node.max}}`;
    case 'alternatives':
      return `(?:${node.options.map((option) => regexNode({ kind: 'bytes', ...option })).join('|')})`;
  }
}

function maskedHex({ value, mask }: { readonly value: Uint8Array; readonly mask: Uint8Array }, between: string): string {
  return [...value].map((byte, i) => hexDigit(byte >> 4, mask[i]! >> 4) + hexDigit(byte & 15, mask[i]! & 15)).join(between);
}

function hexDigit(nibble: number, mask: number): string {
  return mask === 0 ? '?' : nibble.toString(16);
}

function regexByte(value: number, mask: number): string {
  if (mask === 0xff) {
    return hexEscape(value);
  }
  if (mask === 0xf0) {
    return `[${hexEscape(value)}-${hexEscape(value | 15)}]`;
  }
  return mask === 0 ? '.' : `[${Array.from({ length: 16 }, (_, high) => hexEscape((high << 4) | value)).join('')}]`;
}

function hexEscape(value: number): string {
  return `\\x${value.toString(16).padStart(2, '0')}`;
}
