/**
 * Anchors: exact bytes of a body by which a search finds it. Which ones decides what the whole scan costs: those
 * rarest in ordinary files, and not those that many other bodies have chosen already. First bytes instead of rare ones
 * make a tenth of the speed at 10,000 signatures (docs/matcher-design.md).
 */
import type { MaskedBytes, SignatureNode } from '../signature.js';
import { byteRarities } from './byte-rarity.js';
import type { GramHistogram } from './gram-histogram.js';

/** Exact bytes of an anchor, by lane. A letter in either case counts as exact. */
export const laneWidths = [8, 5, 4] as const;

/** Farthest that check bytes may begin before and after the first byte of their anchor. */
export const maxCheckBefore = 64;
export const maxCheckAfter = 63;

/** Check bytes are this many or a multiple of it, up to so many of them. */
export const checkWordBytes = 4;
export const maxCheckWords = 8;

/** Bytes that stand in every match of a stretch of nodes (or in every match of one alternative), and where. */
export interface ChosenAnchor {
  /** Index into `laneWidths`. */
  readonly lane: number;
  /** Index of the node, and of the alternative in it (0 for a run). */
  readonly node: number;
  readonly option: number;
  /** From the beginning of the run to the anchor. */
  readonly offset: number;
  /** From the anchor to more exact bytes of the run, which turn away nearly all that has only the anchor. */
  readonly distance: number;
  /** How many they are: 4, 8, … 32. */
  readonly checkBytes: number;
}

interface Scored {
  readonly score: number;
  readonly offset: number;
}

/** What chooses anchors for one set of bodies, one after the other. */
export class AnchorChooser {
  readonly #rarities = byteRarities();
  readonly #histogram: GramHistogram | undefined;
  /** How often anchors were chosen so far, by a mix of their bytes. */
  readonly #use = new Map<number, number>();

  /** Without a histogram, the rarity of single bytes has to do. */
  constructor(histogram?: GramHistogram) {
    this.#histogram = histogram;
  }

  /** One anchor, or one for each alternative; undefined when no node has four exact bytes in all that it may match. */
  choose(nodes: readonly SignatureNode[]): readonly ChosenAnchor[] | undefined {
    for (let lane = 0; lane < laneWidths.length; lane++) {
      const anchors = this.#chooseIn(nodes, lane);
      if (anchors !== undefined) {
        return anchors;
      }
    }
    return undefined;
  }

  #chooseIn(nodes: readonly SignatureNode[], lane: number): readonly ChosenAnchor[] | undefined {
    let best: { readonly score: number; readonly node: number; readonly places: readonly Scored[] } | undefined;
    nodes.forEach((node, index) => {
      const runs = runsOf(node);
      const places = runs.map((run) => this.#bestPlace(run, lane)).filter((place) => place !== undefined);
      const score = Math.min(...places.map((place) => place.score)) - Math.log2(Math.max(1, runs.length));
      if (runs.length > 0 && places.length === runs.length && score > (best?.score ?? Number.NEGATIVE_INFINITY)) {
        best = { score, node: index, places };
      }
    });
    if (best === undefined) {
      return undefined;
    }
    const { node, places } = best;
    const runs = runsOf(nodes[node]!);
    return places.map(({ offset }, option) => {
      const mix = mixOf(runs[option]!.value, offset, laneWidths[lane]!);
      this.#use.set(mix, (this.#use.get(mix) ?? 0) + 1);
      return { lane, node, option, offset, ...this.#check(runs[option]!, offset, lane) };
    });
  }

  #bestPlace(run: MaskedBytes, lane: number): Scored | undefined {
    const { value, mask } = run;
    const width = laneWidths[lane]!;
    let best: Scored | undefined;
    let exact = 0;
    let rarity = 0;
    for (let i = 0; i < value.length; i++) {
      exact = isExact(value[i]!, mask[i]!) ? exact + 1 : 0;
      rarity = exact === 0 ? 0 : rarity + this.#rarities[value[i]!]! - (exact > width ? this.#rarities[value[i - width]!]! : 0);
      if (exact >= width) {
        const offset = i - width + 1;
        const score = this.#rarityOf(value, { offset, lane, rarity }) - 3 * Math.log2(1 + (this.#use.get(mixOf(value, offset, width)) ?? 0));
        best = best === undefined || score > best.score ? { score, offset } : best;
      }
    }
    return best;
  }

