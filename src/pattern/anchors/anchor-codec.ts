/**
 * The section `anchors` of an agent pattern: which bytes of each signature a search is to look for, chosen by `compile`
 * with a histogram of ordinary files, for choosing takes longer than a hundred loads.
 *
 *   version u8 · inner gap varint · per signature: varint n, then per segment, in order, one anchor, or one for each
 *   alternative where the node is such: varint 32·node + 4·(words of the check, less one) + lane,
 *   varint offset, u8 distance + 64
 *
 * A segment is what stands between gaps wider than the inner gap. n is the number of anchors, 0 where some segment has no
 * strong one, or where the place of the body is not known from the beginning: such bodies are settled on load.
 */
import { ByteWriter } from '../bytes/byte-writer.js';
import type { ByteSignature, SignatureNode } from '../signature.js';
import type { ChosenAnchor } from './choose-anchors.js';
import { AnchorChooser, checkWordBytes, maxCheckBefore } from './choose-anchors.js';
import type { GramHistogram } from './gram-histogram.js';

/** Version of the section. */
export const anchorCodecVersion = 2;

/** A gap of at most this many bytes does not divide a body. */
export const innerGapBytes = 255;

/** Chooses and writes the anchors of these signatures. Without a histogram, by the rarity of single bytes. */
export function encodeAnchors(signatures: readonly ByteSignature[], histogram?: GramHistogram): Uint8Array {
  const chooser = new AnchorChooser(histogram);
  const out = new ByteWriter();
  out.u8(anchorCodecVersion);
  out.varint(innerGapBytes);
  for (const signature of signatures) {
    const anchors = anchorsOf(signature, chooser);
    out.varint(anchors.length);
    for (const { node, lane, offset, distance, checkBytes } of anchors) {
      out.varint(32 * node + 4 * (checkBytes / checkWordBytes - 1) + lane);
      out.varint(offset);
      out.u8(distance + maxCheckBefore);
    }
  }
  return out.finish();
}

function anchorsOf({ offset, nodes }: ByteSignature, chooser: AnchorChooser): ChosenAnchor[] {
  if (offset.kind !== 'any' && offset.kind !== 'start') {
    return [];
  }
  const anchors: ChosenAnchor[] = [];
  for (let from = 0; from < nodes.length; ) {
    const to = endOfSegment(nodes, from);
    const chosen = chooser.choose(nodes.slice(from, to));
    if (chosen === undefined) {
      return [];
    }
    for (const one of chosen) {
      anchors.push({ ...one, node: one.node + from });
    }
    from = to + 1;
  }
  return anchors;
}

/** Index after the last node of the segment that begins at `from`. */
export function endOfSegment(nodes: readonly SignatureNode[], from: number): number {
  const end = nodes.findIndex((node, i) => i >= from && node.kind === 'gap' && (node.max === undefined || node.max > innerGapBytes));
  return end < 0 ? nodes.length : end;
}
