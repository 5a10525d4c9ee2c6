/**
 * Strong anchors: eight exact bytes in a row, or four where there are no eight. Which ones decides what the whole scan
 * costs: those rarest in ordinary files, and not those that many other signatures have chosen already.
 * Four bytes alone are not rare enough: 10,000 literals taken from real files made 9 MB/s with four, 36 with eight.
 */
import type { SegmentNode } from '../verify/split.js';
import { byteRarities } from './byte-rarity.js';

/** Bytes of the two kinds of window. */
export type WindowWidth = 4 | 8;

/** Bytes that stand in every match of a segment (or in every match of one alternative), and where. */
export interface WindowAnchor {
  readonly width: WindowWidth;
  /** The first four bytes as a little-endian int32. */
  readonly low: number;
  /** The other four; 0 for a window of four bytes. */
  readonly high: number;
  /** Index of the node that holds them. */
  readonly node: number;
  /** From the beginning of the node to the first of the bytes. */
  readonly offset: number;
}

interface Run {
  readonly value: Uint8Array;
  readonly mask: Uint8Array;
}

interface ScoredWindow {
  readonly score: number;
  readonly low: number;
  readonly high: number;
  readonly offset: number;
}

/** What chooses windows for one set of signatures, one segment after the other. */
export class WindowChooser {
  readonly #rarities = byteRarities();
  /** How often windows were chosen so far, by a mix of their bytes. */
  readonly #use = new Map<number, number>();

  /** One anchor, or one for each alternative; undefined when no node has four exact bytes in all that it may match. */
  choose(nodes: readonly SegmentNode[]): readonly WindowAnchor[] | undefined {
    const anchors = this.#chooseOf(nodes, 8) ?? this.#chooseOf(nodes, 4);
    anchors?.forEach(({ low, high }) => this.#use.set(mix(low, high), (this.#use.get(mix(low, high)) ?? 0) + 1));
    return anchors;
  }

  #chooseOf(nodes: readonly SegmentNode[], width: WindowWidth): readonly WindowAnchor[] | undefined {
    let best: { readonly score: number; readonly anchors: readonly WindowAnchor[] } | undefined;
    nodes.forEach((node, index) => {
      if (node.kind === 'gap' || node.kind === 'class' || (node.kind === 'alternatives' && node.negated)) {
        return;
      }
      const runs: readonly Run[] = node.kind === 'bytes' ? [node] : node.options;
      const windows = runs.map((run) => this.#bestWindow(run, width)).filter((window) => window !== undefined);
      const score = Math.min(...windows.map((window) => window.score)) - Math.log2(runs.length);
      if (windows.length === runs.length && score > (best?.score ?? Number.NEGATIVE_INFINITY)) {
        best = { score, anchors: windows.map(({ low, high, offset }) => ({ width, low, high, node: index, offset })) };
      }
    });
    return best?.anchors;
  }

  #bestWindow({ value, mask }: Run, width: WindowWidth): ScoredWindow | undefined {
    let best: ScoredWindow | undefined;
    let exact = 0;
    let rarity = 0;
    for (let i = 0; i < value.length; i++) {
      exact = mask[i] === 0xff ? exact + 1 : 0;
      rarity = exact === 0 ? 0 : rarity + this.#rarities[value[i]!]! - (exact > width ? this.#rarities[value[i - width]!]! : 0);
      if (exact >= width && rarity > (best?.score ?? Number.NEGATIVE_INFINITY)) {
        const window = this.#score(value, { offset: i - width + 1, width, rarity });
        best = best === undefined || window.score > best.score ? window : best;
      }
    }
    return best;
  }

  #score(value: Uint8Array, at: { readonly offset: number; readonly width: WindowWidth; readonly rarity: number }): ScoredWindow {
    const low = int32At(value, at.offset);
    const high = at.width === 8 ? int32At(value, at.offset + 4) : 0;
    const used = this.#use.get(mix(low, high)) ?? 0;
    return { score: at.rarity - sameness(value, at) - 3 * Math.log2(1 + used), low, high, offset: at.offset };
  }
}

/** Four bytes as a little-endian int32. */
export function int32At(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function mix(low: number, high: number): number {
  return low ^ Math.imul(high, 0x85ebca6b);
}

/** One byte over and over, or two in turn, is padding in somebody's format, however rare the bytes are. */
function sameness(value: Uint8Array, { offset, width }: { readonly offset: number; readonly width: WindowWidth }): number {
  let same = 0;
  for (let i = offset + 2; i < offset + width; i++) {
    same += value[i] === value[i - 2] ? 1 : 0;
  }
  return 8 * same;
}
