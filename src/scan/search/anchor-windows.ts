/**
 * Strong anchors: four exact bytes in a row. Which four decides what the whole scan costs (MATCHER.md): those rarest
 * in ordinary files, and not those that many other signatures have chosen already.
 */
import type { SegmentNode } from '../verify/split.js';
import { byteRarity } from './byte-rarity.js';

/** Bytes of a window. */
export const windowBytes = 4;

/** Four bytes that stand in every match of a segment (or in every match of one alternative), and where. */
export interface WindowAnchor {
  /** The bytes as a little-endian int32. */
  readonly key: number;
  /** Index of the node that holds them. */
  readonly node: number;
  /** From the beginning of the node to the first of the bytes. */
  readonly offset: number;
}

/** How often each key was chosen so far. */
export type WindowUse = Map<number, number>;

/** One anchor, or one for each alternative; undefined when no node has four exact bytes in all that it may match. */
export function chooseWindows(nodes: readonly SegmentNode[], use: WindowUse): readonly WindowAnchor[] | undefined {
  let best: { readonly score: number; readonly anchors: readonly WindowAnchor[] } | undefined;
  nodes.forEach((node, index) => {
    if (node.kind === 'gap' || (node.kind === 'alternatives' && node.negated)) {
      return;
    }
    const runs = node.kind === 'bytes' ? [node] : node.options;
    const choices = runs.map((run) => bestWindow(run, use));
    const score = Math.min(...choices.map((choice) => choice?.score ?? Number.NEGATIVE_INFINITY)) - Math.log2(runs.length);
    if (score > (best?.score ?? Number.NEGATIVE_INFINITY)) {
      best = { score, anchors: choices.map((choice) => ({ key: choice!.key, node: index, offset: choice!.offset })) };
    }
  });
  best?.anchors.forEach(({ key }) => use.set(key, (use.get(key) ?? 0) + 1));
  return best?.anchors;
}

/** The four bytes at `at` as a key. */
export function windowKey(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

interface ScoredWindow {
  readonly score: number;
  readonly key: number;
  readonly offset: number;
}

function bestWindow(run: { readonly value: Uint8Array; readonly mask: Uint8Array }, use: WindowUse): ScoredWindow | undefined {
  let best: ScoredWindow | undefined;
  let exact = 0;
  for (let i = 0; i < run.value.length; i++) {
    exact = run.mask[i] === 0xff ? exact + 1 : 0;
    if (exact < windowBytes) {
      continue;
    }
    const offset = i - windowBytes + 1;
    const key = windowKey(run.value, offset);
    const score = rarityAt(run.value, offset) - sameness(key) - 3 * Math.log2(1 + (use.get(key) ?? 0));
    if (best === undefined || score > best.score) {
      best = { score, key, offset };
    }
  }
  return best;
}

function rarityAt(value: Uint8Array, offset: number): number {
  let rarity = 0;
  for (let i = offset; i < offset + windowBytes; i++) {
    rarity += byteRarity(value[i]!);
  }
  return rarity;
}

/** Four times one byte is padding in somebody's format, however rare the byte is. */
function sameness(key: number): number {
  return key === ((key << 8) | (key >>> 24)) ? 16 : 0;
}