  /** Higher is rarer; one more is half as common. */
  #rarityOf(value: Uint8Array, { offset, lane, rarity }: { readonly offset: number; readonly lane: number; readonly rarity: number }): number {
    if (this.#histogram === undefined) {
      return rarity - sameness(value, offset, laneWidths[lane]!);
    }
    let count = 0;
    for (let i = 0; i <= laneWidths[lane]! - 5; i++) {
      count += this.#histogram.countOf(value, offset + i);
    }
    return -4 * Math.log2(1 + count) + 0.125 * rarity - 0.125 * sameness(value, offset, laneWidths[lane]!);
  }

  /** The bytes that say most about the run beside the anchor, so that what has both is nearly always a match. */
  #check(run: MaskedBytes, anchor: number, lane: number): Pick<ChosenAnchor, 'distance' | 'checkBytes'> {
    const [from, to] = [Math.max(0, anchor - maxCheckBefore), Math.min(run.value.length, anchor + maxCheckAfter + maxCheckWords * checkWordBytes)];
    const said = this.#saidBy(run.value, { from, to, anchor, width: laneWidths[lane]! });
    let best = { score: -1, distance: 0, checkBytes: checkWordBytes };
    let exact = 0;
    for (let end = from + 1; end <= to; end++) {
      exact = isExact(run.value[end - 1]!, run.mask[end - 1]!) ? exact + 1 : 0;
      for (let checkBytes = checkWordBytes; checkBytes <= Math.min(exact, maxCheckWords * checkWordBytes); checkBytes += checkWordBytes) {
        const distance = end - checkBytes - anchor;
        const score = said[end - from]! - said[end - checkBytes - from]!;
        if (score > best.score && distance <= maxCheckAfter) {
          best = { score, distance, checkBytes };
        }
      }
    }
    return { distance: best.distance, checkBytes: best.checkBytes };
  }

  /** Sums of what the bytes from `from` on say: nothing those of the anchor, little those that repeat what stands before. */
  #saidBy(value: Uint8Array, { from, to, anchor, width }: { readonly from: number; readonly to: number; readonly anchor: number; readonly width: number }): number[] {
    const sums = [0];
    for (let i = from; i < to; i++) {
      const isAnchor = i >= anchor && i < anchor + width;
      const isRepeated = value[i] === value[i - 1] || value[i] === value[i - 2];
      sums.push(sums[i - from]! + (isAnchor ? 0 : this.#rarities[value[i]!]! * (isRepeated ? 0.125 : 1)));
    }
    return sums;
  }
}

/** True for a byte that has to be there, a letter in either case included: these are the bytes that anchors are made of. */
export function isExact(value: number, mask: number): boolean {
  return mask === 0xff || (mask === 0xdf && value >= 0x41 && value <= 0x5a);
}

/** The runs of a node that a match may have to show; none for a node that says little about its bytes. */
export function runsOf(node: SignatureNode): readonly MaskedBytes[] {
  switch (node.kind) {
    case 'bytes':
      return [node];
    case 'alternatives':
      return node.negated ? [] : node.options;
    case 'gap':
    case 'class':
      return [];
  }
}

function mixOf(value: Uint8Array, at: number, width: number): number {
  let mix = width;
  for (let i = at; i < at + width; i++) {
    mix = Math.imul(mix ^ value[i]!, 0x01000193);
  }
  return mix;
}

/** One byte over and over, or two in turn, is padding in somebody's format, however rare the bytes are. */
function sameness(value: Uint8Array, offset: number, width: number): number {
  let same = 0;
  for (let i = offset + 2; i < offset + width; i++) {
    same += value[i] === value[i - 2] ? 1 : 0;
  }
  return 8 * same;
}
