/**
 * Weak anchors, for segments without four exact bytes in a row: two neighbouring bytes, as a set of pairs where
 * nibbles or alternatives leave a choice. A lone byte takes every byte that may follow it into its pairs.
 */
import type { SegmentNode } from '../verify/split.js';
import { shareOf } from '../../pattern/anchors/byte-rarity.js';

/** Pairs one of which stands in every match of a segment, and where. */
export interface PairAnchor {
  /** First byte · 256 + second byte; unique, at most 65,536. */
  readonly pairs: readonly number[];
  readonly node: number;
  /** From the beginning of the node to the first byte of the pair. */
  readonly offset: number;
}

interface Run {
  readonly value: Uint8Array;
  readonly mask: Uint8Array;
}

interface Place {
  readonly offset: number;
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly share: number;
}

const allBytes: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte);

/** The anchor (one for each alternative) that ordinary files hit least, or undefined when it would need too many pairs. */
export function choosePairs(nodes: readonly SegmentNode[], maxPairs: number): readonly PairAnchor[] | undefined {
  let best: { readonly share: number; readonly anchors: readonly PairAnchor[] } | undefined;
  nodes.forEach((node, index) => {
    const places = placesOf(node);
    const share = places?.reduce((sum, place) => sum + place.share, 0) ?? Number.POSITIVE_INFINITY;
    const count = places?.reduce((sum, place) => sum + place.first.length * place.second.length, 0) ?? 0;
    if (places === undefined || count > maxPairs || (best !== undefined && share >= best.share)) {
      return;
    }
    best = { share, anchors: places.map((place) => ({ pairs: pairsOf(place), node: index, offset: place.offset })) };
  });
  return best?.anchors;
}

/** The best place in each run that the node may match; undefined when one of them has none. */
function placesOf(node: SegmentNode): readonly Place[] | undefined {
  if (node.kind === 'gap' || node.kind === 'class' || (node.kind === 'alternatives' && node.negated)) {
    return undefined;
  }
  const runs: readonly Run[] = node.kind === 'bytes' ? [node] : node.options;
  return runs.some((run) => run.value.length === 0) ? undefined : runs.map(bestPlace);
}

function bestPlace(run: Run): Place {
  const last = Math.max(1, run.value.length - 1);
  let best = placeAt(run, 0);
  for (let offset = 1; offset < last; offset++) {
    const place = placeAt(run, offset);
    best = place.share < best.share ? place : best;
  }
  return best;
}

function placeAt(run: Run, offset: number): Place {
  const first = bytesUnder(run, offset);
  const second = offset + 1 < run.value.length ? bytesUnder(run, offset + 1) : allBytes;
  return { offset, first, second, share: shareOf(first) * shareOf(second) };
}

function bytesUnder(run: Run, at: number): readonly number[] {
  const mask = run.mask[at]!;
  const wanted = run.value[at]! & mask;
  return mask === 0 ? allBytes : allBytes.filter((byte) => (byte & mask) === wanted);
}

function pairsOf(place: Place): number[] {
  return place.first.flatMap((first) => place.second.map((second) => first * 256 + second));
}
