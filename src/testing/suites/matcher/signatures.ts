/** Signatures for the tests of the matcher, written short, and the clearest possible account of what they match. */
import { fromHex } from '../../../base/bytes.js';
import type { Random } from '../../../base/seams.js';
import type { ByteSignature, SignatureNode, SignatureOffset } from '../../../pattern/signature.js';

/** A signature for any file; the offset is `any` unless given. */
export function signature(name: string, nodes: readonly SignatureNode[], offset: SignatureOffset = { kind: 'any' }): ByteSignature {
  return { threat: { name, type: 'unclassified' }, target: 0, offset, nodes };
}

/** Hex digits, `?` for a nibble that may be anything. */
export function bytes(pattern: string): SignatureNode {
  return { kind: 'bytes', ...masked(pattern) };
}

/** Text as bytes that must be exactly these. */
export function text(characters: string): SignatureNode {
  const value = Uint8Array.from(characters, (character) => character.charCodeAt(0));
  return { kind: 'bytes', value, mask: new Uint8Array(value.length).fill(0xff) };
}

/** `{min-max}`; without `max` there is no upper bound. */
export function gap(min: number, max?: number): SignatureNode {
  return max === undefined ? { kind: 'gap', min } : { kind: 'gap', min, max };
}

/** One of the hex patterns. */
export function oneOf(...options: string[]): SignatureNode {
  return { kind: 'alternatives', negated: false, options: options.map(masked) };
}

/** None of the hex patterns, which have one length. */
export function noneOf(...options: string[]): SignatureNode {
  return { kind: 'alternatives', negated: true, options: options.map(masked) };
}

function masked(pattern: string): { value: Uint8Array; mask: Uint8Array } {
  const value = fromHex(pattern.replaceAll('?', '0'));
  const mask = fromHex(pattern.replaceAll(/[0-9a-fA-F]/g, 'f').replaceAll('?', '0'));
  if (value === undefined || mask === undefined) {
    throw new TypeError(`expected hex digits and ?, got ${pattern}`);
  }
  return { value, mask };
}

/** Every offset at which the signature matches, ascending: tried one after the other, without any shortcut. */
export function matchesOf(one: ByteSignature, content: Uint8Array): number[] {
  const found: number[] = [];
  for (let start = 0; start <= content.length; start++) {
    if (startAllowed(one.offset, start, content.length) && endsOf(one.nodes, content, start).size > 0) {
      found.push(start);
    }
  }
  return found;
}

function startAllowed(offset: SignatureOffset, start: number, size: number): boolean {
  if (offset.kind === 'any') {
    return true;
  }
  if (offset.kind !== 'start' && offset.kind !== 'end') {
    return false;
  }
  const first = offset.kind === 'start' ? offset.at : size - offset.before;
  return first >= 0 && start >= first && start <= first + offset.shift;
}

/** All places where the nodes may end that begin at `start`. */
function endsOf(nodes: readonly SignatureNode[], content: Uint8Array, start: number): Set<number> {
  let ends = new Set([start]);
  for (const node of nodes) {
    ends = new Set([...ends].flatMap((at) => endsOfNode(node, content, at)));
  }
  return ends;
}

function endsOfNode(node: SignatureNode, content: Uint8Array, at: number): number[] {
  switch (node.kind) {
    case 'bytes':
      return equalsAt(node, content, at) ? [at + node.value.length] : [];
    case 'gap': {
      const last = Math.min(content.length, at + (node.max ?? content.length));
      return Array.from({ length: Math.max(0, last - at - node.min + 1) }, (_, i) => at + node.min + i);
    }
    case 'alternatives': {
      const hits = node.options.filter((option) => equalsAt(option, content, at)).map((option) => at + option.value.length);
      const passed = at + (node.options[0]?.value.length ?? 0);
      return node.negated ? (hits.length === 0 && passed <= content.length ? [passed] : []) : hits;
    }
    case 'class':
      return [];
  }
}

function equalsAt(run: { readonly value: Uint8Array; readonly mask: Uint8Array }, content: Uint8Array, at: number): boolean {
  if (at + run.value.length > content.length) {
    return false;
  }
  return run.value.every((byte, i) => ((content[at + i] ?? 0) & (run.mask[i] ?? 0)) === (byte & (run.mask[i] ?? 0)));
}

/** A content over two letters, so that chance makes matches and near misses. */
export function randomContent(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => 0x61 + Math.floor(random() * 2));
}

/** Signatures over the same letters: each begins and ends with a literal and holds one of at least four bytes. */
export function randomSignatures(random: Random, count: number): ByteSignature[] {
  return Array.from({ length: count }, (_, i) => signature(`Random.${i}`, randomNodes(random), randomOffset(random)));
}

function randomNodes(random: Random): SignatureNode[] {
  const nodes = [randomLiteral(random, 4 + Math.floor(random() * 4))];
  for (let parts = Math.floor(random() * 3); parts > 0; parts--) {
    const choice = random();
    if (choice < 0.35) {
      const min = Math.floor(random() * 4);
      nodes.push(gap(min, min + Math.floor(random() * 6)));
    } else if (choice < 0.5) {
      nodes.push(gap(Math.floor(random() * 3)));
    } else if (choice < 0.65) {
      nodes.push(oneOf(...Array.from({ length: 2 }, () => randomHex(random, 1 + Math.floor(random() * 2)))));
    } else if (choice < 0.8) {
      nodes.push(noneOf(...Array.from({ length: 2 }, () => randomHex(random, 1))));
    } else {
      nodes.push(bytes(random() < 0.5 ? '??' : '6?'));
    }
    nodes.push(randomLiteral(random, 1 + Math.floor(random() * 3)));
  }
  return nodes;
}

function randomLiteral(random: Random, length: number): SignatureNode {
  return bytes(randomHex(random, length));
}

function randomHex(random: Random, length: number): string {
  return [...randomContent(random, length)].map((byte) => byte.toString(16)).join('');
}

function randomOffset(random: Random): SignatureOffset {
  const choice = random();
  if (choice < 0.6) {
    return { kind: 'any' };
  }
  const place = Math.floor(random() * 40);
  const shift = random() < 0.5 ? 0 : Math.floor(random() * 30);
  return choice < 0.8 ? { kind: 'start', at: place, shift } : { kind: 'end', before: place + 8, shift };
}
